"""Seats of web sessions are given in order, and never more than there are (13.8-a)."""

import asyncio
from uuid import uuid4

import pytest
from icalendar import Calendar

from contracts.events.ticketing import InterventionPlanned
from tests.integration.ticketing.planning import mails
from tests.integration.ticketing.portal import NOW, Portal, problem
from tests.integration.ticketing.sessions import (
    LINK,
    START,
    WORDS,
    after,
    join,
    leave,
    place_of,
    planned,
    read,
)

pytestmark = pytest.mark.usefixtures("one_day")


class TestSeats:
    async def test_are_given_in_order_and_pass_on_to_who_waited_for_longest(self, portal: Portal) -> None:
        session = await planned(portal)
        firms = [await portal.new_customer() for _ in range(4)]
        joined = [await join(portal, session, firm) for firm in firms]
        states = ["registered", "registered", "waiting", "waiting"]
        assert [each.json()["state"] for each in joined] == states
        assert [each.json()["link"] for each in joined] == [LINK, LINK, None, None]
        assert (await leave(portal, joined[0])).json()["state"] == "cancelled"
        shown = [await read(portal, each) for each in joined]
        assert [each["state"] for each in shown] == ["cancelled", "registered", "registered", "waiting"]
        told = await mails(portal, shown[2]["mail"])
        assert [each["subject"].split(" - ")[0] for each in told] == [
            "Liste d'attente / Waiting list",
            "Inscription confirmée / You are registered",
        ]
        assert LINK in told[1]["text"]
        event = Calendar.from_ical(told[1]["calendar"]).walk("VEVENT")[0]
        assert event.decoded("dtstart") == START
        said = [each for each in await portal.said(firms[2]) if isinstance(each, InterventionPlanned)]
        assert [(each.kind, str(each.intervention_id)) for each in said] == [
            ("web_session", shown[2]["registration_id"])
        ]

    async def test_who_waits_and_leaves_frees_no_seat(self, portal: Portal) -> None:
        session = await planned(portal, capacity=1)
        joined = [await join(portal, session, await portal.new_customer()) for _ in range(3)]
        await leave(portal, joined[1])
        assert [(await read(portal, each))["state"] for each in joined] == [
            "registered",
            "cancelled",
            "waiting",
        ]
        assert problem(await leave(portal, joined[1])) == (409, "registration-cancelled", "13.8-a")

    async def test_are_never_more_than_there_are(self, portal: Portal) -> None:
        session = await planned(portal)
        firms = [await portal.new_customer() for _ in range(8)]
        joined = await asyncio.gather(*(join(portal, session, firm) for firm in firms))
        states = sorted(each.json()["state"] for each in joined)
        assert states == ["registered"] * 2 + ["waiting"] * 6
        staff = await portal.agent.get(f"{place_of(session)}/registrations")
        assert [each["state"] for each in staff.json()["items"]] == states

    async def test_are_had_once_by_an_address_and_by_plans_of_the_level(self, portal: Portal) -> None:
        session, customer = await planned(portal), await portal.new_customer()
        address = f"{uuid4().hex}@cabinet.example"
        await join(portal, session, customer, address)
        twice = await join(portal, session, customer, address)
        assert problem(twice) == (409, "registered-already", "13.8-a")
        lower = await join(portal, session, await portal.new_customer("connect"))
        assert problem(lower) == (409, "web-session-of-higher-plan", "13.8-a")
        await portal.set_time(START)
        late = await join(portal, session, await portal.new_customer())
        assert problem(late) == (409, "web-session-begun", "13.8-a")

    async def test_added_are_given_to_who_waits_and_those_taken_stay(self, portal: Portal) -> None:
        session = await planned(portal)
        joined = [await join(portal, session, await portal.new_customer()) for _ in range(4)]
        fewer = await after(portal, NOW, session, "", **WORDS | {"capacity": 1})
        assert problem(fewer) == (409, "capacity-below-seats", "13.8-a")
        more = await after(portal, NOW, session, "", **WORDS | {"capacity": 3})
        assert (more.json()["capacity"], more.json()["seats_free"]) == (3, 0)
        assert [(await read(portal, each))["state"] for each in joined][2:] == ["registered", "waiting"]
