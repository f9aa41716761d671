"""However many mails come at once, all are kept, and none takes more than its share of the work."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.integration.ticketing.mails import (
    known,
    mailed,
    post,
    seen,
    ticket_of,
    work,
    writer,
    written,
)
from tests.integration.ticketing.portal import NOW, Portal, opened
from tests.support.postgres import DatabaseMaker


@pytest.fixture
async def portal(database: DatabaseMaker) -> AsyncIterator[Portal]:
    """Ticketing with its API: a gateway of its own for each test, whose requests are counted too."""
    async with opened(database("ticketing")) as portal:
        yield portal


async def test_a_sender_that_floods_is_held_and_let_go(portal: Portal) -> None:
    _, address = await writer(portal)
    taken = [(await post(portal, written(address, f"Number {n}"))).json() for n in range(32)]
    assert [each["state"] for each in taken] == ["received"] * 30 + ["held"] * 2
    assert await work(portal) == 30
    held = taken[-1]["mail_id"]
    assert (await seen(portal, held))["reason"] == "too_many"
    released = await portal.agent.post(f"/v1/mails/{held}/release")
    assert released.json()["state"] == "received"
    await work(portal)
    await ticket_of(portal, await seen(portal, held))


async def test_all_that_is_held_of_a_sender_goes_on_at_its_customers_pace(portal: Portal) -> None:
    customer, address = await writer(portal)
    other = f"zoe@{uuid4().hex[:12]}.example"
    await known(portal, customer, other)
    taken = [(await post(portal, written(address, f"Number {n}"))).json() for n in range(150)]
    kept_back = [(await post(portal, written(other))).json() for _ in range(31)][-1]
    assert await work(portal) == 60
    path = f"/v1/mails/{taken[40]['mail_id']}/release"
    released = await portal.agent.post(path, params={"with_others": True})
    assert released.json()["state"] == "received"
    done = []
    for minute in (1, 2, 3):
        await portal.set_time(NOW + timedelta(minutes=minute))
        done.append(await work(portal))
    await portal.set_time(NOW)
    assert done == [60, 60, 0]
    states = {(await seen(portal, each["mail_id"]))["state"] for each in taken}
    assert states == {"done"}
    assert (await seen(portal, kept_back["mail_id"]))["state"] == "held"


async def test_what_is_held_of_one_sender_delays_no_other_of_its_customer(portal: Portal) -> None:
    customer, address = await writer(portal)
    await known(portal, customer, other := f"zoe@{uuid4().hex[:12]}.example")
    for number in range(100):
        await post(portal, written(address, f"Number {number}"))
    assert (await mailed(portal, written(other)))["state"] == "done"


async def test_three_hundred_mails_at_once_are_kept_and_registered_in_time(portal: Portal) -> None:
    customer, domain = await portal.new_customer(), f"{uuid4().hex[:12]}.example"
    await known(portal, customer, domain)
    for number in range(300):
        taken = await post(portal, written(f"p{number % 15}@{domain}", f"Number {number}"))
        assert taken.json()["state"] == "received"
    done = []
    for minute in range(5):
        await portal.set_time(NOW + timedelta(minutes=minute))
        done.append(await work(portal))
    await portal.set_time(NOW)
    assert done == [60] * 5
    path = f"/v1/customers/{customer}/tickets"
    first = (await portal.agent.get(path, params={"limit": 200})).json()
    rest = (await portal.agent.get(path, params={"limit": 200, "cursor": first["next_cursor"]})).json()
    subjects = [item["subject"] for item in (*first["items"], *rest["items"])]
    assert sorted(subjects) == sorted(f"Number {number}" for number in range(300))
