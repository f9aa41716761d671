"""Outages on record: opened, ended, corrected, merged, split, withdrawn; and who reads what of it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.auth import Role
from chassis.db import Scope
from contracts.events import Event
from contracts.events.availability import OutageCorrected, OutageDetected, OutageEnded
from contracts.events.catalog import ServiceDeactivated
from services.availability.commands import outages as commands
from services.availability.model.records import NewEvidence, NewOutage, OutageSource
from services.availability.resync import resync
from tests.integration.availability.portal import NOW, Portal, outage, problem
from tests.support.callers import once

HOUR = timedelta(hours=1)
MATCH_ANY = {"If-Match": "*"}


def ago(minutes: int) -> str:
    """So many minutes before the tests' now."""
    return (NOW - timedelta(minutes=minutes)).isoformat()


def correction(of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The outage as it is, with changes, as a correction is sent."""
    names = ("title", "description", "starts_at", "ends_at", "offering_code", "environment")
    return {name: of[name] for name in names} | {"reason": "The log says so."} | changes


async def post(portal: Portal, outage_id: str, deed: str, **body: Any) -> httpx.Response:
    """Operations do something to an outage that they have just seen."""
    return await portal.operations.post(
        f"/v1/record/outages/{outage_id}/{deed}", json=body, headers=MATCH_ANY | once()
    )


async def put(portal: Portal, outage_id: str, body: dict[str, Any]) -> httpx.Response:
    """Operations correct an outage that they have just seen."""
    return await portal.operations.put(f"/v1/record/outages/{outage_id}", json=body, headers=MATCH_ANY)


async def lines(portal: Portal, outage_id: str, of: str = "history") -> list[dict[str, Any]]:
    """The history or the evidence of an outage."""
    answer = await portal.operations.get(f"/v1/record/outages/{outage_id}/{of}")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


class TestOpening:
    async def test_an_outage_by_hand_is_said_and_keeps_where_it_is_known_from(self, portal: Portal) -> None:
        made = await portal.open_outage(starts_at="2026-03-10T09:00:00.750+01:00")
        assert (made["state"], made["source"], made["scope"], made["counts"]) == (
            "open",
            "operations",
            "all",
            True,
        )
        assert made["starts_at"] == "2026-03-10T08:00:00Z"
        (said,) = await portal.said(made["outage_id"])
        assert isinstance(said, OutageDetected)
        assert (said.customers, said.offering_code, said.source) == (None, None, "operations")
        (evidence,) = await lines(portal, made["outage_id"], "evidence")
        assert (evidence["kind"], evidence["content"]) == ("note", {"text": "Calls to support since ten."})
        (opened,) = await lines(portal, made["outage_id"])
        assert (opened["change"], opened["before"], opened["number"]) == ("opened", None, 1)
        assert opened["by"] == made["opened_by"]

    async def test_one_that_is_over_is_opened_and_ended_at_once(self, portal: Portal) -> None:
        made = await portal.open_outage(ends_at=ago(30))
        assert made["state"] == "ended"
        said = await portal.said(made["outage_id"])
        assert [type(event) for event in said] == [OutageDetected, OutageEnded]

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"ends_at": ago(61)}, (422, "outage-without-length")),
            ({"ends_at": ago(60)}, (422, "outage-without-length")),
            ({"starts_at": ago(-1)}, (422, "outage-in-the-future")),
            ({"ends_at": ago(-60)}, (422, "outage-in-the-future")),
            ({"offering_code": "nothing"}, (404, "watched-offering-unknown")),
            ({"customer_ids": [str(UUID(int=7))]}, (404, "touched-customer-unknown")),
        ],
        ids=["before its start", "no length", "starts later", "ends later", "offering", "customer"],
    )
    async def test_what_cannot_have_been_is_refused(
        self, portal: Portal, changes: dict[str, Any], refusal: tuple[int, str]
    ) -> None:
        answer = await portal.operations.post("/v1/record/outages", json=outage(**changes), headers=once())
        assert problem(answer)[:2] == refusal

    @pytest.mark.parametrize("starts_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00"])
    async def test_an_instant_that_no_calendar_knows_is_unreadable(
        self, portal: Portal, starts_at: str
    ) -> None:
        sent = outage(starts_at=starts_at)
        answer = await portal.operations.post("/v1/record/outages", json=sent, headers=once())
        assert answer.status_code == 422

    async def test_a_test_environment_is_watched_and_does_not_count(self, portal: Portal) -> None:
        made = await portal.open_outage(environment="test")
        assert made["counts"] is False

    async def test_a_service_that_is_down_is_no_unavailability_of_the_portal(self, portal: Portal) -> None:
        made = await portal.open_outage(offering_code=await portal.new_offering())
        assert made["counts"] is False

    async def test_a_key_sent_twice_opens_once(self, portal: Portal) -> None:
        headers = once()
        answers = [
            await portal.operations.post("/v1/record/outages", json=outage(), headers=headers) for _ in "12"
        ]
        assert len({answer.json()["outage_id"] for answer in answers}) == 1


class TestTheSameSource:
    async def test_opens_one_outage_however_many_say_so_at_once(self, portal: Portal) -> None:
        key = f"target-{uuid4()}"

        async def open_it() -> UUID:
            async with portal.db.transaction(Scope.portal()) as tx:
                now = portal.clock.business_now()
                new = NewOutage("Down", OutageSource.probe, NOW - HOUR, source_key=key)
                return (await commands.open_outage(tx, new, now)).outage_id

        found = set(await asyncio.gather(*(open_it() for _ in range(4))))
        assert len(found) == 1
        assert [type(event) for event in await portal.said(found.pop())] == [OutageDetected]

    async def test_opens_another_one_once_the_first_has_ended(self, portal: Portal) -> None:
        key = f"alert-{uuid4()}"
        async with portal.db.transaction(Scope.portal()) as tx:
            now = portal.clock.business_now()
            evidence = (NewEvidence("alert", {"status": "firing"}),)
            new = NewOutage("Down", OutageSource.alert, NOW - HOUR, source_key=key, evidence=evidence)
            first = await commands.open_outage(tx, new, now)
            await commands.end_outage(tx, first.outage_id, NOW - HOUR / 2, None, now)
            await commands.add_evidence(tx, first.outage_id, "alert", {"status": "resolved"}, now)
            second = await commands.open_outage(tx, new, now)
        assert first.outage_id != second.outage_id
        evidence_of_first = await lines(portal, str(first.outage_id), "evidence")
        assert [each["content"]["status"] for each in evidence_of_first] == ["firing", "resolved"]
        again = await put(
            portal,
            str(first.outage_id),
            correction((await portal.operations.get(f"/v1/record/outages/{first.outage_id}")).json())
            | {"ends_at": None},
        )
        assert problem(again)[:2] == (409, "outage-open-elsewhere")


class TestEnding:
    async def test_is_now_or_when_it_is_said_and_is_said_once(self, portal: Portal) -> None:
        made = await portal.open_outage()
        over = await post(portal, made["outage_id"], "end", ended_at=ago(10), known_from="The log.")
        assert (over.json()["state"], over.json()["ends_at"]) == ("ended", "2026-03-10T08:50:00Z")
        assert over.headers["ETag"] == '"2"'
        again = await post(portal, made["outage_id"], "end")
        assert problem(again)[:2] == (409, "outage-over")
        assert [type(event) for event in await portal.said(made["outage_id"])] == [
            OutageDetected,
            OutageEnded,
        ]
        assert len(await lines(portal, made["outage_id"], "evidence")) == 2
        assert (await post(portal, (await portal.open_outage())["outage_id"], "end")).status_code == 200

    async def test_before_its_start_or_in_the_future_is_refused(self, portal: Portal) -> None:
        made = await portal.open_outage()
        early = await post(portal, made["outage_id"], "end", ended_at=ago(61))
        assert problem(early)[:2] == (422, "outage-without-length")
        late = await post(portal, made["outage_id"], "end", ended_at=ago(-60))
        assert problem(late)[:2] == (422, "outage-in-the-future")

    async def test_asks_for_what_was_seen(self, portal: Portal) -> None:
        path = f"/v1/record/outages/{(await portal.open_outage())['outage_id']}/end"
        assert (await portal.operations.post(path, json={})).status_code == 428
        seen = await portal.operations.post(path, json={}, headers={"If-Match": '"7"'})
        assert problem(seen)[:2] == (412, "changed-meanwhile")

    async def test_nobody_ends_what_is_not_there(self, portal: Portal) -> None:
        assert problem(await post(portal, str(uuid4()), "end"))[:2] == (404, "outage-unknown")


class TestCorrecting:
    async def test_keeps_what_it_was_by_whom_and_why(self, portal: Portal) -> None:
        made = await portal.open_outage(ends_at=ago(20))
        customer = await portal.new_customer()
        sent = correction(made, starts_at=ago(90), customer_ids=[str(customer)])
        answer = await put(portal, made["outage_id"], sent)
        assert answer.json()["scope"] == "some"
        _, line = await lines(portal, made["outage_id"])
        assert (line["change"], line["reason"]) == ("corrected", "The log says so.")
        assert line["before"] == {"starts_at": "2026-03-10T08:00:00+00:00", "customers": None}
        assert line["after"] == {
            "starts_at": "2026-03-10T07:30:00+00:00",
            "customers": [str(customer)],
        }
        said = (await portal.said(made["outage_id"]))[-1]
        assert isinstance(said, OutageCorrected)
        assert (said.change, said.customers, said.revision) == ("corrected", [customer], 2)
        named = await portal.operations.get(f"/v1/record/outages/{made['outage_id']}/customers")
        assert [each["customer_id"] for each in named.json()["items"]] == [str(customer)]

    async def test_one_that_had_not_ended_goes_on_again(self, portal: Portal) -> None:
        made = await portal.open_outage(ends_at=ago(20))
        again = await put(portal, made["outage_id"], correction(made, ends_at=None))
        assert (again.json()["state"], again.json()["ends_at"]) == ("open", None)

    async def test_to_others_it_touches_them_and_no_longer_those_before(self, portal: Portal) -> None:
        before, after = await portal.new_customer(), await portal.new_customer()
        made = await portal.open_outage(customer_ids=[str(before)])
        answer = await put(portal, made["outage_id"], correction(made, customer_ids=[str(after)]))
        assert answer.json()["scope"] == "some"
        path = f"/v1/outages/{made['outage_id']}"
        assert (await portal.firm(after).get(path)).status_code == 200
        assert problem(await portal.firm(before).get(path))[:2] == (404, "outage-unknown")

    async def test_does_not_end_what_goes_on(self, portal: Portal) -> None:
        made = await portal.open_outage()
        answer = await put(portal, made["outage_id"], correction(made, ends_at=ago(5)))
        assert problem(answer)[:2] == (409, "outage-still-open")

    async def test_the_second_of_two_is_told(self, portal: Portal) -> None:
        made = await portal.open_outage()
        path, seen = f"/v1/record/outages/{made['outage_id']}", {"If-Match": '"1"'}
        first = await portal.operations.put(path, json=correction(made, title="A"), headers=seen)
        second = await portal.operations.put(path, json=correction(made, title="B"), headers=seen)
        assert (first.status_code, second.status_code) == (200, 412)

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"starts_at": ago(-5)}, (422, "outage-in-the-future")),
            ({"offering_code": "nothing"}, (404, "watched-offering-unknown")),
            ({"customer_ids": [str(UUID(int=7))]}, (404, "touched-customer-unknown")),
        ],
        ids=["future", "offering", "customer"],
    )
    async def test_to_what_cannot_be_is_refused(
        self, portal: Portal, changes: dict[str, Any], refusal: tuple[int, str]
    ) -> None:
        made = await portal.open_outage()
        answer = await put(portal, made["outage_id"], correction(made, **changes))
        assert problem(answer)[:2] == refusal


class TestMerging:
    async def test_makes_one_that_spans_and_leaves_the_others_to_be_read(self, portal: Portal) -> None:
        first = await portal.open_outage(starts_at=ago(50), ends_at=ago(40))
        others = [
            await portal.open_outage(starts_at=ago(start), ends_at=ago(start - 5)) for start in (60, 30)
        ]
        ids = [each["outage_id"] for each in others]
        one = await post(portal, first["outage_id"], "merge", outage_ids=ids, reason="It flapped.")
        assert (one.json()["starts_at"], one.json()["ends_at"]) == (
            "2026-03-10T08:00:00Z",
            "2026-03-10T08:35:00Z",
        )
        for each in others:
            found = (await portal.operations.get(f"/v1/record/outages/{each['outage_id']}")).json()
            assert (found["state"], found["merged_into"], found["counts"]) == (
                "merged",
                first["outage_id"],
                False,
            )
            assert (found["starts_at"], found["ends_at"]) == (each["starts_at"], each["ends_at"])
            refused = await put(portal, each["outage_id"], correction(each))
            assert problem(refused)[:2] == (409, "outage-counts-no-more")
        said = [await portal.said(each) for each in (first["outage_id"], *ids)]
        assert all(isinstance(one[-1], OutageCorrected) and one[-1].change == "merged" for one in said)

    async def test_into_one_that_goes_on_goes_on(self, portal: Portal) -> None:
        goes_on = await portal.open_outage(starts_at=ago(10))
        over = await portal.open_outage(starts_at=ago(50), ends_at=ago(40))
        one = await post(
            portal, goes_on["outage_id"], "merge", outage_ids=[over["outage_id"]], reason="The same."
        )
        assert (one.json()["state"], one.json()["starts_at"]) == ("open", "2026-03-10T08:10:00Z")

    async def test_what_differs_goes_on_or_is_not_there_is_refused(self, portal: Portal) -> None:
        customer, code = await portal.new_customer(), await portal.new_offering()
        target = (await portal.open_outage(ends_at=ago(30)))["outage_id"]

        async def refusal(*ids: str) -> tuple[int, str]:
            return problem(await post(portal, target, "merge", outage_ids=ids, reason="Why not."))[:2]

        for changes in ({"customer_ids": [str(customer)]}, {"offering_code": code}, {"environment": "test"}):
            other = await portal.open_outage(ends_at=ago(30), **changes)
            assert await refusal(other["outage_id"]) == (409, "outages-not-alike")
        goes_on = await portal.open_outage()
        assert await refusal(goes_on["outage_id"]) == (409, "outage-still-open")
        assert await refusal(target) == (422, "outage-named-twice")
        assert await refusal(goes_on["outage_id"], goes_on["outage_id"]) == (422, "outage-named-twice")
        assert await refusal(str(uuid4())) == (404, "outage-unknown")


class TestSplitting:
    async def test_makes_two_that_touch(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        made = await portal.open_outage(customer_ids=[str(customer)])
        answer = await post(portal, made["outage_id"], "split", at=ago(20), reason="Two causes.")
        first, second = answer.json()["first"], answer.json()["second"]
        assert (first["state"], first["ends_at"]) == ("ended", "2026-03-10T08:40:00Z")
        assert (second["state"], second["starts_at"], second["revision"]) == (
            "open",
            "2026-03-10T08:40:00Z",
            1,
        )
        assert first["outage_id"] == made["outage_id"]
        listed = (await portal.firm(customer).get("/v1/outages?state=open")).json()["items"]
        assert second["outage_id"] in {each["outage_id"] for each in listed}
        (line,) = await lines(portal, second["outage_id"])
        assert (line["change"], line["before"]) == ("split_off", {"outage_id": first["outage_id"]})
        for half in (first, second):
            said = (await portal.said(half["outage_id"]))[-1]
            assert isinstance(said, OutageCorrected)
            assert said.change == "split"

    async def test_outside_of_it_is_refused(self, portal: Portal) -> None:
        made = await portal.open_outage(ends_at=ago(30))
        for at in (ago(60), ago(30), ago(10), ago(90)):
            answer = await post(portal, made["outage_id"], "split", at=at, reason="Two causes.")
            assert problem(answer)[:2] == (422, "split-outside-outage")


async def test_a_withdrawn_outage_counts_for_nothing_and_stays(portal: Portal) -> None:
    made = await portal.open_outage()
    gone = await post(portal, made["outage_id"], "withdrawal", reason="The probe was wrong.")
    assert (gone.json()["state"], gone.json()["counts"]) == ("withdrawn", False)
    again = await post(portal, made["outage_id"], "withdrawal", reason="Once more.")
    assert problem(again)[:2] == (409, "outage-counts-no-more")
    assert (await lines(portal, made["outage_id"]))[-1]["reason"] == "The probe was wrong."
    said = (await portal.said(made["outage_id"]))[-1]
    assert isinstance(said, OutageCorrected)
    assert said.change == "withdrawn"


async def test_evidence_is_added_to_and_read_page_by_page(portal: Portal) -> None:
    made = await portal.open_outage()
    path = f"/v1/record/outages/{made['outage_id']}/evidence"
    for text in ("The operator called.", "It is their router."):
        added = await portal.operations.post(path, json={"text": text}, headers=once())
        assert added.status_code == 201
    first = (await portal.operations.get(f"{path}?limit=2")).json()
    rest = (await portal.operations.get(f"{path}?cursor={first['next_cursor']}")).json()
    texts = [each["content"]["text"] for each in first["items"] + rest["items"]]
    assert texts == ["Calls to support since ten.", "The operator called.", "It is their router."]
    unknown = await portal.operations.post(
        f"/v1/record/outages/{uuid4()}/evidence", json={"text": "x"}, headers=once()
    )
    assert problem(unknown)[:2] == (404, "outage-unknown")


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

    async def test_by_state_and_span_page_by_page(self, portal: Portal) -> None:
        customer = await portal.new_customer()
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
