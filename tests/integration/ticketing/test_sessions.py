"""Live web sessions: announced, moved, attended and replayed (13.8-a)."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from icalendar import Calendar

from chassis.db import Scope
from services.ticketing.commands.reminders import remind
from tests.integration.ticketing.planning import mails, seen
from tests.integration.ticketing.portal import CONTACT, NOW, Portal, problem
from tests.integration.ticketing.sessions import (
    END,
    LINK,
    START,
    WORDS,
    after,
    join,
    place_of,
    planned,
)
from tests.support.callers import once

pytestmark = pytest.mark.usefixtures("one_day")


class TestPlanning:
    async def test_a_session_is_listed_without_its_link(self, portal: Portal) -> None:
        product = await portal.new_product()
        session = await planned(portal, products=[product])
        firm = portal.firm(await portal.new_customer("connect"))
        listed = (await firm.get("/v1/web-sessions", params={"product": product})).json()["items"]
        assert [each["session_id"] for each in listed] == [session.json()["session_id"]]
        assert listed[0]["description_html"] == "<p>What <strong>version 5</strong> brings.</p>"
        assert LINK not in str(listed)

    @pytest.mark.parametrize(
        "link",
        [
            "http://webinar.example/devis",
            "https://",
            "https://user@webinar.example/",
            "javascript:alert(1)",
            "https://webinar.example/a b",
        ],
    )
    async def test_a_link_is_https_and_has_a_host(self, portal: Portal, link: str) -> None:
        refused = await portal.agent.post("/v1/web-sessions", json=WORDS | {"link": link}, headers=once())
        assert problem(refused)[:2] == (422, "input-refused")

    async def test_a_session_is_to_come_and_of_products_there_are(self, portal: Portal) -> None:
        for changes, slug in (
            ({"starts_at": NOW.isoformat()}, "web-session-malformed"),
            ({"ends_at": START.isoformat()}, "web-session-malformed"),
            ({"products": ["no-such-product"]}, "product-unknown"),
        ):
            refused = await portal.agent.post("/v1/web-sessions", json=WORDS | changes, headers=once())
            assert problem(refused)[:2] == (422, slug)

    async def test_a_host_is_at_one_session_at_a_time(self, portal: Portal) -> None:
        host = str(uuid4())
        await planned(portal, host_id=host)
        refused = await portal.agent.post("/v1/web-sessions", json=WORDS | {"host_id": host}, headers=once())
        assert problem(refused)[:2] == (409, "technician-busy")
        agenda = (await portal.agent.get(f"/v1/technicians/{host}/agenda")).json()["items"]
        assert [(each["planned_as"], each["customer_id"]) for each in agenda] == [("session", None)]

    async def test_unknown_is_not_found(self, portal: Portal) -> None:
        answer = await portal.agent.get(f"/v1/web-sessions/{uuid4()}")
        assert problem(answer) == (404, "web-session-unknown", "13.8-a")


class TestInvitations:
    async def test_go_to_each_address_once(self, portal: Portal) -> None:
        session, customer = await planned(portal), await portal.new_customer()
        place = f"/v1/customers/{customer}{place_of(session).removeprefix('/v1')}/invitations"
        one, two = (f"{uuid4().hex}@cabinet.example" for _ in range(2))
        first = await portal.agent.post(place, json={"mails": [one]}, headers=once())
        both = await portal.agent.post(place, json={"mails": [one, two]}, headers=once())
        assert (first.json()["mails"], both.json()["mails"]) == ([one], [two])
        assert [each["subject"] for each in await mails(portal, one)] == ["Invitation - Quotes in version 5"]
        assert LINK not in str(await mails(portal, one))
        listed = (await portal.agent.get(f"{place_of(session)}/invitations")).json()["items"]
        assert {each["mail"] for each in listed} == {one, two}

    async def test_go_to_plans_that_attend(self, portal: Portal) -> None:
        session, customer = await planned(portal), await portal.new_customer("connect")
        place = f"/v1/customers/{customer}{place_of(session).removeprefix('/v1')}/invitations"
        refused = await portal.agent.post(place, json={"mails": ["a@b.example"]}, headers=once())
        assert problem(refused) == (409, "web-session-of-higher-plan", "13.8-a")

    async def test_go_to_who_wrote_tickets_where_nobody_is_named(self, portal: Portal) -> None:
        session, customer = await planned(portal), await portal.new_customer()
        place = f"/v1/customers/{customer}{place_of(session).removeprefix('/v1')}/invitations"
        nobody = await portal.agent.post(place, json={}, headers=once())
        assert problem(nobody) == (422, "no-address-known", "13.8-a")
        address = f"{uuid4().hex}@cabinet.example"
        await portal.register(customer, contact=CONTACT | {"email": address})
        invited = await portal.agent.post(place, json={}, headers=once())
        assert invited.json()["mails"] == [address]


class TestASession:
    async def test_moved_is_told_to_who_registered_and_recalled_at_its_new_time(self, portal: Portal) -> None:
        session = await planned(portal)
        joined = await join(portal, session, await portal.new_customer())
        later = {"starts_at": (START + timedelta(days=1)).isoformat()}
        later["ends_at"] = (END + timedelta(days=1)).isoformat()
        assert (await after(portal, NOW, session, "", **WORDS | later)).status_code == 200
        for at in (START - timedelta(days=1), START, START + timedelta(minutes=1)):
            async with portal.db.transaction(Scope.portal()) as tx:
                await remind(tx, at)
                assert await remind(tx, at) == 0
        told = [each["subject"].split(" - ")[0] for each in await mails(portal, joined.json()["mail"])]
        assert told[1:] == ["Changement / Change", "Rappel / Reminder"]

    async def test_with_another_link_is_told_to_who_has_a_seat(self, portal: Portal) -> None:
        session, other = await planned(portal, capacity=1), "https://webinar.example/other"
        joined = [await join(portal, session, await portal.new_customer()) for _ in range(2)]
        changed = await after(portal, NOW, session, "", **WORDS | {"capacity": 1, "link": other})
        assert changed.json()["link"] == other
        told = [(await mails(portal, each.json()["mail"]))[-1] for each in joined]
        assert [other in each["text"] for each in told] == [True, False]
        retitled = WORDS | {"capacity": 1, "link": other, "title": "Quotes"}
        await after(portal, NOW, session, "", **retitled)
        assert len(await mails(portal, joined[0].json()["mail"])) == 2

    async def test_cancelled_tells_registrants_why_and_takes_no_more(self, portal: Portal) -> None:
        session = await planned(portal, capacity=1)
        joined = [await join(portal, session, await portal.new_customer()) for _ in range(2)]
        ended = await after(portal, NOW, session, "cancellation", reason="The host is ill.")
        assert ended.json()["state"] == "cancelled"
        for each in joined:
            last = (await mails(portal, each.json()["mail"]))[-1]
            assert "The host is ill." in last["text"]
            assert Calendar.from_ical(last["calendar"]).walk("VEVENT")[0]["status"] == "CANCELLED"
        refused = await join(portal, session, await portal.new_customer())
        assert problem(refused) == (409, "web-session-cancelled", "13.8-a")
        twice = await after(portal, NOW, session, "cancellation", reason="Again.")
        assert problem(twice)[1] == "web-session-cancelled"

    async def test_is_replayed_once_over_by_plans_of_its_level(self, portal: Portal) -> None:
        session, replay = await planned(portal), "https://webinar.example/replay"
        customer = await portal.new_customer("private")
        joined = await join(portal, session, customer)
        early = await after(portal, START, session, "replay", link=replay)
        assert problem(early) == (409, "web-session-not-over", "13.8-a")
        assert (await after(portal, END, session, "replay", link=replay)).json()["replay_link"] == replay
        lower = await portal.new_customer("connect")
        seen_by = [(await portal.firm(each).get(place_of(session))).json() for each in (customer, lower)]
        assert [each["replay_link"] for each in seen_by] == [replay, None]
        told = (await mails(portal, joined.json()["mail"]))[-1]
        assert told["subject"].startswith("Rediffusion")

    async def test_records_who_was_there_in_a_table_that_runs_no_formula(self, portal: Portal) -> None:
        session, customer = await planned(portal, capacity=1), await portal.new_customer()
        firm = portal.firm(customer)
        sent = {"name": "=HYPERLINK(A1)", "mail": "claire@cabinet.example"}
        place = f"{place_of(session)}/registrations"
        joined = await firm.post(place, json=sent, headers=once())
        waiting = await join(portal, session, customer)

        async def record(of: httpx.Response) -> httpx.Response:
            path = f"/v1/customers/{customer}/web-session-registrations/{of.json()['registration_id']}"
            return await portal.agent.put(f"{path}/attendance", json={"attended": True}, headers=seen(of))

        assert problem(await record(joined)) == (409, "web-session-not-over", "13.8-a")
        await portal.set_time(START)
        assert problem(await record(waiting)) == (409, "no-seat-had", "13.8-a")
        assert (await record(joined)).json()["attended"] is True
        file = await portal.agent.get(f"{place}/export")
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        assert ";'=HYPERLINK(A1);" in file.text

    async def test_of_another_customers_registration_nothing_is_known(self, portal: Portal) -> None:
        joined = await join(portal, await planned(portal), await portal.new_customer())
        stranger = portal.firm(await portal.new_customer())
        answer = await stranger.get(f"/v1/web-session-registrations/{joined.json()['registration_id']}")
        assert problem(answer) == (404, "registration-unknown", "13.8-a")
        assert (await stranger.get("/v1/web-session-registrations")).json()["items"] == []
