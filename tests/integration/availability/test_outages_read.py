"""Who reads what of outages, and what the trail and a resync say of them."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from chassis.auth import Role
from chassis.db import Scope
from contracts.events import Event
from contracts.events.catalog import ServiceDeactivated
from contracts.events.tenancy import ContractEnded
from services.availability.resync import resync
from tests.integration.availability.outages import HOUR, ago, correction, post, put
from tests.integration.availability.portal import NOW, Portal, outage, problem
from tests.support.callers import once


class TestWhoReads:
    async def ids(self, client: httpx.AsyncClient, asked: str = "") -> list[str]:
        items = (await client.get(f"/v1/outages?limit=200{asked}")).json()["items"]
        return [each["outage_id"] for each in items]

    async def test_a_customer_what_touches_it_and_no_other(self, portal: Portal) -> None:
        mine, other = await portal.new_customer(), await portal.new_customer()
        of_all = (await portal.open_outage())["outage_id"]
        of_me = (await portal.open_outage(customer_ids=[str(mine)]))["outage_id"]
        of_other = (await portal.open_outage(customer_ids=[str(other)]))["outage_id"]
        of_test = (await portal.open_outage(environment="test"))["outage_id"]
        for role in (Role.firm_admin, Role.firm_collaborator, Role.partner):
            client = portal.of(role, mine)
            seen = set(await self.ids(client))
            assert {of_all, of_me} <= seen
            assert not {of_other, of_test} & seen
            for unseen in (of_other, of_test):
                answer = await client.get(f"/v1/outages/{unseen}")
                assert problem(answer)[:2] == (404, "outage-unknown")
            assert (await client.get(f"/v1/outages/{of_me}")).json()["scope"] == "some"

    async def test_nothing_of_the_evidence_or_of_whom_else_it_touches(self, portal: Portal) -> None:
        mine, other = await portal.new_customer(), await portal.new_customer()
        made = await portal.open_outage(customer_ids=[str(mine), str(other)])
        shown = await portal.firm(mine).get(f"/v1/outages/{made['outage_id']}")
        assert not {"opened_by", "source_key", "customers", "evidence"} & shown.json().keys()
        assert str(other) not in shown.text
        for of in ("history", "evidence", "customers", ""):
            path = f"/v1/record/outages/{made['outage_id']}/{of}".rstrip("/")
            assert (await portal.firm(mine).get(path)).status_code == 403

    async def test_of_a_service_who_had_it_meanwhile(self, portal: Portal) -> None:
        code = await portal.new_offering()
        has, had, without = [await portal.new_customer() for _ in range(3)]
        await portal.subscribe(has, code)
        activation = await portal.subscribe(had, code)
        await portal.hear(
            ServiceDeactivated(
                customer_id=had,
                company_id=None,
                offering_code=code,
                activation_id=activation,
                requested_at=NOW - 2 * HOUR,
                deactivated_at=NOW - 2 * HOUR,
            )
        )
        down = (await portal.open_outage(offering_code=code, ends_at=ago(20)))["outage_id"]
        seen = {who: down in await self.ids(portal.firm(who)) for who in (has, had, without)}
        assert seen == {has: True, had: False, without: False}
        before = (await portal.open_outage(offering_code=code, starts_at=ago(180), ends_at=ago(121)))[
            "outage_id"
        ]
        assert before in await self.ids(portal.firm(had), f"&offering_code={code}")

    async def test_a_companys_people_what_concerns_the_portal(self, portal: Portal) -> None:
        customer, code = await portal.new_customer(), await portal.new_offering()
        await portal.subscribe(customer, code)
        of_portal = (await portal.open_outage())["outage_id"]
        of_service = (await portal.open_outage(offering_code=code))["outage_id"]
        seen = await self.ids(portal.of(Role.company_user, customer, uuid4()))
        assert of_portal in seen
        assert of_service not in seen
        assert of_service in await self.ids(portal.firm(customer))

    async def test_what_was_over_before_its_contract_or_came_after_it_is_none_of_its_business(
        self, portal: Portal
    ) -> None:
        first, last = NOW.date() - timedelta(days=3), NOW.date() - timedelta(days=1)
        customer = await portal.new_customer(first)
        await portal.hear(ContractEnded(customer_id=customer, last_day=last, ended_at=NOW))
        midnight, after = (
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Paris"))
            for day in (first, NOW.date())
        )
        spans = {
            "before": (midnight - HOUR, midnight),
            "into": (midnight - HOUR, midnight + timedelta(seconds=1)),
            "out of": (after - timedelta(seconds=1), after + HOUR),
            "after": (after, after + HOUR),
        }
        made = {
            (await portal.open_outage(starts_at=since.isoformat(), ends_at=until.isoformat()))[
                "outage_id"
            ]: name
            for name, (since, until) in spans.items()
        }

        seen = [made[each] for each in await self.ids(portal.firm(customer)) if each in made]
        assert seen == ["out of", "into"]
        for outage_id, name in made.items():
            status = (await portal.firm(customer).get(f"/v1/outages/{outage_id}")).status_code
            assert status == (200 if name in seen else 404), name

    async def test_staff_asks_for_those_of_one_customer(self, portal: Portal) -> None:
        mine, other = await portal.new_customer(), await portal.new_customer()
        of_me = (await portal.open_outage(customer_ids=[str(mine)]))["outage_id"]
        of_other = (await portal.open_outage(customer_ids=[str(other)]))["outage_id"]

        answer = await portal.of(Role.support_agent).get(f"/v1/record/outages?limit=200&customer_id={mine}")
        found = [each["outage_id"] for each in answer.json()["items"]]
        assert of_me in found
        assert of_other not in found
        assert found == await self.ids(portal.firm(mine))

    async def test_by_state_and_span_page_by_page(self, portal: Portal) -> None:
        customer = await portal.new_customer(date(2025, 1, 1))
        spans = [("2025-06-02", 9, 10), ("2025-06-02", 11, 12), ("2025-06-03", 9, 10)]
        made = [
            (
                await portal.open_outage(
                    starts_at=f"{day}T{start:02}:00:00Z",
                    ends_at=f"{day}T{end:02}:00:00Z",
                    customer_ids=[str(customer)],
                )
            )["outage_id"]
            for day, start, end in spans
        ]
        span = "&since=2025-06-02T10:00:00Z&until=2025-06-03T09:00:00Z"
        assert await self.ids(portal.firm(customer), span) == [made[1]]
        assert await self.ids(portal.firm(customer), span + "&state=open") == []
        cursor, found = "", []
        while True:
            asked = f"/v1/record/outages?limit=1&until=2025-06-04T00:00:00Z{cursor}"
            page = (await portal.operations.get(asked)).json()
            found += [each["outage_id"] for each in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert found == made[::-1]

    async def test_the_record_is_kept_by_operations_and_read_by_staff(self, portal: Portal) -> None:
        made = await portal.open_outage()
        for role in (Role.support_agent, Role.billing):
            staff = portal.of(role)
            assert (await staff.get(f"/v1/record/outages/{made['outage_id']}")).status_code == 200
            refused = await staff.post("/v1/record/outages", json=outage(), headers=once())
            assert problem(refused)[:2] == (403, "not-allowed")


async def test_the_trail_says_what_an_outage_was_and_became(portal: Portal) -> None:
    made = await portal.open_outage(title="Slow")
    await put(portal, made["outage_id"], correction(made, title="Down"))
    asked = {"action": "correct_outage", "subject": made["outage_id"]}
    (line,) = (await portal.of(Role.publisher_admin).get("/v1/audit", params=asked)).json()["items"]
    assert (line["before"], line["after"]) == ({"title": "Slow"}, {"title": "Down"})


async def test_a_resync_says_how_each_outage_stands(portal: Portal) -> None:
    over = await portal.open_outage(ends_at=ago(30))
    gone = await portal.open_outage()
    await post(portal, gone["outage_id"], "withdrawal", reason="The probe was wrong.")
    async with portal.db.transaction(Scope.portal()) as tx:
        again: list[Event] = [event async for event in resync(tx)]
    for made in (over, gone):
        restated = [event for event in again if event.subject() == made["outage_id"]]
        assert restated == await portal.said(made["outage_id"])
