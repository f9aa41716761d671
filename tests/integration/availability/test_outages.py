"""Outages on record: opened by hand and by a source, ended, corrected."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.db import Scope
from contracts.events.availability import OutageCorrected, OutageDetected, OutageEnded
from services.availability.commands import outages as commands
from services.availability.model.records import NewEvidence, NewOutage, OutageSource
from tests.integration.availability.outages import HOUR, ago, correction, lines, post, put
from tests.integration.availability.portal import NOW, Portal, outage, problem
from tests.support.callers import once


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
        _, line = await lines(portal, made["outage_id"])
        assert line["before"] == {"state": "ended", "ends_at": "2026-03-10T08:40:00+00:00"}
        assert line["after"] == {"state": "open", "ends_at": None}

    async def test_that_says_nothing_of_the_end_or_the_service_leaves_them_as_they_are(
        self, portal: Portal
    ) -> None:
        offering = await portal.new_offering()
        made = await portal.open_outage(offering_code=offering, ends_at=ago(20))
        sent = correction(made, title="Slow log-in")
        del sent["ends_at"], sent["offering_code"]
        kept = (await put(portal, made["outage_id"], sent)).json()
        assert (kept["state"], kept["ends_at"]) == ("ended", made["ends_at"])
        assert kept["offering_code"] == offering
        of_portal = await put(portal, made["outage_id"], sent | {"offering_code": None})
        assert of_portal.json()["offering_code"] is None

    async def test_that_leaves_out_the_environment_or_the_description_keeps_them(
        self, portal: Portal
    ) -> None:
        made = await portal.open_outage(environment="trial", description="Since the update.")
        sent = {"title": "Slow log-in", "starts_at": made["starts_at"], "reason": "The log says so."}
        kept = (await put(portal, made["outage_id"], sent)).json()
        assert (kept["title"], kept["environment"]) == ("Slow log-in", "trial")
        assert kept["description"] == "Since the update."
        wordless = await put(portal, made["outage_id"], sent | {"description": ""})
        assert wordless.json()["description"] == ""

    async def test_past_the_end_that_is_left_out_is_refused(self, portal: Portal) -> None:
        made = await portal.open_outage(ends_at=ago(20))
        sent = correction(made, starts_at=ago(10))
        del sent["ends_at"]
        assert problem(await put(portal, made["outage_id"], sent))[:2] == (422, "outage-without-length")

    async def test_to_others_it_touches_them_and_no_longer_those_before(self, portal: Portal) -> None:
        before, after = await portal.new_customer(), await portal.new_customer()
        made = await portal.open_outage(customer_ids=[str(before)])
        answer = await put(portal, made["outage_id"], correction(made, customer_ids=[str(after)]))
        assert answer.json()["scope"] == "some"
        path = f"/v1/outages/{made['outage_id']}"
        assert (await portal.firm(after).get(path)).status_code == 200
        assert problem(await portal.firm(before).get(path))[:2] == (404, "outage-unknown")

    async def test_that_names_no_customers_leaves_them_as_they_are(self, portal: Portal) -> None:
        made = await portal.open_outage(customer_ids=[str(await portal.new_customer())])
        kept = await put(portal, made["outage_id"], correction(made, title="Slow log-in"))
        everybody = await put(portal, made["outage_id"], correction(made, customer_ids=None))
        assert (kept.json()["scope"], everybody.json()["scope"]) == ("some", "all")

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
