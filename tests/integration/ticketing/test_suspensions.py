"""Suspending support: clocks stand still, open tickets are set apart, new ones refused, until it resumes."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.events.ticketing import SupportResumed, SupportSuspended
from services.ticketing.commands import suspensions
from tests.integration.ticketing.portal import NOW, Portal, problem
from tests.support.callers import once

HOUR = timedelta(hours=1)
UNTRAINED = {"reason": "users_not_trained", "explanation": "Nobody followed the training of version 5."}


async def suspend(portal: Portal, customer: UUID) -> httpx.Response:
    """The agent suspends that customer's support."""
    place = f"/v1/customers/{customer}/support-suspensions"
    return await portal.agent.post(place, json=UNTRAINED, headers=once())


async def resume(portal: Portal, customer: UUID, suspension: dict[str, Any]) -> httpx.Response:
    """The agent resumes it."""
    place = f"/v1/customers/{customer}/support-suspensions/{suspension['suspension_id']}/resumption"
    return await portal.agent.post(place)


async def take_charge_clock(portal: Portal, ticket: dict[str, Any]) -> dict[str, Any]:
    """The first clock as it reads now."""
    clock: dict[str, Any] = (await portal.read(ticket))["clocks"][0]
    return clock


async def test_clocks_stand_still_and_due_instants_move_by_what_was_lost(portal: Portal) -> None:
    await portal.set_time(NOW)
    customer = await portal.new_customer()
    ticket = await portal.register(customer)
    due = datetime.fromisoformat(ticket["clocks"][0]["due_at"])
    await portal.set_time(NOW + HOUR)
    suspension = (await suspend(portal, customer)).json()
    await portal.set_time(NOW + 2 * HOUR)
    clock = await take_charge_clock(portal, ticket)
    assert (clock["state"], clock["elapsed_open_seconds"]) == ("suspended", 3_600)
    assert clock["remaining_open_seconds"] == 25_200
    assert datetime.fromisoformat(clock["due_at"]) == due + HOUR
    assert (await portal.read(ticket))["nearest_due_at"] is None
    await resume(portal, customer, suspension)
    await portal.set_time(NOW + 2 * HOUR + timedelta(minutes=10))
    clock = await take_charge_clock(portal, ticket)
    assert (clock["state"], clock["elapsed_open_seconds"]) == ("running", 4_200)
    shown = await portal.read(ticket)
    assert datetime.fromisoformat(shown["nearest_due_at"]) == due + HOUR
    history = (await portal.firm(customer).get(f"/v1/tickets/{ticket['ticket_id']}/history")).json()
    assert [each["what"] for each in history["items"][2:]] == ["support_suspended", "support_resumed"]
    await portal.set_time(NOW)


async def test_what_was_missed_before_it_is_missed_during_it_too_and_counts_so_beside_the_share(
    portal: Portal,
) -> None:
    await portal.set_time(NOW)
    customer = await portal.new_customer()
    ticket = await portal.register(customer)
    due = datetime.fromisoformat(ticket["clocks"][0]["due_at"])
    await portal.set_time(due + timedelta(seconds=1))
    await suspend(portal, customer)
    await portal.set_time(due + HOUR)
    clock = await take_charge_clock(portal, ticket)
    assert (clock["state"], clock["elapsed_open_seconds"]) == ("missed", 28_801)
    (year,) = (await portal.firm(customer).get("/v1/compliance")).json()["years"]
    assert (year["set_apart"], year["share"]["rate"], year["with_set_apart"]["missed"]) == (1, None, 1)
    await portal.set_time(NOW)


