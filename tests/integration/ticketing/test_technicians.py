"""When technicians can be booked, and what each has to do (13.7-a)."""

from uuid import uuid4

import pytest
from icalendar import Calendar

from chassis.auth import Role
from tests.integration.ticketing.planning import (
    AT_TEN,
    DAY,
    asking,
    booked,
    publish,
    seen,
)
from tests.integration.ticketing.portal import Portal, problem
from tests.support.callers import once

pytestmark = pytest.mark.usefixtures("one_day")


class TestTechniciansHours:
    async def test_are_ones_own_or_said_by_an_administrator(self, portal: Portal) -> None:
        sent = {"starts_at": "2026-03-17T09:00:00+01:00", "ends_at": "2026-03-17T12:00:00+01:00"}
        made = await portal.agent.post("/v1/technicians/hours", json=sent, headers=once())
        assert made.status_code == 201
        other = sent | {"technician_id": str(uuid4())}
        refused = await portal.agent.post("/v1/technicians/hours", json=other, headers=once())
        assert problem(refused)[:2] == (403, "technician-hours-of-another")
        overlap = await portal.agent.post("/v1/technicians/hours", json=sent, headers=once())
        assert problem(overlap)[:2] == (409, "technician-hours-overlap")
        odd = sent | {"ends_at": "2026-03-17T12:07:00+01:00"}
        malformed = await portal.agent.post("/v1/technicians/hours", json=odd, headers=once())
        assert problem(malformed)[:2] == (422, "technician-hours-malformed")

    async def test_are_withdrawn_while_nothing_takes_of_them(self, portal: Portal) -> None:
        hours = await publish(portal, uuid4(), *DAY)
        admin, place = portal.of(Role.publisher_admin), f"/v1/technicians/hours/{hours['hours_id']}"
        made = await booked(portal, await asking(portal), AT_TEN)
        assert problem(await admin.delete(place))[:2] == (409, "technician-hours-booked")
        shown = made.json()
        booking = f"/v1/customers/{shown['customer_id']}/assistance/bookings/{shown['booking_id']}"
        agenda = f"/v1/technicians/{shown['technician_id']}/agenda"
        listed = (await portal.agent.get(agenda)).json()["items"]
        assert [each["planned_id"] for each in listed] == [shown["booking_id"]]
        file = Calendar.from_ical((await portal.agent.get(f"{agenda}/calendar")).content)
        assert [str(each["uid"]) for each in file.walk("VEVENT")] == [f"{shown['booking_id']}@livret"]
        reason = {"reason": "The technician is ill."}
        await portal.agent.post(f"{booking}/cancellation", json=reason, headers=seen(made))
        assert (await admin.delete(place)).status_code == 204
        assert problem(await admin.delete(place))[:2] == (404, "technician-hours-unknown")
        listed = (await portal.agent.get("/v1/technicians/hours")).json()["items"]
        assert hours["hours_id"] not in [each["hours_id"] for each in listed]
