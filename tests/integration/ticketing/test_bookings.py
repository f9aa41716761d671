"""What becomes of a booked remote assistance: moved, cancelled, missed, reported, recalled (13.7-a)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar

from chassis.db import Scope
from chassis.hears import Context
from chassis.settings import Settings
from services.ticketing.commands.reminders import remind
from services.ticketing.jobs import EVERY, send_reminders
from tests.integration.ticketing.planning import (
    AT_TEN,
    DAY,
    asking,
    booked,
    mails,
    seen,
    technician,
)
from tests.integration.ticketing.portal import CONTACT, Portal, problem

pytestmark = pytest.mark.usefixtures("one_day")


async def close(portal: Portal, ticket: dict[str, Any], *, by_customer: bool) -> None:
    """The ticket's customer closes it, or an agent does."""
    await portal.act(ticket, "take-charge")
    if by_customer:
        firm, place = portal.firm(UUID(ticket["customer_id"])), f"/v1/tickets/{ticket['ticket_id']}"
        closed = await firm.post(f"{place}/closing", headers=seen(await firm.get(place)))
    else:
        closed = await portal.act(ticket, "closing")
    assert closed.status_code == 200, closed.text


class TestABooking:
    async def test_moves_with_its_technicians_time(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        ticket = await asking(portal)
        firm = portal.firm(UUID(ticket["customer_id"]))
        made = await booked(portal, ticket, AT_TEN)
        place = f"/v1/assistance/bookings/{made.json()['booking_id']}"
        outside = {"starts_at": "2026-03-11T20:00:00+01:00", "minutes": 60}
        refused = await firm.post(f"{place}/move", json=outside, headers=seen(made))
        assert problem(refused)[1] == "outside-assistance-hours"
        half_past = {"starts_at": "2026-03-11T10:30:00+01:00", "minutes": 60}
        moved = await firm.post(f"{place}/move", json=half_past, headers=seen(made))
        assert (moved.status_code, moved.json()["starts_at"]) == (200, "2026-03-11T09:30:00Z")
        stale = await firm.post(f"{place}/move", json=half_past, headers=seen(made))
        assert problem(stale)[:2] == (412, "changed-meanwhile")
        await booked(portal, await asking(portal), "2026-03-11T09:30:00+01:00")

    async def test_cancelled_frees_its_time_and_says_why(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        ticket = await asking(portal)
        firm = portal.firm(UUID(ticket["customer_id"]))
        made = await booked(portal, ticket, AT_TEN)
        place = f"/v1/assistance/bookings/{made.json()['booking_id']}"
        ended = await firm.post(f"{place}/cancellation", json={"reason": "Solved."}, headers=seen(made))
        assert (ended.json()["state"], ended.json()["reason"]) == ("cancelled", "Solved.")
        again = await firm.post(f"{place}/cancellation", json={"reason": "Twice."}, headers=seen(ended))
        assert problem(again) == (409, "booking-over", "13.7-a")
        await booked(portal, ticket, AT_TEN)
        file = Calendar.from_ical((await firm.get(f"{place}/calendar")).content)
        assert file.walk("VEVENT")[0]["status"] == "CANCELLED"

    async def test_that_has_begun_is_the_technicians_to_end(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        ticket = await asking(portal)
        made = await booked(portal, ticket, AT_TEN)
        own = f"/v1/assistance/bookings/{made.json()['booking_id']}"
        place = f"/v1/customers/{ticket['customer_id']}/assistance/bookings/{made.json()['booking_id']}"
        report = {"report": "<b>Done</b> and **well**."}
        early = await portal.agent.post(f"{place}/report", json=report, headers=seen(made))
        assert problem(early) == (409, "assistance-not-begun", "13.7-a")
        await portal.set_time(datetime.fromisoformat(AT_TEN))
        firm = portal.firm(UUID(ticket["customer_id"]))
        late = await firm.post(f"{own}/cancellation", json={"reason": "Late."}, headers=seen(made))
        assert problem(late) == (409, "assistance-begun", "13.7-a")
        done = await portal.agent.post(f"{place}/report", json=report, headers=seen(made))
        assert done.json()["state"] == "done"
        read = (await firm.get(own)).json()
        assert read["report_html"] == "<p>&lt;b&gt;Done&lt;/b&gt; and <strong>well</strong>.</p>"
        missed = await portal.agent.post(f"{place}/no-show", headers=seen(done))
        assert problem(missed)[1] == "booking-over"

    async def test_nobody_came_to_is_recorded(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        ticket = await asking(portal)
        made = await booked(portal, ticket, AT_TEN)
        place = f"/v1/customers/{ticket['customer_id']}/assistance/bookings/{made.json()['booking_id']}"
        await portal.set_time(datetime.fromisoformat(AT_TEN))
        assert (await portal.agent.post(f"{place}/no-show", headers=seen(made))).json()["state"] == "no_show"

    async def test_of_another_customer_is_not_there(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        made = await booked(portal, await asking(portal), AT_TEN)
        stranger = portal.firm(await portal.new_customer())
        answer = await stranger.get(f"/v1/assistance/bookings/{made.json()['booking_id']}")
        assert problem(answer) == (404, "booking-unknown", "13.7-a")

    async def test_is_recalled_once_a_day_before(self, portal: Portal) -> None:
        await technician(portal, "2026-03-12T08:00:00+01:00", "2026-03-12T19:00:00+01:00")
        address = f"{uuid4().hex}@cabinet.example"
        ticket = await asking(portal, contact=CONTACT | {"email": address})
        await booked(portal, ticket, "2026-03-12T10:00:00+01:00")
        before = len(await mails(portal, address))
        day_before = datetime.fromisoformat(AT_TEN)
        for at in (day_before - timedelta(seconds=1), day_before, day_before + timedelta(hours=1)):
            await portal.set_time(at)
            async with portal.db.transaction(Scope.portal()) as tx:
                await send_reminders(tx, at, Context("ticketing", portal.clock, Settings()))
                assert await remind(tx, at) == 0
        told = (await mails(portal, address))[before:]
        assert [each["subject"].split(" - ")[0] for each in told] == ["Rappel / Reminder"]
        assert send_reminders in EVERY.values()

    async def test_ends_with_its_ticket_and_is_told_so(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        for by_customer in (True, False):
            address = f"{uuid4().hex}@cabinet.example"
            ticket = await asking(portal, contact=CONTACT | {"email": address})
            made = (await booked(portal, ticket, AT_TEN)).json()
            await close(portal, ticket, by_customer=by_customer)
            firm = portal.firm(UUID(ticket["customer_id"]))
            shown = (await firm.get(f"/v1/assistance/bookings/{made['booking_id']}")).json()
            reason = "La demande est close. / The ticket is closed."
            assert (shown["state"], shown["reason"]) == ("cancelled", reason)
            last = (await mails(portal, address))[-1]
            assert (last["subject"].split(" /")[0], reason in last["text"]) == ("Annulation", True)
            lines = (await firm.get(f"/v1/tickets/{ticket['ticket_id']}/history")).json()["items"]
            assert [line["what"] for line in lines[-2:]] == ["assistance_cancelled", "closed"]
        await booked(portal, await asking(portal), AT_TEN)

    async def test_that_has_begun_outlives_its_ticket(self, portal: Portal) -> None:
        await technician(portal, *DAY)
        ticket = await asking(portal)
        made = await booked(portal, ticket, AT_TEN)
        await portal.set_time(datetime.fromisoformat(AT_TEN))
        await close(portal, ticket, by_customer=True)
        place = f"/v1/customers/{ticket['customer_id']}/assistance/bookings/{made.json()['booking_id']}"
        done = await portal.agent.post(f"{place}/report", json={"report": "Done."}, headers=seen(made))
        assert done.json()["state"] == "done"
