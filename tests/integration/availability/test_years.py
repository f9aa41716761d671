"""A customer's year: each of its months as that month says it by itself, and their sum."""

from datetime import date
from typing import Any
from uuid import UUID

from chassis.auth import Role
from tests.integration.availability.months import close, down, exclude, stand
from tests.integration.availability.portal import Portal


async def read(portal: Portal, customer: UUID, path: str) -> Any:
    """What the customer's administrator reads."""
    answer = await portal.firm(customer).get(f"/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_year_is_its_twelve_months_and_their_sum(portal: Portal) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer = await portal.new_customer(date(2026, 3, 1))
    await down(portal, "2026-03-31T19:00+02:00", "2026-04-01T08:00+02:00", [customer])
    await close(portal, "2026-05-02T09:00+02:00")
    await stand(portal, "2026-05-20T12:00+02:00")

    found = await read(portal, customer, "years/2026")

    states = [month["state"] for month in found["months"]]
    assert states == ["over"] * 2 + ["closed"] * 2 + ["running"] + ["to_come"] * 7
    assert found["unavailable_seconds"] == sum(m["unavailable_seconds"] for m in found["months"]) == 7200
    assert found["reference_seconds"] == sum(m["reference_seconds"] for m in found["months"])
    assert (found["months"][4]["kept"], found["months_kept"], found["months_not_kept"]) == (True, 2, 0)


async def test_each_month_of_a_year_is_what_it_says_by_itself(portal: Portal) -> None:
    """One was revised, some are over and not closed, one runs; the contract begins within the year."""
    await stand(portal, "2026-06-17T12:00+02:00")
    customer = await portal.new_customer(date(2026, 2, 10))
    await down(portal, "2026-02-09T12:00+01:00", "2026-02-10T09:30+01:00", [customer])
    await down(portal, "2026-03-31T19:00+02:00", "2026-04-01T08:00+02:00", [customer])
    await close(portal, "2026-04-02T09:00+02:00")
    await stand(portal, "2026-06-17T12:00+02:00")
    await down(portal, "2026-03-10T09:00+01:00", "2026-03-10T18:00+01:00", [customer])
    await close(portal, "2026-04-02T10:00+02:00")
    await stand(portal, "2026-06-17T12:00+02:00")
    await down(portal, "2026-05-29T12:00+02:00", "2026-06-02T09:00+02:00", [customer])
    await exclude(portal, "2026-05-29T14:00+02:00", "2026-06-01T08:30+02:00", [customer])
    await down(portal, "2026-06-17T11:00+02:00", None, [customer])

    year = await read(portal, customer, "years/2026")
    staff = await portal.of(Role.support_agent).get(f"/v1/customers/{customer}/years/2026")
    own = await read(portal, customer, "weather/own")

    states = [month["state"] for month in year["months"]]
    assert states == ["over", *["closed"] * 2, *["over"] * 2, "running", *["to_come"] * 6]
    for figures in year["months"]:
        month = await read(portal, customer, f"months/{figures['month']}")
        assert figures == {name: month[name] for name in figures}
    assert (staff.json(), own["month"]) == (year, year["months"][5])
