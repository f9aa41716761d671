"""The term of a contract over HTTP: renewals, notices of non-renewal, withdrawals (article 16)."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Scope
from chassis.resync import resync
from contracts.events.tenancy import (
    ContractEnded,
    NonRenewalNotified,
    NonRenewalWithdrawn,
    PriceRevisionNotified,
    SubscriptionRenewed,
)
from services.tenancy.app import SERVICE
from tests.integration.tenancy.contracts import TODAY, Registry, keeping, refused
from tests.integration.tenancy.portal import customer, slug_of
from tests.support.callers import once
from tests.support.postgres import DatabaseMaker


def periods(events: list[Any]) -> list[int]:
    """The periods whose renewal was said, in order."""
    return [event.period for event in events if isinstance(event, SubscriptionRenewed)]


async def test_a_contract_is_read_by_its_firm_and_by_the_publisher(registry: Registry) -> None:
    one = await registry.customer()
    own = await one.read()
    assert own == (await registry.of(Role.support_agent).get(one.path)).json()
    assert own["state"] == "active"
    assert own["period"] == {
        "number": 1,
        "starts_on": "2026-01-31",
        "last_day": "2027-01-30",
        "last_notice_day": "2026-07-30",
        "last_price_revision_day": "2026-12-31",
    }
    assert (own["renewals"], own["ends_on"], own["in_trial"]) == (0, None, True)


async def test_a_contract_that_is_still_to_begin_shows_its_first_period(registry: Registry) -> None:
    one = await registry.customer(contract_starts_on="2026-04-01", term_months=1)
    assert (await one.read())["period"]["starts_on"] == "2026-04-01"


async def test_a_term_beyond_the_calendar_is_refused_at_registration(registry: Registry) -> None:
    sent = customer(f"cabinet-{uuid4().hex[:8]}", contract_starts_on="9999-01-02")
    answer = await registry.of(Role.publisher_admin).post("/v1/customers", json=sent, headers=once())
    assert refused(answer) == (422, "beyond-the-calendar", "16-a")


async def test_the_contract_of_nobody_is_not_there(registry: Registry) -> None:
    answer = await registry.of(Role.billing).get(f"/v1/customers/{uuid4()}/contract")
    assert (answer.status_code, slug_of(answer)) == (404, "customer-unknown")


async def test_a_renewal_is_said_once_on_its_day_however_many_work(registry: Registry) -> None:
    one = await registry.customer()
    await registry.live_on(date(2027, 1, 30))
    await registry.renew()
    assert await one.said() == []
    await registry.live_on(date(2027, 1, 31))
    await registry.renew(replicas=4)
    await registry.renew(replicas=4)
    (event,) = await one.said()
    assert isinstance(event, SubscriptionRenewed)
    assert (event.period, event.starts_on, event.last_day) == (2, date(2027, 1, 31), date(2028, 1, 30))
    assert event.renewed_at.isoformat() == "2027-01-30T23:00:00+00:00"
    assert ((await one.read())["period"]["number"], (await one.read())["renewals"]) == (2, 1)


async def test_a_clock_that_jumps_over_periods_says_each_in_order(registry: Registry) -> None:
    one = await registry.customer(term_months=1)
    await registry.live_on(date(2036, 2, 1))
    for _ in range(3):
        await registry.renew(replicas=3)
    said = await one.said()
    assert periods(said) == list(range(2, 122))
    assert [event.starts_on for event in said if isinstance(event, SubscriptionRenewed)][:3] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    await registry.live_on(TODAY)
    await registry.renew()
    assert len(await one.said()) == len(said)


@pytest.mark.parametrize("party", ["customer", "publisher"])
async def test_a_notice_in_time_ends_the_contract_with_its_period(registry: Registry, party: str) -> None:
    one = await registry.customer(contract_starts_on="2025-07-10")
    notice = await one.notice("2026-01-09", party)
    assert (notice["last_day"], notice["late"]) == ("2026-07-09", False)
    (event,) = await one.said()
    assert isinstance(event, NonRenewalNotified)
    assert (event.party, event.last_day, event.late) == (party, date(2026, 7, 9), False)
    await registry.live_on(date(2026, 7, 9))
    await registry.renew()
    assert (await one.read())["state"] == "active"
    await registry.live_on(date(2030, 1, 1))
    await registry.renew(replicas=3)
    ended = (await one.said())[-1]
    assert isinstance(ended, ContractEnded)
    assert (ended.last_day, ended.ended_at.isoformat()) == (date(2026, 7, 9), "2026-07-09T22:00:00+00:00")
    shown = await one.read()
    assert (shown["state"], shown["ends_on"], shown["period"]["number"]) == ("ended", "2026-07-09", 1)
    assert periods(await one.said()) == []


async def test_a_late_notice_counts_for_the_next_end_and_says_so(registry: Registry) -> None:
    one = await registry.customer(contract_starts_on="2025-07-10")
    notice = await one.notice("2026-01-10")
    assert (notice["last_day"], notice["late"]) == ("2027-07-09", True)
    await registry.live_on(date(2028, 1, 1))
    await registry.renew()
    assert [type(event) for event in await one.said()] == [
        NonRenewalNotified,
        SubscriptionRenewed,
        ContractEnded,
    ]


async def test_the_earlier_of_two_notices_ends_the_contract(registry: Registry) -> None:
    one = await registry.customer(contract_starts_on="2025-07-10")
    await one.notice("2026-01-10", "publisher")
    await one.notice("2026-01-09", "customer")
    assert (await one.read())["ends_on"] == "2026-07-09"


async def test_a_notice_posted_in_time_and_recorded_after_the_renewal_governs(registry: Registry) -> None:
    """A notice is dated by its posting (R12)."""
    one = await registry.customer(contract_starts_on="2025-03-01")
    await registry.renew()
    notice = await one.notice("2025-08-28")
    assert (notice["last_day"], notice["late"]) == ("2026-02-28", False)
    await registry.renew()
    assert [type(event) for event in await one.said()] == [
        SubscriptionRenewed,
        NonRenewalNotified,
        ContractEnded,
    ]


async def test_a_withdrawn_notice_lets_the_contract_be_renewed(registry: Registry) -> None:
    one = await registry.customer(contract_starts_on="2025-07-10")
    notice = await one.notice("2026-01-09")
    await registry.live_on(date(2026, 7, 9))
    answer = await one.withdraw(notice["notice_id"])
    assert (answer.status_code, answer.json()["ends_on"]) == (201, None)
    assert answer.json()["notices"][0]["withdrawn_reason"] == "We stay."
    await registry.live_on(date(2026, 7, 10))
    await registry.renew()
    assert [type(event) for event in await one.said()] == [
        NonRenewalNotified,
        NonRenewalWithdrawn,
        SubscriptionRenewed,
    ]
    again = await one.notice("2026-07-10")
    assert again["last_day"] == "2027-07-09"


class TestNoticesRefused:
    """Each "no" about notices of non-renewal, by its name."""

    async def test_one_that_is_still_to_be_posted(self, registry: Registry) -> None:
        one = await registry.customer()
        sent: dict[str, Any] = {"party": "customer", "letter_reference": "1A", "posted_on": "2026-03-11"}
        answer = await one.record("notices", **sent)
        assert (answer.status_code, slug_of(answer)) == (422, "not-yet-there")

    async def test_a_second_one_of_the_same_party(self, registry: Registry) -> None:
        one = await registry.customer()
        await one.notice("2026-03-01")
        sent: dict[str, Any] = {"party": "customer", "letter_reference": "2A", "posted_on": "2026-03-02"}
        assert refused(await one.record("notices", **sent)) == (
            409,
            "non-renewal-notified-already",
            "16-c",
        )

    async def test_one_of_a_contract_that_has_ended(self, registry: Registry) -> None:
        one = await registry.customer(contract_starts_on="2025-03-01")
        await one.notice("2025-08-28")
        sent: dict[str, Any] = {"party": "publisher", "letter_reference": "2A", "posted_on": "2026-03-02"}
        for _ in range(2):
            assert refused(await one.record("notices", **sent)) == (409, "contract-over", "16-a")
            await registry.renew()

    async def test_a_withdrawal_of_nothing_by_the_other_party_twice_or_too_late(
        self, registry: Registry
    ) -> None:
        one = await registry.customer(contract_starts_on="2025-07-10")
        assert slug_of(await one.withdraw(str(uuid4()))) == "notice-unknown"
        first = (await one.notice("2026-01-09"))["notice_id"]
        assert refused(await one.withdraw(first, "publisher")) == (409, "notice-of-the-other-party", "16-c")
        assert (await one.withdraw(first)).status_code == 201
        assert refused(await one.withdraw(first)) == (409, "notice-withdrawn-already", "16-c")
        second = (await one.notice("2026-01-09"))["notice_id"]
        await registry.live_on(date(2026, 7, 10))
        assert refused(await one.withdraw(second)) == (409, "notice-took-effect", "16-c")


async def test_what_is_recorded_is_in_the_customers_audit_trail(registry: Registry) -> None:
    one = await registry.customer()
    await one.notice("2026-03-01")
    query = text("SELECT action, details FROM audit_trail WHERE action = 'record_non_renewal'")
    async with registry.db.transaction(Scope.customer(one.customer_id)) as tx:
        (line,) = await tx.fetch_all(query)
    assert line.details["last_day"] == "2027-01-30"
    assert line.details["posted_on"] == "2026-03-01"


async def test_a_contract_is_said_again_as_it_stands(database: DatabaseMaker) -> None:
    async with keeping(database("tenancy")) as alone:
        await alone.live_on(TODAY)
        one = await alone.customer_out_of_trial()
        notice = await one.notice("2025-10-10")
        await one.withdraw(notice["notice_id"])
        await one.revise("2026-03-10")
        await alone.live_on(date(2026, 4, 10))
        await alone.renew()
        await one.notice("2026-04-10")
        await alone.live_on(date(2028, 1, 1))
        await alone.renew()
        first = await one.said()
        await resync(alone.db, SERVICE)
        told = (await one.said())[len(first) :]
    assert [type(event) for event in told] == [
        SubscriptionRenewed,
        NonRenewalNotified,
        NonRenewalWithdrawn,
        NonRenewalNotified,
        PriceRevisionNotified,
        ContractEnded,
    ]
    assert [event for event in told if event not in first] == []
