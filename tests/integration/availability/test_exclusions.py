"""Exclusions on record: of which type, for whom, why and by whom; corrected, withdrawn, read (6-d)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.auth import Role
from chassis.db import Scope
from contracts.events.availability import OutageExcluded
from services.availability.resync import resync
from tests.integration.availability.portal import NOW, Portal, problem
from tests.support.callers import once

RECORD = "/v1/record/exclusions"
MATCH_ANY = {"If-Match": "*"}


def ago(minutes: int) -> str:
    """So many minutes before the tests' now."""
    return (NOW - timedelta(minutes=minutes)).isoformat()


def exclusion(**changes: Any) -> dict[str, Any]:
    """Force majeure for half an hour, that has ended."""
    return {
        "kind": "force_majeure",
        "starts_at": ago(60),
        "ends_at": ago(30),
        "reason": "The region was without power.",
    } | changes


async def record(portal: Portal, **changes: Any) -> httpx.Response:
    """Operations put an exclusion on record."""
    return await portal.operations.post(RECORD, json=exclusion(**changes), headers=once())


async def recorded(portal: Portal, **changes: Any) -> dict[str, Any]:
    """An exclusion that is on record."""
    answer = await record(portal, **changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def correct(portal: Portal, exclusion_id: str, **changes: Any) -> httpx.Response:
    """Operations correct an exclusion that they have just seen."""
    sent = exclusion(correction_reason="The operator's report.", **changes)
    return await portal.operations.put(f"{RECORD}/{exclusion_id}", json=sent, headers=MATCH_ANY)


async def withdraw(portal: Portal, exclusion_id: str) -> httpx.Response:
    """Operations withdraw an exclusion that they have just seen."""
    path = f"{RECORD}/{exclusion_id}/withdrawal"
    return await portal.operations.post(path, json={"reason": "Not so."}, headers=MATCH_ANY)


async def begin_urgent(portal: Portal) -> tuple[dict[str, Any], dict[str, Any]]:
    """Urgent maintenance that has begun, and the exclusion that it made."""
    sent = {"title": "Patch", "reason": "A flaw exploited at large."}
    answer = await portal.operations.post("/v1/urgent-maintenance", json=sent, headers=once())
    listed = (await portal.operations.get(f"{RECORD}?kind=urgent_maintenance&limit=200")).json()["items"]
    made = answer.json()
    (found,) = [each for each in listed if each["maintenance_id"] == made["maintenance_id"]]
    return made, found


class TestRecording:
    @pytest.mark.parametrize("kind", ["force_majeure", "customer_equipment", "outside_perimeter"])
    async def test_says_why_by_whom_when_and_how_much_it_leaves_out(self, portal: Portal, kind: str) -> None:
        made = await recorded(portal, kind=kind)
        assert (made["kind"], made["reason"]) == (kind, "The region was without power.")
        assert (made["reference_seconds"], made["remark"]) == (1800, None)
        assert made["recorded_at"] >= NOW.isoformat()[:16]
        (said,) = await portal.said(made["exclusion_id"])
        assert isinstance(said, OutageExcluded)
        assert (said.kind, said.customers, said.withdrawn_at) == (kind, None, None)
        history = (await portal.operations.get(f"{RECORD}/{made['exclusion_id']}/history")).json()["items"]
        assert [(line["change"], line["by"]) for line in history] == [("recorded", made["recorded_by"])]

    async def test_the_maintenance_window_leaves_nothing_out_of_the_reference_period(
        self, portal: Portal
    ) -> None:
        made = await recorded(portal, kind="maintenance_window", starts_at="2026-03-10T04:00:00+01:00")
        assert made["reference_seconds"] == 0
        assert made["remark"] == (
            "The maintenance window lies outside the reference period: inside it this leaves nothing out."
        )

    async def test_of_a_test_environment_leaves_nothing_out(self, portal: Portal) -> None:
        made = await recorded(portal, environment="test")
        assert made["reference_seconds"] == 0
        assert made["remark"] == "Only production counts for the rate: this leaves nothing out."

    async def test_one_that_goes_on_leaves_out_what_was_until_now(self, portal: Portal) -> None:
        made = await recorded(portal, ends_at=None)
        assert made["ends_at"] is None
        assert made["reference_seconds"] >= 3600

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"reason": " "}, (422, "exclusion-unexplained", "6-d")),
            ({"ends_at": ago(60)}, (422, "exclusion-without-length", "6-d")),
            ({"ends_at": ago(-10)}, (422, "exclusion-in-the-future", "6-d")),
            ({"starts_at": ago(-1), "ends_at": None}, (422, "exclusion-in-the-future", "6-d")),
            ({"kind": "urgent_maintenance"}, (409, "urgent-maintenance-excludes-itself", "5-e")),
            ({"customer_ids": [str(UUID(int=7))]}, (404, "touched-customer-unknown", None)),
        ],
        ids=["no reason", "no length", "ends later", "starts later", "urgent by hand", "customer"],
    )
    async def test_what_is_no_exclusion_is_refused(
        self, portal: Portal, changes: dict[str, Any], refusal: tuple[int, str, str | None]
    ) -> None:
        assert problem(await record(portal, **changes)) == refusal


