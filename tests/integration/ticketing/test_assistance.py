"""Remote assistance is booked in the plan's hours with a technician who is free, never twice (13.7-a)."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.db import Scope
from contracts.events.ticketing import InterventionPlanned
from tests.integration.ticketing.planning import (
    AT_TEN,
    DAY,
    asking,
    book,
    booked,
    instants,
    mails,
    publish,
    technician,
)
from tests.integration.ticketing.portal import CONTACT, NOW, Portal, problem
from tests.support.callers import once

pytestmark = pytest.mark.usefixtures("one_day")


class TestBooking:
    async def test_takes_a_technicians_time_and_is_told_with_a_calendar_file(self, portal: Portal) -> None:
        who = await technician(portal, *DAY)
        address = f"{uuid4().hex}@cabinet.example"
        ticket = await asking(portal, contact=CONTACT | {"email": address})
        shown = (await booked(portal, ticket, AT_TEN)).json()
        assert (shown["technician_id"], shown["state"], shown["plan"]) == (str(who), "booked", "open")
        assert (shown["contact_mail"], shown["access"]) == (address, CONTACT["phone"])
        confirmed = (await mails(portal, address))[-1]
        assert ticket["reference"] in confirmed["subject"]
        assert "10:00" in confirmed["text"]
        event = Calendar.from_ical(confirmed["calendar"]).walk("VEVENT")[0]
        assert event.decoded("dtstart") == datetime.fromisoformat(AT_TEN)
        said = [
            each
            for each in await portal.said(UUID(ticket["customer_id"]))
            if isinstance(each, InterventionPlanned)
        ]
        assert [(str(each.intervention_id), each.kind) for each in said] == [
            (shown["booking_id"], "remote_assistance")
        ]
        history = await portal.agent.get(
            f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}/history"
        )
        assert history.json()["items"][-1]["what"] == "assistance_booked"

    @pytest.mark.parametrize(
        ("plan", "starts", "minutes", "slug"),
        [
            ("open", "2026-03-11T12:00:00+01:00", 30, None),
            ("open", "2026-03-11T12:00:00+01:00", 45, "outside-assistance-hours"),
            ("open", "2026-03-11T13:00:00+01:00", 30, "outside-assistance-hours"),
            ("private", "2026-03-11T13:00:00+01:00", 30, None),
            ("private", "2026-03-11T12:00:00+01:00", 240, None),
            ("private", "2026-03-11T17:30:00+01:00", 45, "outside-assistance-hours"),
            ("private", "2026-03-14T10:00:00+01:00", 60, "outside-assistance-hours"),
        ],
    )
    async def test_lies_whole_within_the_plans_hours(
        self, portal: Portal, plan: str, starts: str, minutes: int, slug: str | None
    ) -> None:
        await technician(portal, *DAY)
        answer = await book(portal, await asking(portal, plan), starts, minutes)
        if slug is None:
            assert answer.status_code == 201, answer.text
        else:
            assert problem(answer) == (409, slug, "13.7-a")

    async def test_refused_names_the_next_three_free_times(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        answer = await book(portal, await asking(portal), "2026-03-11T13:00:00+01:00", 30)
        expected = ", ".join(f"2026-03-11T14:{minute}:00+01:00" for minute in ("30", "45"))
        assert answer.json()["detail"] == f"Free next: {expected}, 2026-03-11T15:00:00+01:00."

    async def test_says_so_where_no_time_is_free(self, portal: Portal) -> None:
        answer = await book(portal, await asking(portal), AT_TEN)
        assert problem(answer) == (409, "no-technician-free", "13.7-a")
        assert answer.json()["detail"] == "No time of that length is free within 60 days."

    async def test_is_of_plans_with_support_that_goes_on(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        request = await asking(portal, "connect", kind="customer_service")
        assert problem(await book(portal, request, AT_TEN)) == (409, "plan-without-support", "13.2-a")
        ticket = await asking(portal)
        reason = {"reason": "remote_assistance_impossible", "explanation": "No line."}
        place = f"/v1/customers/{ticket['customer_id']}/support-suspensions"
        assert (await portal.agent.post(place, json=reason, headers=once())).status_code == 201
        assert problem(await book(portal, ticket, AT_TEN)) == (409, "support-suspended-now", "13.2-h")

    async def test_is_for_open_tickets_within_scope_on_maintained_systems(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        request = await asking(portal, kind="customer_service")
        assert problem(await book(portal, request, AT_TEN)) == (409, "outside-assistance-scope", "13.7-a")
        closed = await asking(portal)
        await portal.act(closed, "take-charge")
        assert (await portal.act(closed, "closing")).status_code == 200
        assert problem(await book(portal, closed, AT_TEN))[1] == "outside-assistance-scope"
        old = await book(portal, await asking(portal), AT_TEN, system_maintained=False)
        assert problem(old) == (409, "system-not-maintained", "13.7-a")

    async def test_is_well_formed_and_to_come(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        ticket = await asking(portal)
        off = await book(portal, ticket, "2026-03-11T10:05:00+01:00")
        assert problem(off) == (422, "slot-malformed", "13.7-a")
        past = await book(portal, ticket, "2026-03-10T09:45:00+01:00", 15)
        assert problem(past) == (409, "slot-past", "13.7-a")
        assert "Free next: 2026-03-11T09:00:00+01:00" in past.json()["detail"]

    async def test_is_one_for_each_ticket_at_a_time(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        ticket = await asking(portal)
        await booked(portal, ticket, AT_TEN)
        again = await book(portal, ticket, "2026-03-11T15:00:00+01:00")
        assert problem(again) == (409, "assistance-booked-already", "13.7-a")

    async def test_of_many_customers_at_once_one_wins_the_slot(self, portal: Portal) -> None:
        who = await technician(portal, *DAY)
        tickets = [await asking(portal) for _ in range(12)]
        answers = await asyncio.gather(*(book(portal, each, AT_TEN) for each in tickets))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
        lost = [answer for answer in answers if answer.status_code == 409]
        assert {problem(answer)[1] for answer in lost} == {"no-technician-free"}
        async with portal.db.transaction(Scope.portal()) as tx:
            rows = await tx.fetch_all(
                text("SELECT 1 FROM technician_busy WHERE technician_id = :who"), {"who": who}
            )
        assert len(rows) == 1

    async def test_goes_to_another_technician_who_is_free(self, portal: Portal) -> None:
        both = {str(await technician(portal, *DAY)) for _ in range(2)}
        shown = [(await booked(portal, await asking(portal), AT_TEN)).json() for _ in range(2)]
        assert {each["technician_id"] for each in shown} == both

    async def test_is_kept_apart_by_the_database_too(self, portal: Portal) -> None:
        who, (first, last) = uuid4(), instants(AT_TEN)
        statement = text("INSERT INTO technician_busy VALUES (:id, :who, :first, :last)")
        beside = {"who": who, "first": last, "last": last + timedelta(hours=1)}
        async with portal.db.transaction(Scope.portal()) as tx:
            await tx.execute(statement, {"id": uuid4(), "who": who, "first": first, "last": last})
            await tx.execute(statement, {"id": uuid4()} | beside)
        within = {"id": uuid4(), "who": who, "first": first + timedelta(minutes=59), "last": last}
        async with portal.db.transaction(Scope.portal()) as tx:
            with pytest.raises(IntegrityError, match="technician_busy_once"):
                await tx.execute(statement, within)
            await tx.connection.rollback()

    async def test_is_made_by_an_agent_for_who_telephones(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        ticket = await asking(portal)
        place = f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}/assistance"
        free = await portal.agent.get(f"{place}/slots", params={"minutes": 30, "limit": 1})
        sent = {"starts_at": free.json()["items"][0]["starts_at"], "minutes": 30, "system_maintained": True}
        made = await portal.agent.post(place, json=sent, headers=once())
        assert made.json()["starts_at"] == "2026-03-11T08:00:00Z"
        listed = await portal.agent.get(f"/v1/customers/{ticket['customer_id']}/assistance/bookings")
        assert [each["booking_id"] for each in listed.json()["items"]] == [made.json()["booking_id"]]


class TestFreeSlots:
    async def test_leave_out_what_is_taken_and_the_lunch_break(self, portal: Portal) -> None:
        await technician(portal, "2026-03-11T11:00:00+01:00", "2026-03-11T15:30:00+01:00")
        await booked(portal, await asking(portal), "2026-03-11T11:15:00+01:00", 30)
        ticket = await asking(portal)
        place = f"/v1/tickets/{ticket['ticket_id']}/assistance/slots"
        found = await portal.firm(UUID(ticket["customer_id"])).get(place, params={"minutes": 45})
        starts = [each["starts_at"] for each in found.json()["items"]]
        assert starts == ["2026-03-11T10:45:00Z", "2026-03-11T13:30:00Z", "2026-03-11T13:45:00Z"]

    async def test_are_those_of_technicians_who_serve_the_queue(self, portal: Portal) -> None:
        who = await technician(portal, *DAY)
        async with portal.db.transaction(Scope.portal()) as tx:
            await tx.execute(
                text("INSERT INTO agent VALUES (:who, 'Ada', '{customer-service}', true, :now)"),
                {"who": who, "now": NOW},
            )
        answer = await book(portal, await asking(portal), AT_TEN)
        assert problem(answer)[1] == "no-technician-free"

    async def test_keep_their_wall_clock_time_over_a_change_of_the_clocks(self, portal: Portal) -> None:
        await publish(portal, uuid4(), "2026-03-30T07:00:00+02:00", "2026-03-30T19:00:00+02:00")
        ticket = await asking(portal)
        place = f"/v1/tickets/{ticket['ticket_id']}/assistance/slots"
        asked: dict[str, str | int] = {"minutes": 60, "from": "2026-03-28T12:00:00Z", "limit": 1}
        found = await portal.firm(UUID(ticket["customer_id"])).get(place, params=asked)
        assert [each["starts_at"] for each in found.json()["items"]] == ["2026-03-30T07:00:00Z"]
