"""What one service decides moves the promises of another: a plan's hours, a clock, a share, a month's rate.

On both buses, through the doors alone.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Scope
from contracts.events import Event, decode
from contracts.events.availability import AvailabilityBelowCommitment, AvailabilityMonthClosed
from contracts.events.ticketing import DeadlineMissed
from tests.e2e import town as steps
from tests.e2e.town import NOW, Town, answered
from tests.support.callers import once

TICKET = {"description": {"subject": "Quotes cannot be saved", "context": "Since this morning."}}


@pytest.fixture
async def customer(town: Town) -> UUID:
    """A firm of plan open, known everywhere, on Tuesday at 10:00 in Paris."""
    await town.set_time(NOW)
    customer = await steps.register_firm(town, f"cabinet-{uuid4().hex[:12]}")
    await town.drain()
    return customer


async def said(town: Town, service: str, customer: UUID) -> list[Event]:
    """What a service said of this customer, in order."""
    async with town.residents[service].db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(text("SELECT type, data FROM outbox ORDER BY id"))
    events = [decode(row.type, row.data.encode()) for row in rows]
    return [event for event in events if getattr(event, "customer_id", None) == customer]


async def ask(town: Town, customer: UUID, status: int = 201, **told: Any) -> Any:
    """The firm's administrator registers a ticket."""
    firm = town.of("ticketing", Role.firm_admin, customer)
    return await answered(firm.post("/v1/tickets", json=TICKET | told, headers=once()), status)


async def change_plan(town: Town, customer: UUID, plan: str) -> None:
    """The publisher changes the customer's plan, and everybody knows."""
    publisher = town.of("tenancy", Role.publisher_admin)
    path = f"/v1/customers/{customer}/support-plan"
    await answered(publisher.put(path, json={"plan": plan}, headers={"If-Match": "*"}), 200)
    await town.drain()


async def test_a_plan_decides_new_tickets_and_those_there_keep_theirs(town: Town, customer: UUID) -> None:
    before = await ask(town, customer)
    await change_plan(town, customer, "private")
    after = await ask(town, customer)
    limits = [each["clocks"][0]["limit_open_seconds"] for each in (before, after)]
    assert limits == [28_800, 14_400]
    firm = town.of("ticketing", Role.firm_admin, customer)
    kept = await answered(firm.get(f"/v1/tickets/{before['ticket_id']}"), 200)
    assert (kept["plan"], kept["terms"]) == ("open", before["terms"])
    assert kept["clocks"][0]["due_at"] == before["clocks"][0]["due_at"]
    await change_plan(town, customer, "connect")
    refused = await ask(town, customer, 409)
    assert (refused["type"].rsplit(":", 1)[1], refused["clause"]) == ("plan-without-support", "13.2-a")


async def test_a_missed_clock_is_said_and_is_in_the_years_share(town: Town, customer: UUID) -> None:
    taken, missed = await ask(town, customer), await ask(town, customer)
    agent = town.of("ticketing", Role.support_agent)
    path = f"/v1/customers/{customer}/tickets/{taken['ticket_id']}/take-charge"
    await answered(agent.post(path, headers={"If-Match": "*"}), 200)
    due = datetime.fromisoformat(missed["clocks"][0]["due_at"])
    await town.set_time(due + timedelta(seconds=5))
    await town.tick("ticketing")
    (said_missed,) = [
        event for event in await said(town, "ticketing", customer) if isinstance(event, DeadlineMissed)
    ]
    assert said_missed.reference == missed["reference"]
    firm = town.of("ticketing", Role.firm_admin, customer)
    share = await answered(firm.get("/v1/compliance"), 200)
    assert share["years"][-1]["share"] == {
        "kept": 1,
        "missed": 1,
        "rate": "50.000",
        "commitment_kept": False,
    }


async def test_a_month_is_lost_within_it_and_closed_after_it(town: Town, customer: UUID) -> None:
    operations = town.of("availability", Role.operations)
    outage = {
        "title": "Nobody can log in",
        "known_from": "The login page's log.",
        "starts_at": "2026-03-10T09:00:00+01:00",
        "ends_at": "2026-03-10T10:00:00+01:00",
        "customer_ids": [str(customer)],
    }
    await answered(operations.post("/v1/record/outages", json=outage, headers=once()), 201)
    second = outage | {"starts_at": "2026-03-09T09:00:00+01:00", "ends_at": "2026-03-09T11:00:00+01:00"}
    await answered(operations.post("/v1/record/outages", json=second, headers=once()), 201)
    await town.tick("availability")
    (lost,) = [
        event
        for event in await said(town, "availability", customer)
        if isinstance(event, AvailabilityBelowCommitment)
    ]
    assert (lost.month, lost.unavailable_seconds) == ("2026-03", 3 * 3600)
    await town.set_time(datetime(2026, 4, 1, 6, 0, tzinfo=UTC))
    await town.tick("availability")
    (closed,) = [
        event
        for event in await said(town, "availability", customer)
        if isinstance(event, AvailabilityMonthClosed) and event.month == "2026-03"
    ]
    reference = 22 * 13 * 3600
    assert (closed.reference_seconds, closed.unavailable_seconds) == (reference, 3 * 3600)
    assert (closed.rate, closed.kept, closed.revision) == ("98.951", False, 1)
    firm = town.of("availability", Role.firm_admin, customer)
    month = await answered(firm.get("/v1/months/2026-03"), 200)
    assert (month["rate"], month["state"]) == ("98.951", "closed")