async def test_open_tickets_are_set_apart_and_closed_ones_are_not_touched(portal: Portal) -> None:
    customer, other = await portal.new_customer(), await portal.new_customer()
    opened, closed = await portal.register(customer), await portal.register(customer)
    elsewhere, service = (
        await portal.register(other),
        await portal.register(customer, kind="customer_service"),
    )
    blamed = await portal.register(customer)
    await portal.act(blamed, "setting-apart", explanation="Prerequisites.")
    await portal.act(closed, "take-charge")
    await portal.act(closed, "closing")
    before = [await portal.read(each) for each in (closed, elsewhere, service)]
    await suspend(portal, customer)
    apart = (await portal.read(opened))["set_apart"]
    assert (apart["kind"], apart["explanation"]) == ("support_suspended", UNTRAINED["explanation"])
    assert (await portal.read(blamed))["set_apart"]["kind"] == "duty_not_met"
    refused = await portal.act(opened, "setting-apart/withdrawal", explanation="It was met.")
    assert problem(refused) == (409, "not-set-apart", "13.2-g")
    back = await portal.act(blamed, "setting-apart/withdrawal", explanation="They were met.")
    assert back.json()["set_apart"] == apart
    assert [await portal.read(each) for each in (closed, elsewhere, service)] == before


async def test_many_open_tickets_are_told_a_part_at_a_time_and_each_once(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspensions, "AT_ONCE", 2)
    await portal.set_time(NOW)
    customer = await portal.new_customer()
    tickets = [await portal.register(customer) for _ in range(5)]
    await portal.act(tickets[3], "take-charge")
    await portal.act(tickets[3], "wait")
    suspension = (await suspend(portal, customer)).json()
    await resume(portal, customer, suspension)
    for place, ticket in enumerate(tickets):
        path = f"/v1/tickets/{ticket['ticket_id']}/history"
        lines = (await portal.firm(customer).get(path)).json()["items"]
        assert [line["what"] for line in lines[-2:]] == ["support_suspended", "support_resumed"]
        assert [line["seq"] for line in lines] == list(range(1, 7 if place == 3 else 5))
        shown = await portal.read(ticket)
        assert (shown["set_apart"]["kind"], shown["waiting"]) == ("support_suspended", place == 3)
        assert len(shown["clocks"]) == 1
    assert [type(each) for each in (await portal.said(customer))[-2:]] == [SupportSuspended, SupportResumed]


async def test_new_tickets_are_refused_with_the_reason_until_it_is_resumed(portal: Portal) -> None:
    customer = await portal.new_customer()
    suspension = (await suspend(portal, customer)).json()
    refused = await portal.ask(customer)
    assert problem(refused) == (409, "support-suspended-now", "13.2-h")
    assert UNTRAINED["explanation"] in refused.json()["detail"]
    assert (await portal.ask(customer, kind="customer_service")).status_code == 201
    standing = (await portal.firm(customer).get("/v1/support")).json()["suspension"]
    assert standing["reason"] == "users_not_trained"
    assert (await resume(portal, customer, suspension)).json()["until"] is not None
    assert (await portal.ask(customer)).status_code == 201
    first, last = [
        each for each in await portal.said(customer) if isinstance(each, SupportSuspended | SupportResumed)
    ]
    assert isinstance(first, SupportSuspended)
    assert isinstance(last, SupportResumed)
    assert (first.suspension_id, first.reason) == (last.suspension_id, "users_not_trained")


async def test_is_once_at_a_time_and_resumed_once(portal: Portal) -> None:
    customer = await portal.new_customer()
    suspension = (await suspend(portal, customer)).json()
    assert problem(await suspend(portal, customer)) == (409, "suspended-already", "13.2-h")
    await resume(portal, customer, suspension)
    assert problem(await resume(portal, customer, suspension)) == (409, "resumed-already", "13.2-h")
    unknown = await resume(portal, customer, {"suspension_id": str(uuid4())})
    assert problem(unknown) == (404, "suspension-unknown", "13.2-h")
    assert problem(await suspend(portal, uuid4())) == (404, "ticketing-customer-unknown", None)
    assert (await suspend(portal, customer)).status_code == 201
    listed = await portal.agent.get(f"/v1/customers/{customer}/support-suspensions")
    assert len(listed.json()["items"]) == 2


async def test_no_ticket_slips_in_while_support_is_being_suspended(portal: Portal) -> None:
    customer = await portal.new_customer()
    answers = await asyncio.gather(
        *(portal.ask(customer) for _ in range(6)),
        suspend(portal, customer),
        *(portal.ask(customer) for _ in range(6)),
    )
    registered = [each.json() for each in answers if "reference" in each.json()]
    for ticket in registered:
        assert (await take_charge_clock(portal, ticket))["state"] == "suspended"
