"""Clocks say their instants, three quarters gone and the limit exceeded: once, and in opening hours."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from chassis.db import Scope
from contracts.events.ticketing import DeadlineApproaching, DeadlineMissed
from services.ticketing.commands.deadlines import say_due
from services.ticketing.commands.handling import take_in_charge
from tests.integration.ticketing.portal import NOW, Portal

Deadline = DeadlineApproaching | DeadlineMissed


BOTH: list[type[Deadline]] = [DeadlineApproaching, DeadlineMissed]


async def tick(portal: Portal, at: datetime, replicas: int = 1) -> None:
    """So many replicas look at the clocks at that instant, until nothing is due."""

    async def look() -> int:
        async with portal.db.transaction(Scope.portal()) as tx:
            return await say_due(tx, at)

    while sum(await asyncio.gather(*(look() for _ in range(replicas)))):
        pass


async def said(portal: Portal, customer: UUID) -> list[Deadline]:
    """What was said of this customer's clocks, in order."""
    return [
        event
        for event in await portal.said(customer)
        if isinstance(event, DeadlineApproaching | DeadlineMissed)
    ]


@pytest.fixture
async def ticket(portal: Portal) -> dict[str, Any]:
    """A ticket of plan open, registered on a Tuesday at 10:00 in Paris: due on Wednesday at 11:30."""
    await portal.set_time(NOW)
    return await portal.register(await portal.new_customer("open"))


DUE = datetime(2026, 3, 11, 10, 30, tzinfo=UTC)
"""Eight open hours: Tuesday 10:00-12:30 and 14:30-17:30, Wednesday 9:00-11:30."""
WARNED = datetime(2026, 3, 11, 8, 30, tzinfo=UTC)
"""Six of them: Wednesday 9:30."""


async def test_each_instant_is_said_once_however_many_replicas_look(
    portal: Portal, ticket: dict[str, Any]
) -> None:
    customer = UUID(ticket["customer_id"])
    await tick(portal, WARNED - timedelta(seconds=1))
    assert await said(portal, customer) == []
    for _ in range(3):
        await tick(portal, WARNED, replicas=4)
    (approaching,) = await said(portal, customer)
    assert isinstance(approaching, DeadlineApproaching)
    assert (approaching.reached_at, approaching.due_at) == (WARNED, DUE)
    await tick(portal, DUE, replicas=4)
    assert len(await said(portal, customer)) == 1
    for _ in range(3):
        await tick(portal, DUE + timedelta(seconds=1), replicas=4)
    _, missed = await said(portal, customer)
    assert isinstance(missed, DeadlineMissed)
    assert (missed.missed_at, missed.limit_open_seconds) == (DUE + timedelta(seconds=1), 28_800)
    assert (missed.clock, missed.reference) == ("take_charge", ticket["reference"])


async def test_what_was_taken_in_charge_is_never_said(portal: Portal, ticket: dict[str, Any]) -> None:
    taken = await portal.act(ticket, "take-charge")
    assert taken.status_code == 200, taken.text
    await tick(portal, DUE + timedelta(days=3))
    assert await said(portal, UUID(ticket["customer_id"])) == []


async def test_a_clock_that_ended_too_late_before_anybody_looked_is_said_to_be_missed_once(
    portal: Portal, ticket: dict[str, Any]
) -> None:
    """The take-charge came while the workers stood still: a warning is of no use any more."""
    customer = UUID(ticket["customer_id"])
    counted = {"clock": "take_charge", "event": "missed"}
    before = REGISTRY.get_sample_value("livret_ticket_deadlines_total", counted) or 0
    await portal.set_time(DUE + timedelta(minutes=5))
    taken = (await portal.act(ticket, "take-charge")).json()
    assert (taken["state"], taken["clocks"][0]["state"]) == ("in_charge", "missed")
    for _ in range(3):
        await tick(portal, DUE + timedelta(minutes=10), replicas=3)
    (missed,) = await said(portal, customer)
    assert isinstance(missed, DeadlineMissed)
    assert (missed.due_at, missed.missed_at) == (DUE, DUE + timedelta(seconds=1))
    assert REGISTRY.get_sample_value("livret_ticket_deadlines_total", counted) == before + 1


