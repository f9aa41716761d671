"""Queues: what the contract wants first is served first, and no two agents get the same ticket (13.9-a)."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from prometheus_client import REGISTRY

from chassis.auth import Role
from chassis.db import Scope
from chassis.hears import Context
from chassis.settings import Settings
from services.ticketing.commands.queue import take_next
from services.ticketing.jobs import measure_queues
from services.ticketing.model.queue import Waiting
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.refusals.queue import QueueEmpty
from services.ticketing.rules.queue import goes_before
from tests.integration.ticketing.portal import NOW, Portal, problem
from tests.support.callers import once


@pytest.fixture
async def queue(portal: Portal) -> str:
    """A product of its own, at the usual hour: its queue is empty."""
    await portal.set_time(NOW)
    return await portal.new_product()


async def take(portal: Portal, queue: str, agent: httpx.AsyncClient | None = None) -> httpx.Response:
    """An agent asks for the next ticket of this queue."""
    body = {"queues": [queue]}
    return await (agent or portal.agent).post("/v1/queues/next", json=body, headers=once())


def place(ticket: dict[str, Any], deed: str) -> str:
    """The path of a deed on a ticket."""
    return f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}/{deed}"


async def an_agent(portal: Portal, name: str, **known: Any) -> tuple[httpx.AsyncClient, UUID]:
    """An agent of its own, known to the others, and its id."""
    client = portal.api.caller(Role.support_agent)
    answer = await client.put("/v1/agents/me", json={"name": name} | known)
    assert answer.status_code == 200, answer.text
    return client, UUID(answer.json()["person_id"])


async def test_private_calls_go_first_then_what_is_due_first(portal: Portal, queue: str) -> None:
    opened, private = await portal.new_customer("open"), await portal.new_customer("private")
    order = []
    for minute, customer in enumerate((opened, private, opened, private)):
        await portal.set_time(NOW + timedelta(minutes=minute))
        order.append((await portal.register(customer, product=queue))["ticket_id"])
    first = (await portal.agent.get(f"/v1/queues/{queue}")).json()["items"]
    assert [ticket["ticket_id"] for ticket in first] == [order[1], order[3], order[0], order[2]]
    taken = [(await take(portal, queue)).json()["ticket_id"] for _ in order]
    assert taken == [order[1], order[3], order[0], order[2]]
    assert problem(await take(portal, queue)) == (404, "queue-empty", None)


async def test_the_sql_serves_in_the_order_of_the_rule(portal: Portal, queue: str) -> None:
    customers = [await portal.new_customer(plan) for plan in ("open", "private", "open", "private")]
    random = Random(7)
    for minute in range(24):
        await portal.set_time(NOW + timedelta(minutes=minute * 3))
        await portal.register(random.choice(customers), product=queue)
    shown = (await portal.agent.get(f"/v1/queues/{queue}")).json()["items"]
    waiting = [
        Waiting(
            SupportPlan(item["plan"]),
            datetime.fromisoformat(item["registered_at"]),
            UUID(item["ticket_id"]),
            datetime.fromisoformat(item["nearest_due_at"]),
        )
        for item in shown
    ]
    assert len(waiting) == 24
    assert all(goes_before(one, two) for one, two in pairwise(waiting))


async def test_taking_the_next_is_the_take_charge_unless_told_otherwise(portal: Portal, queue: str) -> None:
    customer = await portal.new_customer()
    await portal.register(customer, product=queue)
    await portal.register(customer, product=queue)
    agent, me = await an_agent(portal, "Bruno Petit")
    begun = (await take(portal, queue, agent)).json()
    assert (begun["state"], UUID(begun["assigned_to"])) == ("in_charge", me)
    body = {"queues": [queue], "take_charge": False}
    looked = (await agent.post("/v1/queues/next", json=body, headers=once())).json()
    assert (looked["state"], UUID(looked["assigned_to"])) == ("registered", me)


async def test_the_same_request_again_takes_nothing_more(portal: Portal, queue: str) -> None:
    customer = await portal.new_customer()
    for _ in range(2):
        await portal.register(customer, product=queue)
    key = once()
    answers = [
        await portal.agent.post("/v1/queues/next", json={"queues": [queue]}, headers=key) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len((await portal.agent.get(f"/v1/queues/{queue}")).json()["items"]) == 1


async def test_many_agents_at_once_never_take_the_same_ticket(portal: Portal, queue: str) -> None:
    customers = [await portal.new_customer(plan) for plan in ("open", "private")]
    count = 60
    for number in range(count):
        await portal.register(customers[number % 2], product=queue)
    taken: list[UUID] = []

    async def work() -> None:
        agent = uuid4()
        while True:
            async with portal.db.transaction(Scope.portal()) as tx:
                try:
                    ticket = await take_next(tx, [queue], agent, NOW)
                except QueueEmpty:
                    return
            assert ticket.assigned_to == agent
            taken.append(ticket.ticket_id)

    await asyncio.gather(*(work() for _ in range(12)))
    assert len(taken) == len(set(taken)) == count


async def test_without_queues_an_agent_serves_its_own_in_its_order(portal: Portal, queue: str) -> None:
    other = await portal.new_product()
    customer = await portal.new_customer()
    for product in (other, queue):
        await portal.register(customer, product=product)
    agent, _ = await an_agent(portal, "Ines", queues=[queue, other])
    served = [
        (await agent.post("/v1/queues/next", json={}, headers=once())).json()["queue"] for _ in range(2)
    ]
    assert served == [queue, other]


async def test_an_agent_that_serves_all_begins_where_something_is_due_next(portal: Portal) -> None:
    """Of several queues, not the first by name."""
    queues = sorted([await portal.new_product() for _ in range(3)])
    customer = await portal.new_customer()
    await portal.set_time(NOW - timedelta(days=30))
    await portal.register(customer, product=queues[2])
    await portal.set_time(NOW)
    await portal.register(customer, product=queues[1])
    await portal.register(customer, product=queues[0], kind="customer_service")
    agent, _ = await an_agent(portal, "Serves all")
    first = await agent.post("/v1/queues/next", json={}, headers=once())
    assert first.json()["queue"] == queues[2]


async def test_a_queue_that_cannot_be_is_refused(portal: Portal) -> None:
    refused = await portal.agent.put("/v1/agents/me", json={"name": "Bruno", "queues": ["no-such-product"]})
    assert problem(refused)[1] == "product-unknown"


async def test_requests_to_customer_service_have_a_queue_of_their_own(portal: Portal) -> None:
    customer = await portal.new_customer("connect")
    registered = await portal.register(customer, kind="customer_service")
    shown = (await portal.agent.get("/v1/queues/customer-service")).json()["items"]
    assert registered["ticket_id"] in {item["ticket_id"] for item in shown}
    assert {item["nearest_due_at"] for item in shown} == {None}


async def test_queues_stand_with_what_waits_and_what_is_overdue(portal: Portal, queue: str) -> None:
    for plan in ("open", "private"):
        await portal.register(await portal.new_customer(plan), product=queue)

    async def standing() -> dict[str, Any]:
        items = (await portal.agent.get("/v1/queues")).json()["items"]
        (shown,) = [item for item in items if item["queue"] == queue]
        return dict(shown)

    assert (await standing())["waiting"] == 2
    assert ((await standing())["private_waiting"], (await standing())["overdue"]) == (1, 0)
    await portal.set_time(datetime(2026, 3, 10, 13, 0, 1, tzinfo=UTC))
    assert (await standing())["overdue"] == 1


async def test_operators_see_what_waits_and_what_is_overdue(portal: Portal, queue: str) -> None:
    await portal.register(await portal.new_customer("private"), product=queue)
    context = Context("ticketing", portal.clock, Settings())

    async def measured() -> tuple[float | None, float | None]:
        async with portal.db.transaction(Scope.portal()) as tx:
            await measure_queues(tx, NOW, context)
        names = ("livret_tickets_waiting", "livret_tickets_overdue")
        waiting, overdue = (REGISTRY.get_sample_value(name, {"queue": queue}) for name in names)
        return waiting, overdue

    assert await measured() == (1.0, 0.0)
    await portal.set_time(datetime(2026, 3, 10, 13, 0, 1, tzinfo=UTC))
    assert await measured() == (1.0, 1.0)
    await take(portal, queue)
    assert await measured() == (None, None)


async def test_suspended_support_stands_still_in_its_queue(portal: Portal, queue: str) -> None:
    customer = await portal.new_customer()
    await portal.register(customer, product=queue)
    suspension = {"reason": "users_not_trained", "explanation": "No training since the update."}
    path = f"/v1/customers/{customer}/support-suspensions"
    answer = await portal.agent.post(path, json=suspension, headers=once())
    assert answer.status_code == 201, answer.text
    assert problem(await take(portal, queue))[1] == "queue-empty"


class TestAssigning:
    async def test_a_ticket_goes_to_a_known_agent_who_is_there(self, portal: Portal, queue: str) -> None:
        ticket = await portal.register(await portal.new_customer(), product=queue)
        _, away = await an_agent(portal, "Away", present=False)
        _, there = await an_agent(portal, "There")
        for nobody in (uuid4(), away):
            refused = await portal.agent.post(place(ticket, "assignment"), json={"to": str(nobody)})
            assert problem(refused)[:2] == (409, "agent-unknown")
        given = await portal.agent.post(place(ticket, "assignment"), json={"to": str(there)})
        assert (UUID(given.json()["assigned_to"]), given.json()["state"]) == (there, "registered")
        assert problem(await take(portal, queue))[1] == "queue-empty"

    async def test_what_another_has_only_an_administrator_gives_away(
        self, portal: Portal, queue: str
    ) -> None:
        ticket = await portal.register(await portal.new_customer(), product=queue)
        first, _ = await an_agent(portal, "First")
        second, its_id = await an_agent(portal, "Second")
        await take(portal, queue, first)
        refused = await second.post(place(ticket, "assignment"), json={"to": str(its_id)})
        assert problem(refused)[:2] == (409, "ticket-assigned")
        administrator = portal.of(Role.publisher_admin)
        given = await administrator.post(place(ticket, "assignment"), json={"to": str(its_id)})
        assert UUID(given.json()["assigned_to"]) == its_id

    async def test_who_has_a_ticket_hands_it_over_or_gives_it_back(self, portal: Portal, queue: str) -> None:
        ticket = await portal.register(await portal.new_customer(), product=queue)
        first, _ = await an_agent(portal, "First")
        second, its_id = await an_agent(portal, "Second")
        await take(portal, queue, first)
        body = {"to": str(its_id), "note": "It needs somebody who knows VAT."}
        refused = await second.post(place(ticket, "handover"), json=body)
        assert problem(refused)[:2] == (409, "ticket-not-yours")
        handed = await first.post(place(ticket, "handover"), json=body)
        assert UUID(handed.json()["assigned_to"]) == its_id
        back = await second.post(place(ticket, "handover"), json={"note": "Out this afternoon."})
        assert (back.json()["assigned_to"], back.json()["state"]) == (None, "in_charge")
        again = (await take(portal, queue, first)).json()
        assert (again["ticket_id"], again["state"]) == (ticket["ticket_id"], "in_charge")
        lines = (await second.get(place(ticket, "history"))).json()["items"]
        (handed_on,) = [line for line in lines if line["what"] == "handed_over"]
        assert (handed_on["given_to"], handed_on["note"]) == (body["to"], body["note"])
        (released,) = [line for line in lines if line["what"] == "released"]
        assert (released["given_to"], released["note"]) == (None, "Out this afternoon.")

    async def test_a_closed_ticket_goes_to_nobody(self, portal: Portal, queue: str) -> None:
        ticket = await portal.register(await portal.new_customer(), product=queue)
        for deed in ("take-charge", "closing"):
            done = await portal.act(ticket, deed)
            assert done.status_code == 200, done.text
        _, there = await an_agent(portal, "There")
        for deed, body in (("assignment", {}), ("handover", {"note": "Late."})):
            refused = await portal.agent.post(place(ticket, deed), json={"to": str(there)} | body)
            assert problem(refused)[1] == "ticket-closed-already"

    async def test_the_customer_does_not_read_who_passes_its_ticket_to_whom(
        self, portal: Portal, queue: str
    ) -> None:
        customer = await portal.new_customer()
        ticket = await portal.register(customer, product=queue)
        agent, _ = await an_agent(portal, "Agent")
        await take(portal, queue, agent)
        note = "It needs somebody who knows VAT."
        await agent.post(place(ticket, "handover"), json={"note": note})
        seen = await portal.firm(customer).get(f"/v1/tickets/{ticket['ticket_id']}/history")
        assert seen.status_code == 200, seen.text
        assert note not in seen.text
        assert {item["what"] for item in seen.json()["items"]} & {"assigned", "released"} == set()


async def test_agents_are_listed_by_name_page_by_page(portal: Portal) -> None:
    word = f"zz{uuid4().hex[:8]}"
    for name in (f"{word} B", f"{word} A"):
        await an_agent(portal, name)
    names: list[str] = []
    cursor: str | None = None
    while True:
        told = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await portal.agent.get("/v1/agents", params=told)).json()
        names += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == sorted(names)
    assert [name for name in names if name.startswith(word)] == [f"{word} A", f"{word} B"]
