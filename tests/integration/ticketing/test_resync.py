"""What ticketing says again is what it said: the same words, in the same order, as often as it is asked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.db import Scope
from contracts.events import Event
from contracts.events.ticketing import DeadlineApproaching, DeadlineMissed
from services.ticketing.commands.deadlines import say_due
from services.ticketing.resync import resync
from tests.integration.ticketing.portal import NOW, Portal
from tests.support.callers import once

CRITICALITY_1 = {"departs": True, "reproducible": True, "essential": True, "workaround": False}
CRITICALITY_2 = {"departs": True, "reproducible": True, "essential": True, "workaround": True}


async def said_again(portal: Portal, customer: UUID) -> list[Event]:
    """What a resync says of this customer."""
    async with portal.db.transaction(Scope.portal()) as tx:
        return [event async for event in resync(tx) if getattr(event, "customer_id", None) == customer]


async def live(portal: Portal, ticket: dict[str, Any], deeds: list[tuple[str, dict[str, Any]]]) -> None:
    """Half an hour goes by before each deed."""
    for deed, body in deeds:
        await portal.set_time(portal.clock.business_now() + timedelta(minutes=30))
        done = await portal.act(ticket, deed, **body)
        assert done.status_code == 200, (deed, done.text)


async def test_tickets_say_again_what_they_said(portal: Portal) -> None:
    await portal.set_time(NOW)
    customer = await portal.new_customer("private")
    grave = await portal.register(customer)
    answered: list[tuple[str, dict[str, Any]]] = [
        ("take-charge", {}),
        ("reproduction", {}),
        ("qualification", CRITICALITY_1 | {"inoperative": True}),
        ("wait", {}),
        ("corrective-plan", {"plan": "A fix on Friday."}),
        ("requalification", CRITICALITY_2 | {"inoperative": True, "explanation": "One can print first."}),
        ("fix", {"workaround": True, "explanation": "Print first."}),
        ("closing", {}),
    ]
    await live(portal, grave, answered)
    left = await portal.register(customer)
    scope = {"left_out": "out_of_scope", "scope": "user_training", "explanation": "How to use it."}
    deeds = [
        ("leaving-out", scope),
        ("leaving-out/withdrawal", {"explanation": "It was more than that."}),
        ("leaving-out", scope),
    ]
    await live(portal, left, deeds)
    asked = await portal.register(customer, kind="customer_service")
    async with portal.db.transaction(Scope.portal()) as tx:
        await say_due(tx, NOW + timedelta(days=3))
    told = await portal.said(customer)
    lasting = [event for event in told if not isinstance(event, DeadlineApproaching | DeadlineMissed)]
    again = await said_again(portal, customer)
    for ticket in (grave, left, asked):
        ticket_id = UUID(ticket["ticket_id"])
        of_it = [event for event in again if getattr(event, "ticket_id", None) == ticket_id]
        assert of_it == [event for event in lasting if getattr(event, "ticket_id", None) == ticket_id]
        assert len(of_it) >= 2
    assert await said_again(portal, customer) == again
    assert len(again) == len(lasting)


async def test_suspensions_say_again_that_they_began_and_ended(portal: Portal) -> None:
    await portal.set_time(NOW)
    customer = await portal.new_customer()
    path = f"/v1/customers/{customer}/support-suspensions"
    reason = {"reason": "users_not_trained", "explanation": "No training since the update."}
    begun = await portal.agent.post(path, json=reason, headers=once())
    assert begun.status_code == 201, begun.text
    await portal.agent.post(f"{path}/{begun.json()['suspension_id']}/resumption")
    assert await said_again(portal, customer) == await portal.said(customer)
