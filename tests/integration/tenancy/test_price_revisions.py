"""Price revisions and promotional prices over HTTP: in time, from a renewal on, never in a trial (16-b)."""

from datetime import date
from typing import Any

import pytest

from contracts.events.tenancy import PriceRevisionNotified
from tests.integration.tenancy.contracts import Registry, refused
from tests.integration.tenancy.portal import slug_of


async def test_a_price_revision_in_time_holds_from_the_next_renewal(registry: Registry) -> None:
    one = await registry.customer_out_of_trial()
    answer = await one.revise("2026-03-10")
    assert answer.status_code == 201, answer.text
    (shown,) = answer.json()["price_revisions"]
    assert (shown["effective_on"], shown["period"], shown["percent"]) == ("2026-04-10", 2, "2.500")
    (event,) = await one.said()
    assert isinstance(event, PriceRevisionNotified)
    assert (event.effective_on, event.period) == (date(2026, 4, 10), 2)
    assert (await one.read())["price_revision_id"] is None
    await registry.live_on(date(2026, 4, 10))
    assert (await one.read())["price_revision_id"] == shown["revision_id"]


async def test_a_price_revision_too_late_names_the_renewal_that_one_may_ask_for(registry: Registry) -> None:
    one = await registry.customer_out_of_trial()
    await registry.live_on(date(2026, 3, 11))
    answer = await one.revise("2026-03-11")
    assert refused(answer) == (409, "price-revision-too-late", "16-b")
    assert "2027-04-10" in answer.json()["detail"]
    assert (await one.revise("2026-03-11", "2027-04-10")).status_code == 201
    again = await one.revise("2026-03-11", "2027-04-10")
    assert refused(again) == (409, "price-revised-already", "16-b")


class TestPricesRefused:
    """Each "no" about price revisions and promotional prices, by its name."""

    async def test_in_the_trial(self, registry: Registry) -> None:
        one = await registry.customer()
        assert refused(await one.revise("2026-03-10")) == (409, "price-revision-in-trial", "16-b")
        await one.end_trial(date(2026, 3, 10))
        assert refused(await one.revise("2026-03-09")) == (409, "price-revision-in-trial", "16-b")
        assert (await one.revise("2026-03-10")).status_code == 201

    @pytest.mark.parametrize(
        ("starts_on", "last_day"), [("2026-03-10", "2026-03-10"), ("2026-04-10", "2026-12-31")]
    )
    async def test_at_a_promotional_price(self, registry: Registry, starts_on: str, last_day: str) -> None:
        one = await registry.customer_out_of_trial()
        days: dict[str, Any] = {"starts_on": starts_on, "last_day": last_day, "reference": "Spring"}
        promoted = await one.record("promotions", **days)
        assert promoted.status_code == 201
        assert promoted.json()["promotions"][0]["last_day"] == last_day
        assert refused(await one.revise("2026-03-10")) == (409, "price-revision-in-promotion", "16-b")
        assert refused(await one.record("promotions", **days)) == (409, "promotion-overlaps", "16-b")

    async def test_on_a_day_that_is_no_renewal_or_is_still_to_come(self, registry: Registry) -> None:
        one = await registry.customer_out_of_trial()
        for day in ("2026-04-11", "2025-04-10", "2020-01-01"):
            assert refused(await one.revise("2026-03-10", day)) == (422, "not-a-renewal", "16-b")
        assert slug_of(await one.revise("2026-03-11")) == "not-yet-there"

    async def test_after_the_end_and_of_a_contract_that_ended(self, registry: Registry) -> None:
        one = await registry.customer_out_of_trial()
        await one.notice("2025-10-09")
        assert refused(await one.revise("2026-03-10")) == (409, "no-such-renewal", "16-b")
        await registry.live_on(date(2026, 4, 10))
        assert refused(await one.revise("2026-03-10")) == (409, "contract-over", "16-a")
        days: dict[str, Any] = {"starts_on": "2026-05-01", "last_day": "2026-06-30", "reference": "Spring"}
        assert refused(await one.record("promotions", **days)) == (409, "contract-over", "16-a")

    async def test_a_promotion_that_ends_before_it_starts(self, registry: Registry) -> None:
        one = await registry.customer()
        days: dict[str, Any] = {"starts_on": "2026-05-01", "last_day": "2026-04-30", "reference": "Spring"}
        assert refused(await one.record("promotions", **days)) == (422, "promotion-backwards", "16-b")

    async def test_a_revision_that_says_neither_how_much_nor_what(self, registry: Registry) -> None:
        one = await registry.customer()
        answer = await one.record("price-revisions", notified_on="2026-03-10")
        assert (answer.status_code, slug_of(answer)) == (422, "input-refused")
