"""Interventions, their reports and attendance sheets, and the customer's schedule of everything (13.1-a)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from icalendar import Calendar

from chassis.db import Scope
from contracts.events.ticketing import InterventionPlanned
from services.ticketing.resync import resync
from tests.integration.ticketing.planning import book, seen, serve_nobody_else, technician
from tests.integration.ticketing.portal import NOW, Portal, problem
from tests.integration.ticketing.sessions import join, planned
from tests.support.callers import once

TRAINING = {
    "kind": "training",
    "title": "Training on quotes",
    "place": "1 rue Haute, 57000 Metz",
    "who": "Ada Martin",
    "starts_at": "2026-03-12T09:00:00+01:00",
    "ends_at": "2026-03-13T12:00:00+01:00",
}
STARTS = datetime.fromisoformat(str(TRAINING["starts_at"]))
CLAIRE = {"number": 1, "name": "=Claire Durand", "organisation": "Cabinet Durand"}
BRUNO = {"number": 2, "name": "Bruno <b>Petit</b>", "organisation": ""}


@pytest.fixture(autouse=True)
async def _before(portal: Portal) -> AsyncIterator[None]:
    await portal.set_time(NOW)
    yield
    await portal.set_time(NOW)


async def plan(portal: Portal, customer: UUID, **changes: Any) -> httpx.Response:
    """The publisher plans an intervention; the answer as it is."""
    place = f"/v1/customers/{customer}/interventions"
    return await portal.agent.post(place, json=TRAINING | changes, headers=once())


async def act(portal: Portal, planned_one: httpx.Response, deed: str, **body: Any) -> httpx.Response:
    """An agent's deed on an intervention as it is now; the answer as it is."""
    shown = planned_one.json()
    place = f"/v1/customers/{shown['customer_id']}/interventions/{shown['intervention_id']}"
    now = await portal.agent.get(place)
    method = "POST" if deed == "cancellation" else "PUT"
    return await portal.agent.request(method, f"{place}/{deed}".rstrip("/"), json=body, headers=seen(now))


def presence(number: int, day: str, half: str, *, present: bool = True) -> dict[str, Any]:
    return {"number": number, "day": day, "half": half, "present": present}