class TestCorrecting:
    async def test_keeps_what_it_was_and_who_had_recorded_it(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        made = await recorded(portal)
        answer = await correct(portal, made["exclusion_id"], ends_at=ago(40), customer_ids=[str(customer)])
        now = answer.json()
        assert (now["scope"], now["reference_seconds"], now["revision"]) == ("some", 1200, 2)
        assert (now["recorded_at"], now["recorded_by"]) == (made["recorded_at"], made["recorded_by"])
        history = await portal.operations.get(f"{RECORD}/{made['exclusion_id']}/history")
        line = history.json()["items"][1]
        assert (line["change"], line["reason"]) == ("corrected", "The operator's report.")
        assert line["before"] == {"customers": None, "ends_at": "2026-03-10T08:30:00+00:00"}
        said = (await portal.said(made["exclusion_id"]))[-1]
        assert isinstance(said, OutageExcluded)
        assert said.customers == [customer]
        named = await portal.operations.get(f"{RECORD}/{made['exclusion_id']}/customers")
        assert [each["name"] for each in named.json()["items"]] == ["Cabinet Durand"]

    async def test_for_others_it_holds_for_them_and_no_longer_for_those_before(self, portal: Portal) -> None:
        before, after = await portal.new_customer(), await portal.new_customer()
        made = await recorded(portal, customer_ids=[str(before)])
        await correct(portal, made["exclusion_id"], customer_ids=[str(after)])
        path = f"/v1/exclusions/{made['exclusion_id']}"
        assert (await portal.firm(after).get(path)).json()["scope"] == "some"
        assert problem(await portal.firm(before).get(path))[:2] == (404, "exclusion-unknown")

    async def test_that_names_no_customers_leaves_them_as_they_are(self, portal: Portal) -> None:
        made = await recorded(portal, customer_ids=[str(await portal.new_customer())])
        kept = await correct(portal, made["exclusion_id"], ends_at=ago(40))
        everybody = await correct(portal, made["exclusion_id"], customer_ids=None)
        assert (kept.json()["scope"], everybody.json()["scope"]) == ("some", "all")

    async def test_that_says_nothing_of_the_end_or_the_environment_leaves_them(self, portal: Portal) -> None:
        made = await recorded(portal, environment="trial")
        sent = exclusion(correction_reason="The operator's report.")
        del sent["ends_at"]
        path = f"{RECORD}/{made['exclusion_id']}"
        kept = await portal.operations.put(path, json=sent, headers=MATCH_ANY)
        goes_on = await correct(portal, made["exclusion_id"], ends_at=None)
        assert (kept.json()["ends_at"], goes_on.json()["ends_at"]) == (made["ends_at"], None)
        assert kept.json()["environment"] == "trial"

    async def test_asks_for_what_was_seen(self, portal: Portal) -> None:
        made = await recorded(portal)
        sent = exclusion(correction_reason="Why not.")
        path = f"{RECORD}/{made['exclusion_id']}"
        assert (await portal.operations.put(path, json=sent)).status_code == 428
        stale = await portal.operations.put(path, json=sent, headers={"If-Match": '"2"'})
        assert problem(stale)[:2] == (412, "changed-meanwhile")

    async def test_to_urgent_maintenance_or_a_later_end_is_refused(self, portal: Portal) -> None:
        made = await recorded(portal)
        urgent = await correct(portal, made["exclusion_id"], kind="urgent_maintenance")
        assert problem(urgent) == (409, "urgent-maintenance-excludes-itself", "5-e")
        later = await correct(portal, made["exclusion_id"], ends_at=ago(-60))
        assert problem(later) == (422, "exclusion-in-the-future", "6-d")
        assert problem(await correct(portal, str(uuid4())))[:2] == (404, "exclusion-unknown")

    async def test_what_urgent_maintenance_made_is_not_moved(self, portal: Portal) -> None:
        _, made = await begin_urgent(portal)
        answer = await correct(portal, made["exclusion_id"])
        assert problem(answer) == (409, "urgent-maintenance-excludes-itself", "5-e")


class TestWithdrawing:
    async def test_leaves_nothing_out_any_more_and_is_kept(self, portal: Portal) -> None:
        made = await recorded(portal)
        gone = (await withdraw(portal, made["exclusion_id"])).json()
        assert (gone["withdrawn_reason"], gone["reference_seconds"]) == ("Not so.", 0)
        said = (await portal.said(made["exclusion_id"]))[-1]
        assert isinstance(said, OutageExcluded)
        assert said.withdrawn_at is not None
        again = await withdraw(portal, made["exclusion_id"])
        assert problem(again) == (409, "exclusion-withdrawn", "6-d")
        assert problem(await correct(portal, made["exclusion_id"]))[1] == "exclusion-withdrawn"
        standing = await portal.operations.get(f"{RECORD}?standing_only=true&limit=200")
        assert made["exclusion_id"] not in standing.text
        assert made["exclusion_id"] in (await portal.operations.get(f"{RECORD}?limit=200")).text

    async def test_of_urgent_maintenance_holds_when_that_ends(self, portal: Portal) -> None:
        maintenance, made = await begin_urgent(portal)
        assert (await withdraw(portal, made["exclusion_id"])).status_code == 200
        path = f"/v1/maintenance/{maintenance['maintenance_id']}/end"
        assert (await portal.operations.post(path, json={}, headers=MATCH_ANY)).status_code == 200
        after = (await portal.operations.get(f"{RECORD}/{made['exclusion_id']}")).json()
        assert (after["ends_at"], after["reference_seconds"]) == (None, 0)


async def test_a_customer_reads_what_holds_for_it_with_its_reason(portal: Portal) -> None:
    mine, other = await portal.new_customer(), await portal.new_customer()
    for_all = await recorded(portal)
    for_me = await recorded(portal, customer_ids=[str(mine)], kind="customer_equipment")
    for_other = await recorded(portal, customer_ids=[str(other)])
    of_test = await recorded(portal, environment="test")
    for role in (Role.firm_admin, Role.firm_collaborator, Role.partner):
        client = portal.of(role, mine)
        listed = (await client.get("/v1/exclusions?limit=200")).json()["items"]
        seen = {each["exclusion_id"] for each in listed}
        assert {for_all["exclusion_id"], for_me["exclusion_id"]} <= seen
        assert not {for_other["exclusion_id"], of_test["exclusion_id"]} & seen
        unseen = await client.get(f"/v1/exclusions/{for_other['exclusion_id']}")
        assert problem(unseen)[:2] == (404, "exclusion-unknown")
        read = (await client.get(f"/v1/exclusions/{for_me['exclusion_id']}")).json()
        assert read["reason"] == "The region was without power."
        assert (await client.get(f"{RECORD}/{for_me['exclusion_id']}")).status_code == 403


async def test_what_was_over_before_the_contract_is_none_of_its_business(portal: Portal) -> None:
    since_today, since_long = await portal.new_customer(NOW.date()), await portal.new_customer()
    before = (await recorded(portal, starts_at=ago(2 * 1440), ends_at=ago(1440)))["exclusion_id"]
    today = (await recorded(portal))["exclusion_id"]

    async def seen(customer: UUID) -> set[str]:
        asked = f"{RECORD}?limit=200&customer_id={customer}"
        listed, by_staff = [
            [each["exclusion_id"] for each in (await client.get(path)).json()["items"]]
            for client, path in (
                (portal.firm(customer), "/v1/exclusions?limit=200"),
                (portal.of(Role.support_agent), asked),
            )
        ]
        assert by_staff == listed
        return set(listed) & {before, today}

    assert await seen(since_today) == {today}
    assert await seen(since_long) == {before, today}


async def test_by_type_and_span(portal: Portal) -> None:
    customer = await portal.new_customer(date(2025, 1, 1))
    days = ("2025-07-01", "2025-07-02")
    made = [
        await recorded(
            portal,
            kind="outside_perimeter",
            starts_at=f"{day}T09:00:00Z",
            ends_at=f"{day}T10:00:00Z",
            customer_ids=[str(customer)],
        )
        for day in days
    ]
    asked = "/v1/exclusions?kind=outside_perimeter&since=2025-07-01T10:00:00Z&until=2025-07-03T00:00:00Z"
    items = (await portal.firm(customer).get(asked)).json()["items"]
    assert [each["exclusion_id"] for each in items] == [made[1]["exclusion_id"]]


async def test_the_record_is_kept_by_operations(portal: Portal) -> None:
    made = await recorded(portal)
    staff = portal.of(Role.support_agent)
    assert (await staff.get(f"{RECORD}/{made['exclusion_id']}")).headers["ETag"] == '"1"'
    refused = await staff.post(RECORD, json=exclusion(), headers=once())
    assert problem(refused)[:2] == (403, "not-allowed")
    unknown = await staff.get(f"{RECORD}/{uuid4()}")
    assert problem(unknown)[:2] == (404, "exclusion-unknown")


async def test_a_resync_says_each_exclusion_as_it_stands(portal: Portal) -> None:
    made, gone = await recorded(portal), await recorded(portal)
    await withdraw(portal, gone["exclusion_id"])
    async with portal.db.transaction(Scope.portal()) as tx:
        again = [event async for event in resync(tx)]
    for each in (made, gone):
        said = [event for event in again if event.subject() == each["exclusion_id"]]
        assert said == (await portal.said(each["exclusion_id"]))[-1:]