async def test_of_a_ticket_that_is_just_worked_on_nothing_is_said_before_that_is_done(
    portal: Portal, ticket: dict[str, Any]
) -> None:
    """The act came in time, and its transaction ends after the limit: it was no miss."""
    customer, ticket_id = UUID(ticket["customer_id"]), UUID(ticket["ticket_id"])
    async with portal.db.transaction(Scope.portal()) as tx:
        await take_in_charge(tx, customer, ticket_id, UUID(int=5), DUE)
        await tick(portal, DUE + timedelta(seconds=1), replicas=2)
    await tick(portal, DUE + timedelta(seconds=2))
    assert await said(portal, customer) == []


async def test_after_a_stop_all_is_said_in_its_order_at_the_next_opening(
    portal: Portal, ticket: dict[str, Any]
) -> None:
    customer = UUID(ticket["customer_id"])
    night = datetime(2026, 3, 11, 22, 0, tzinfo=UTC)
    lunch = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
    await tick(portal, night)
    await tick(portal, lunch)
    assert await said(portal, customer) == []
    await tick(portal, datetime(2026, 3, 12, 13, 30, tzinfo=UTC), replicas=3)
    assert [type(event) for event in await said(portal, customer)] == BOTH


async def test_a_limit_reached_at_closing_time_is_missed_at_the_next_opening(portal: Portal) -> None:
    """R1: four hours of plan private from Friday 13:00 end at 17:00; all weekend nothing is missed."""
    friday_13 = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
    await portal.set_time(friday_13)
    customer = await portal.new_customer("private")
    await portal.register(customer)
    closing = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
    await tick(portal, closing - timedelta(hours=1))
    for at in (closing, closing + timedelta(hours=20), datetime(2026, 3, 16, 8, 0, tzinfo=UTC)):
        await tick(portal, at)
        assert [type(event) for event in await said(portal, customer)] == [DeadlineApproaching]
    await tick(portal, datetime(2026, 3, 16, 8, 0, 1, tzinfo=UTC))
    _, missed = await said(portal, customer)
    assert isinstance(missed, DeadlineMissed)
    assert (missed.due_at, missed.missed_at) == (closing, datetime(2026, 3, 16, 8, 0, 1, tzinfo=UTC))


async def test_in_the_private_plans_hours_only_private_clocks_are_said(
    portal: Portal, ticket: dict[str, Any]
) -> None:
    await portal.set_time(NOW)
    private = await portal.new_customer("private")
    await portal.register(private)
    await tick(portal, datetime(2026, 3, 11, 12, 0, tzinfo=UTC))  # 13:00 in Paris: plan open is at lunch
    assert [type(event) for event in await said(portal, private)] == BOTH
    assert await said(portal, UUID(ticket["customer_id"])) == []


async def test_more_than_fits_at_once_is_said_at_the_next_look(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ticketing.commands.deadlines.AT_ONCE", 2)
    await portal.set_time(NOW)
    customer = await portal.new_customer()
    for _ in range(5):
        await portal.register(customer)
    await tick(portal, DUE + timedelta(seconds=1), replicas=3)
    assert len([e for e in await said(portal, customer) if isinstance(e, DeadlineMissed)]) == 5


async def test_a_suspended_clock_says_nothing_and_its_instants_move(
    portal: Portal, ticket: dict[str, Any]
) -> None:
    customer = UUID(ticket["customer_id"])
    path = f"/v1/customers/{customer}/support-suspensions"
    suspension = {"reason": "users_not_trained", "explanation": "No training since the update."}
    answer = await portal.agent.post(path, json=suspension, headers={"Idempotency-Key": str(customer)})
    assert answer.status_code == 201, answer.text
    await tick(portal, DUE + timedelta(seconds=1))
    assert await said(portal, customer) == []