class TestAnIntervention:
    async def test_is_said_when_it_is_planned_and_when_it_moves(self, portal: Portal) -> None:
        customer = await portal.new_customer("connect")
        made = await plan(portal, customer, kind="on_site")
        await act(portal, made, "", **TRAINING | {"kind": "on_site", "title": "Another title"})
        later = (STARTS + timedelta(hours=1)).isoformat()
        moved = await act(portal, made, "", **TRAINING | {"kind": "on_site", "starts_at": later})
        assert moved.json()["revision"] == 3
        said = [each for each in await portal.said(customer) if isinstance(each, InterventionPlanned)]
        assert [each.starts_at for each in said] == [STARTS, STARTS + timedelta(hours=1)]

    async def test_ends_after_it_begins(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        refused = await plan(portal, customer, ends_at=TRAINING["starts_at"])
        assert problem(refused) == (422, "intervention-malformed", "13.1-a")

    async def test_takes_a_technicians_time_but_once(self, portal: Portal) -> None:
        await serve_nobody_else(portal)
        who = await technician(portal, "2026-03-12T08:00:00+01:00", "2026-03-12T19:00:00+01:00")
        made = await plan(portal, await portal.new_customer(), technician_id=str(who))
        assert made.status_code == 201
        again = await plan(portal, await portal.new_customer(), technician_id=str(who))
        assert problem(again)[:2] == (409, "technician-busy")
        ticket = await portal.register(await portal.new_customer())
        slot = "2026-03-12T10:00:00+01:00"
        assert problem(await book(portal, ticket, slot))[1] == "no-technician-free"
        assert (await act(portal, made, "cancellation", reason="Later.")).json()["state"] == "cancelled"
        assert (await book(portal, ticket, slot)).status_code == 201

    async def test_is_reported_once_it_has_begun_and_read_as_safe_html(self, portal: Portal) -> None:
        customer = await portal.new_customer("connect")
        made = await plan(portal, customer)
        report = {"report": "All <script>x</script> **well**."}
        early = await act(portal, made, "report", **report)
        assert problem(early) == (409, "intervention-not-begun", "13.1-a")
        await portal.set_time(STARTS)
        assert (await act(portal, made, "report", **report)).json()["state"] == "done"
        over = await act(portal, made, "cancellation", reason="Too late.")
        assert problem(over) == (409, "intervention-over", "13.1-a")
        shown = await portal.firm(customer).get(f"/v1/interventions/{made.json()['intervention_id']}")
        html = "<p>All &lt;script&gt;x&lt;/script&gt; <strong>well</strong>.</p>"
        assert shown.json()["report_html"] == html

    async def test_cancelled_has_neither_report_nor_sheet(self, portal: Portal) -> None:
        made = await plan(portal, await portal.new_customer())
        await act(portal, made, "cancellation", reason="Nobody can come.")
        await portal.set_time(STARTS)
        for deed, body in (
            ("report", {"report": "None."}),
            ("attendance/participants", {"participants": [CLAIRE]}),
        ):
            refused = await act(portal, made, deed, **body)
            assert problem(refused) == (409, "intervention-cancelled", "13.1-a")
        moved = await act(portal, made, "", **TRAINING)
        assert problem(moved)[1] == "intervention-over"

    async def test_seen_before_it_changed_is_not_edited(self, portal: Portal) -> None:
        made = await plan(portal, await portal.new_customer())
        await act(portal, made, "", **TRAINING)
        place = f"/v1/customers/{made.json()['customer_id']}/interventions/{made.json()['intervention_id']}"
        stale = await portal.agent.put(place, json=TRAINING, headers=seen(made))
        assert problem(stale)[:2] == (412, "changed-meanwhile")

    async def test_of_another_customer_is_not_there(self, portal: Portal) -> None:
        made = await plan(portal, await portal.new_customer())
        stranger = portal.firm(await portal.new_customer())
        for rest in ("", "/attendance", "/attendance/export", "/attendance/page"):
            answer = await stranger.get(f"/v1/interventions/{made.json()['intervention_id']}{rest}")
            assert problem(answer) == (404, "intervention-unknown", "13.1-a")


class TestAnAttendanceSheet:
    async def test_holds_who_was_there_recorded_by_whom_and_when(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        made = await plan(portal, customer)
        await act(portal, made, "attendance/participants", participants=[CLAIRE, BRUNO])
        at = STARTS + timedelta(minutes=5)
        await portal.set_time(at)
        said = [presence(1, "2026-03-12", "morning"), presence(2, "2026-03-12", "morning", present=False)]
        assert (await act(portal, made, "attendance/presences", presences=said)).status_code == 200
        path = f"/v1/interventions/{made.json()['intervention_id']}/attendance"
        sheet = (await portal.firm(customer).get(path)).json()
        assert [(each["day"], each["half"]) for each in sheet["half_days"]] == [
            ("2026-03-12", "morning"),
            ("2026-03-12", "afternoon"),
            ("2026-03-13", "morning"),
        ]
        assert [each["present"] for each in sheet["presences"]] == [True, False]
        assert {datetime.fromisoformat(each["recorded_at"]) for each in sheet["presences"]} == {at}
        assert len({each["recorded_by"] for each in sheet["presences"]}) == 1

    async def test_records_only_its_participants_on_half_days_that_have_begun(self, portal: Portal) -> None:
        made = await plan(portal, await portal.new_customer())
        await act(portal, made, "attendance/participants", participants=[CLAIRE])
        await portal.set_time(STARTS)
        for said, slug in (
            (presence(9, "2026-03-12", "morning"), "participant-unknown"),
            (presence(1, "2026-03-12", "afternoon"), "half-day-unknown"),
            (presence(1, "2026-03-11", "morning"), "half-day-unknown"),
        ):
            refused = await act(portal, made, "attendance/presences", presences=[said])
            assert problem(refused) == (422, slug, "13.1-a")

    async def test_loses_nobody_of_whom_presence_was_recorded(self, portal: Portal) -> None:
        made = await plan(portal, await portal.new_customer())
        await act(portal, made, "attendance/participants", participants=[CLAIRE, BRUNO])
        await portal.set_time(STARTS)
        said = [presence(1, "2026-03-12", "morning")]
        await act(portal, made, "attendance/presences", presences=said)
        for kept in ([BRUNO], [CLAIRE | {"name": "Somebody else"}]):
            refused = await act(portal, made, "attendance/participants", participants=kept)
            assert problem(refused) == (409, "presence-recorded", "13.1-a")
        fewer = await act(portal, made, "attendance/participants", participants=[CLAIRE])
        assert [each["number"] for each in fewer.json()["participants"]] == [1]
        twice = await act(portal, made, "attendance/participants", participants=[CLAIRE, CLAIRE])
        assert problem(twice)[:2] == (422, "input-refused")

    async def test_is_a_trainings(self, portal: Portal) -> None:
        made = await plan(portal, await portal.new_customer(), kind="on_site")
        refused = await act(portal, made, "attendance/participants", participants=[CLAIRE])
        assert problem(refused) == (409, "no-training", "13.1-a")

    async def test_is_a_table_that_runs_no_formula_and_a_page_without_scripts(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        made = await plan(portal, customer)
        await act(portal, made, "attendance/participants", participants=[CLAIRE, BRUNO])
        path = f"/v1/interventions/{made.json()['intervention_id']}/attendance"
        file = await portal.firm(customer).get(f"{path}/export", headers={"Accept-Language": "en"})
        assert "\r\n1;'=Claire Durand;Cabinet Durand;2026-03-12;morning;" in file.text
        page = await portal.firm(customer).get(f"{path}/page")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-language"] == "fr"
        assert "script-src" not in page.headers["content-security-policy"]
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "Bruno &lt;b&gt;Petit&lt;/b&gt;" in page.text


class TestTheSchedule:
    async def test_is_one_list_of_everything_and_one_calendar(self, portal: Portal) -> None:
        await serve_nobody_else(portal)
        await technician(portal, "2026-03-11T08:00:00+01:00", "2026-03-11T19:00:00+01:00")
        customer = await portal.new_customer()
        booking = await book(portal, await portal.register(customer), "2026-03-11T10:00:00+01:00")
        training = await plan(portal, customer)
        await act(portal, training, "attendance/participants", participants=[CLAIRE])
        joined = await join(portal, await planned(portal), customer)
        full = await planned(portal, capacity=1)
        await join(portal, full, await portal.new_customer())
        waiting = await join(portal, full, customer)
        firm = portal.firm(customer)
        ids = [
            booking.json()["booking_id"],
            training.json()["intervention_id"],
            *sorted([joined.json()["registration_id"], waiting.json()["registration_id"]]),
        ]
        first = (await firm.get("/v1/schedule", params={"limit": 2})).json()
        rest = (await firm.get("/v1/schedule", params={"cursor": first["next_cursor"]})).json()
        listed = first["items"] + rest["items"]
        assert [each["planned_id"] for each in listed] == ids
        assert [each["kind"] for each in listed][:3] == ["remote_assistance", "training", "web_session"]
        assert [each["has_attendance"] for each in listed] == [False, True, False, False]
        places = {each["planned_id"]: (each["state"], each["place"]) for each in listed[2:]}
        assert places == {
            joined.json()["registration_id"]: ("planned", joined.json()["link"]),
            waiting.json()["registration_id"]: ("waiting", ""),
        }
        later = (await firm.get("/v1/schedule", params={"from": "2026-03-14T00:00:00Z"})).json()["items"]
        assert [each["planned_id"] for each in later] == ids[2:]
        by_staff = await portal.agent.get(f"/v1/customers/{customer}/schedule")
        assert by_staff.json()["items"] == listed
        file = await firm.get("/v1/schedule/calendar", headers={"Accept-Language": "en"})
        assert file.headers["content-type"] == "text/calendar; charset=utf-8"
        events = Calendar.from_ical(file.content).walk("VEVENT")
        assert [str(each["uid"]) for each in events] == [f"{each}@livret" for each in ids]
        assert str(events[1]["summary"]) == "Training - Training on quotes"
        assert events[1].decoded("dtstart") == STARTS

    async def test_reaches_a_year_back_in_a_calendar_and_wholly_in_the_list(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        training = (await plan(portal, customer)).json()["intervention_id"]
        firm = portal.firm(customer)

        async def events(**asked: str) -> list[str]:
            file = await firm.get("/v1/schedule/calendar", params=asked)
            return [str(each["uid"]) for each in Calendar.from_ical(file.content).walk("VEVENT")]

        await portal.set_time(STARTS + timedelta(days=360))
        assert await events() == [f"{training}@livret"]
        await portal.set_time(STARTS + timedelta(days=370))
        assert await events() == []
        assert await events(**{"from": STARTS.isoformat()}) == [f"{training}@livret"]
        listed = (await firm.get("/v1/schedule")).json()["items"]
        assert [each["planned_id"] for each in listed] == [training]

    async def test_is_said_again_as_it_stands(self, portal: Portal) -> None:
        await serve_nobody_else(portal)
        await technician(portal, "2026-03-11T08:00:00+01:00", "2026-03-11T19:00:00+01:00")
        customer = await portal.new_customer()
        await book(portal, await portal.register(customer), "2026-03-11T10:00:00+01:00")
        session = await planned(portal, capacity=1)
        await join(portal, session, customer)
        await join(portal, session, customer)
        training, off = await plan(portal, customer), await plan(portal, customer)
        moved = {"starts_at": (STARTS + timedelta(hours=1)).isoformat()}
        await act(portal, training, "", **TRAINING | moved)
        await act(portal, off, "cancellation", reason="Nobody can come.")
        said = {
            event.intervention_id: event
            for event in await portal.said(customer)
            if isinstance(event, InterventionPlanned)
            and str(event.intervention_id) != off.json()["intervention_id"]
        }
        async with portal.db.transaction(Scope.portal(), read_only=True) as tx:
            again = [event async for event in resync(tx) if isinstance(event, InterventionPlanned)]
        mine = {event.intervention_id: event for event in again if event.customer_id == customer}
        assert len(mine) == 3
        assert mine == said

    async def test_of_another_customer_is_not_seen(self, portal: Portal) -> None:
        await plan(portal, await portal.new_customer())
        stranger = portal.firm(await portal.new_customer("connect"))
        assert (await stranger.get("/v1/schedule")).json()["items"] == []
        unknown = await plan(portal, uuid4())
        assert problem(unknown)[:2] == (404, "ticketing-customer-unknown")
