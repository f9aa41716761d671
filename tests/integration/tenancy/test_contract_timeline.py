"""Every date of a contract, past and to come, as JSON and as a calendar (article 16)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar

from chassis.auth import Role
from tests.integration.tenancy.contracts import TODAY, Customer, Registry
from tests.integration.tenancy.portal import slug_of


async def dates_of(one: Customer, **query: Any) -> list[tuple[str, str]]:
    """Days and kinds, in order."""
    answer = await one.timeline(**query)
    assert answer.status_code == 200, answer.text
    return [(item["on"], item["kind"]) for item in answer.json()["items"]]


async def events_of(one: Customer, **query: Any) -> dict[str, tuple[date, str]]:
    """The calendar's days and summaries by UID, parsed back."""
    answer = await one.timeline(format="ics", **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = {}
    events: list[Any] = Calendar.from_ical(answer.content).walk("VEVENT")
    for event in events:
        day = event["dtstart"].dt
        assert type(day) is date
        assert event["dtend"].dt == day + timedelta(days=1)
        assert event["dtstamp"].dt.tzinfo is not None
        found[str(event["uid"])] = (day, str(event["summary"]))
    return found


async def test_every_date_past_and_to_come_is_told(registry: Registry) -> None:
    one = await registry.customer(contract_starts_on="2025-01-31")
    assert await dates_of(one) == [
        ("2025-01-31", "contract_start"),
        ("2025-07-30", "last_notice_day"),
        ("2025-12-31", "last_price_revision_day"),
        ("2026-01-30", "period_end"),
        ("2026-01-31", "renewal"),
        ("2026-07-30", "last_notice_day"),
        ("2026-12-31", "last_price_revision_day"),
        ("2027-01-30", "period_end"),
        ("2027-01-31", "renewal"),
        ("2027-07-30", "last_notice_day"),
        ("2027-12-31", "last_price_revision_day"),
        ("2028-01-30", "period_end"),
        ("2028-01-31", "renewal"),
    ]
    told = (await one.timeline()).json()
    assert (told["today"], told["until"]) == ("2026-03-10", "2028-03-10")
    assert [item["passed"] for item in told["items"]] == [True] * 5 + [False] * 8


async def test_what_was_recorded_is_told_with_its_own_dates(registry: Registry) -> None:
    one = await registry.customer(contract_starts_on="2025-04-10")
    await one.end_trial(date(2025, 5, 2))
    assert (await one.revise("2026-03-09")).status_code == 201
    days = {"starts_on": "2026-05-01", "last_day": "2026-06-30", "reference": "Spring"}
    promoted: dict[str, Any] = days
    assert (await one.record("promotions", **promoted)).status_code == 201
    first = await one.notice("2026-03-01", "publisher")
    assert (await one.withdraw(first["notice_id"], "publisher")).status_code == 201
    second = await one.notice("2026-03-02", "customer")
    told = await dates_of(one, horizon_months=24)
    assert [each for each in told if each[1] not in ("last_notice_day", "last_price_revision_day")] == [
        ("2025-04-10", "contract_start"),
        ("2025-05-02", "trial_end"),
        ("2026-03-01", "non_renewal_posted"),
        ("2026-03-02", "non_renewal_posted"),
        ("2026-03-09", "price_revision_notified"),
        ("2026-03-10", "non_renewal_withdrawn"),
        ("2026-04-09", "period_end"),
        ("2026-04-10", "renewal"),
        ("2026-04-10", "price_revised"),
        ("2026-05-01", "promotion_start"),
        ("2026-06-30", "promotion_end"),
        ("2027-04-09", "contract_end"),
    ]
    posted = [item for item in (await one.timeline()).json()["items"] if item["kind"] == "non_renewal_posted"]
    assert [(item["party"], item["of"]) for item in posted] == [
        ("publisher", first["notice_id"]),
        ("customer", second["notice_id"]),
    ]
    assert posted[1]["summary"] == "Notice of non-renewal by the customer"


async def test_the_publisher_reads_the_same(registry: Registry) -> None:
    one = await registry.customer()
    answer = await registry.of(Role.operations).get(f"{one.path}/timeline", headers={"Accept-Language": "en"})
    assert answer.json() == (await one.timeline()).json()
    absent = await registry.of(Role.operations).get(f"/v1/customers/{uuid4()}/contract/timeline")
    assert (absent.status_code, slug_of(absent)) == (404, "customer-unknown")


@pytest.mark.parametrize(
    ("accepted", "language", "summary"),
    [
        ("en", "en", "The contract begins"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr", "Début du contrat"),
        ("fr;q=0.5, en-GB;q=0.8", "en", "The contract begins"),
        ("de,en;q=0.1", "en", "The contract begins"),
        ("de", "fr", "Début du contrat"),
        ("en;q=0", "fr", "Début du contrat"),
        ("en;q=x", "fr", "Début du contrat"),
        ("", "fr", "Début du contrat"),
    ],
)
async def test_dates_are_told_in_french_or_english(
    registry: Registry, accepted: str, language: str, summary: str
) -> None:
    one = await registry.customer()
    answer = await one.timeline(language=accepted)
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.json()["items"][0]["summary"] == summary
    assert (date(2026, 1, 31), summary) in (await events_of(one, language=accepted)).values()


async def test_the_calendar_tells_every_date_of_the_timeline(registry: Registry) -> None:
    one = await registry.customer(contract_starts_on="2025-04-10")
    await one.notice("2026-03-01")
    told = (await one.timeline()).json()["items"]
    found = await events_of(one)
    assert sorted(found.values()) == sorted(
        (date.fromisoformat(each["on"]), each["summary"]) for each in told
    )


async def test_a_uid_stays_with_its_date(registry: Registry) -> None:
    one = await registry.customer(contract_starts_on="2025-04-10")
    before = await events_of(one)
    await registry.live_on(date(2026, 5, 1))
    await registry.renew()
    later = await events_of(one, language="fr")
    assert before.keys() <= later.keys()
    assert {uid: day for uid, (day, _) in before.items()} == {uid: later[uid][0] for uid in before}
    other = await events_of(await registry.customer(contract_starts_on="2025-04-10"))
    assert not before.keys() & other.keys()


async def test_a_horizon_and_a_format_have_their_bounds(registry: Registry) -> None:
    one = await registry.customer()
    assert await dates_of(one, horizon_months=1) == [("2026-01-31", "contract_start")]
    for query in ({"horizon_months": 0}, {"horizon_months": 601}, {"format": "csv"}):
        assert slug_of(await one.timeline(**query)) == "input-refused"


async def test_the_calendar_ends_with_the_years(registry: Registry) -> None:
    one = await registry.customer(contract_starts_on="9998-01-01")
    await registry.live_on(date(9999, 6, 1))
    assert (await dates_of(one, horizon_months=600))[-1] == ("9999-12-31", "period_end")
    found = await one.timeline(format="ics", horizon_months=600)
    assert found.status_code == 200
    await registry.live_on(TODAY)
