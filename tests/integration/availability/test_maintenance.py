"""Maintenance on record: announced with its notice, changed, started, ended, cancelled; urgent, overrun."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.auth import Role
from chassis.db import Scope
from contracts.events.availability import (
    MaintenanceCancelled,
    MaintenanceEnded,
    MaintenancePlanned,
    MaintenanceStarted,
    OutageExcluded,
)
from services.availability.resync import resync
from tests.integration.availability.portal import NOW, Portal, problem
from tests.support.callers import once

PATH = "/v1/maintenance"
MATCH_ANY = {"If-Match": "*"}
THURSDAY = {"starts_at": "2026-03-12T22:00:00+01:00", "ends_at": "2026-03-13T04:00:00+01:00"}
"""The tests begin on the Tuesday before, at ten: sixty hours ahead."""


@pytest.fixture(autouse=True)
async def on_tuesday(portal: Portal) -> None:
    """Each test begins on that Tuesday."""
    await portal.set_time(NOW)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026, in Paris, before the clocks change."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def planned(**changes: Any) -> dict[str, Any]:
    """Thursday night, from ten to four."""
    return {"title": "New disks", "description": "Storage is renewed."} | THURSDAY | changes


async def announce(portal: Portal, **changes: Any) -> dict[str, Any]:
    """Operations announce planned maintenance that fits."""
    answer = await portal.operations.post(PATH, json=planned(**changes), headers=once())
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def change(portal: Portal, maintenance_id: str, **changes: Any) -> httpx.Response:
    """Operations announce it otherwise."""
    sent = planned(reason="The supplier asks for it.", **changes)
    return await portal.operations.put(f"{PATH}/{maintenance_id}", json=sent, headers=MATCH_ANY)


async def do(portal: Portal, maintenance_id: str, deed: str, **body: Any) -> httpx.Response:
    """Operations start, end or cancel what they have just seen."""
    return await portal.operations.post(f"{PATH}/{maintenance_id}/{deed}", json=body, headers=MATCH_ANY)


async def history(portal: Portal, maintenance_id: str) -> list[dict[str, Any]]:
    """What was announced when, and what came of it."""
    found: list[dict[str, Any]] = (await portal.operations.get(f"{PATH}/{maintenance_id}/history")).json()[
        "items"
    ]
    return found


async def exclusion_of(portal: Portal, maintenance_id: str) -> dict[str, Any]:
    """What urgent maintenance leaves out."""
    asked = "/v1/record/exclusions?kind=urgent_maintenance&limit=200"
    items = (await portal.operations.get(asked)).json()["items"]
    (found,) = [each for each in items if each["maintenance_id"] == maintenance_id]
    return dict(found)


class TestAnnouncing:
    async def test_is_proof_of_the_notice_and_is_said(self, portal: Portal) -> None:
        made = await announce(portal)
        assert (made["state"], made["kind"], made["blocking"]) == ("announced", "planned", True)
        assert made["announced_at"].startswith("2026-03-10T09:00:0")
        (said,) = await portal.said(made["maintenance_id"])
        assert isinstance(said, MaintenancePlanned)
        assert (said.starts_at, said.ends_at) == (at(12, 22), at(13, 4))
        assert said.announced_at.isoformat()[:19] == made["announced_at"][:19]
        (line,) = await history(portal, made["maintenance_id"])
        assert (line["change"], line["after"]["starts_at"]) == ("announced", "2026-03-12T22:00:00+01:00")

    @pytest.mark.parametrize(
        ("changes", "refusal", "next_slot"),
        [
            (
                {"starts_at": "2026-03-12T14:00:00+01:00", "ends_at": "2026-03-12T16:00:00+01:00"},
                (409, "maintenance-outside-slots", "5-d"),
                "from 2026-03-12T22:00:00+01:00 to 2026-03-13T00:00:00+01:00",
            ),
            (
                {"starts_at": "2026-03-11T22:00:00+01:00", "ends_at": "2026-03-12T02:00:00+01:00"},
                (409, "maintenance-notice-too-short", "5-d"),
                "from 2026-03-12T22:00:00+01:00 to 2026-03-13T02:00:00+01:00",
            ),
            (
                {"starts_at": "2026-03-12T20:30:00+01:00", "ends_at": "2026-03-12T23:00:00+01:00"},
                (409, "blocking-work-too-early", "5-c"),
                "from 2026-03-12T22:00:00+01:00 to 2026-03-13T00:30:00+01:00",
            ),
            (
                {"ends_at": "2026-03-12T22:00:00+01:00"},
                (422, "maintenance-without-length", None),
                None,
            ),
        ],
        ids=["by day", "too late", "blocks before ten", "no length"],
    )
    async def test_what_does_not_fit_is_refused_with_the_next_slot_that_does(
        self,
        portal: Portal,
        changes: dict[str, Any],
        refusal: tuple[int, str, str | None],
        next_slot: str | None,
    ) -> None:
        answer = await portal.operations.post(PATH, json=planned(**changes), headers=once())
        assert problem(answer) == refusal
        assert next_slot is None or next_slot in answer.json()["detail"]
        if next_slot is not None:
            starts_at, ends_at = next_slot.removeprefix("from ").split(" to ")
            made = await announce(portal, starts_at=starts_at, ends_at=ends_at)
            assert made["state"] == "announced"

    async def test_what_blocks_nobody_may_begin_at_eight(self, portal: Portal) -> None:
        made = await announce(portal, starts_at="2026-03-12T20:30:00+01:00", blocking=False)
        assert made["blocking"] is False


class TestChanging:
    async def test_shortened_it_keeps_its_announcement_even_an_hour_before(self, portal: Portal) -> None:
        made = await announce(portal)
        await portal.set_time(at(12, 21))
        answer = await change(portal, made["maintenance_id"], ends_at="2026-03-13T03:00:00+01:00")
        assert answer.status_code == 200, answer.text
        assert answer.json()["announced_at"] == made["announced_at"]
        assert (await history(portal, made["maintenance_id"]))[-1]["change"] == "changed"

    @pytest.mark.parametrize(
        "changes",
        [
            {"ends_at": "2026-03-13T05:00:00+01:00"},
            {"starts_at": "2026-03-12T22:00:00+01:00", "ends_at": "2026-03-13T06:59:59+01:00"},
            {"starts_at": "2026-03-13T22:00:00+01:00", "ends_at": "2026-03-14T04:00:00+01:00"},
        ],
        ids=["extended by an hour", "extended until seven", "moved by a day"],
    )
    async def test_moved_or_extended_it_needs_a_new_notice(
        self, portal: Portal, changes: dict[str, str]
    ) -> None:
        made = await announce(portal)
        await portal.set_time(at(10, 21))
        anew = await change(portal, made["maintenance_id"], **changes)
        assert anew.status_code == 200, anew.text
        assert anew.json()["announced_at"].startswith("2026-03-10T20:00:0")
        lines = await history(portal, made["maintenance_id"])
        assert [line["change"] for line in lines] == ["announced", "announced_anew"]
        assert lines[1]["before"]["announced_at"][:19] == made["announced_at"][:19]
        said = await portal.said(made["maintenance_id"])
        assert [one.revision for one in said if isinstance(one, MaintenancePlanned)] == [1, 2]
        other = await announce(portal)
        await portal.set_time(at(12, 10))
        late = await change(portal, other["maintenance_id"], **changes)
        assert problem(late) == (409, "maintenance-notice-too-short", "5-d")
        assert "The next slot of that length is from" in late.json()["detail"]

    async def test_begun_earlier_it_needs_a_new_notice(self, portal: Portal) -> None:
        made = await announce(portal, starts_at="2026-03-12T23:00:00+01:00")
        await portal.set_time(at(11, 10))
        answer = await change(portal, made["maintenance_id"])
        assert problem(answer) == (409, "maintenance-notice-too-short", "5-d")

    async def test_blocking_what_was_to_stay_open_needs_a_new_notice(self, portal: Portal) -> None:
        made = await announce(portal, blocking=False)
        await portal.set_time(at(11, 10))
        assert problem(await change(portal, made["maintenance_id"]))[1] == "maintenance-notice-too-short"

    async def test_the_second_of_two_is_told(self, portal: Portal) -> None:
        made = await announce(portal)
        sent = planned(reason="Another title.", title="Disks")
        path = f"{PATH}/{made['maintenance_id']}"
        answers = [
            await portal.operations.put(path, json=sent, headers={"If-Match": '"1"'}) for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [200, 412]
        assert (await portal.operations.put(path, json=sent)).status_code == 428


class TestRunning:
    async def test_starts_in_its_slot_and_ends(self, portal: Portal) -> None:
        made = await announce(portal)
        early = await do(portal, made["maintenance_id"], "start")
        assert problem(early) == (409, "maintenance-not-yet", "5-d")
        await portal.set_time(at(12, 22, 5))
        begun = (await do(portal, made["maintenance_id"], "start")).json()
        assert begun["state"] == "started"
        await portal.set_time(at(13, 3))
        over = (await do(portal, made["maintenance_id"], "end")).json()
        assert (over["state"], over["overrun"]) == ("ended", None)
        planned_, started, ended = await portal.said(made["maintenance_id"])
        assert isinstance(planned_, MaintenancePlanned)
        assert isinstance(started, MaintenanceStarted)
        assert isinstance(ended, MaintenanceEnded)
        assert ended.overrun_seconds == 0

    async def test_past_its_announced_end_shows_an_overrun_that_nothing_excludes(
        self, portal: Portal
    ) -> None:
        made = await announce(portal, ends_at="2026-03-13T07:00:00+01:00")
        await portal.set_time(at(12, 22))
        await do(portal, made["maintenance_id"], "start")
        await portal.set_time(at(13, 7, 30))
        running = (await portal.operations.get(f"{PATH}/{made['maintenance_id']}")).json()
        assert running["overrun"]["seconds"] in range(1800, 1830)
        over = await do(portal, made["maintenance_id"], "end", ended_at=at(13, 7, 20).isoformat())
        assert over.json()["overrun"] == {
            "since": "2026-03-13T06:00:00Z",
            "seconds": 1200,
            "reference_seconds": 1200,
        }
        said = (await portal.said(made["maintenance_id"]))[-1]
        assert isinstance(said, MaintenanceEnded)
        assert said.overrun_seconds == 1200
        touching = "since=2026-03-13T05:00:00Z&until=2026-03-13T06:30:00Z"
        assert (await portal.operations.get(f"/v1/record/exclusions?{touching}")).json()["items"] == []

    async def test_an_overrun_at_night_is_in_no_reference_period(self, portal: Portal) -> None:
        made = await announce(portal)
        await portal.set_time(at(12, 22))
        await do(portal, made["maintenance_id"], "start")
        await portal.set_time(at(13, 6))
        over = await do(portal, made["maintenance_id"], "end", ended_at=at(13, 5).isoformat())
        assert over.json()["overrun"]["seconds"] == 3600
        assert over.json()["overrun"]["reference_seconds"] == 0

    async def test_after_its_slot_it_is_announced_anew(self, portal: Portal) -> None:
        made = await announce(portal)
        await portal.set_time(at(13, 4))
        answer = await do(portal, made["maintenance_id"], "start")
        assert problem(answer) == (409, "maintenance-slot-over", "5-d")

    async def test_once_started_it_is_neither_changed_nor_cancelled_nor_started_again(
        self, portal: Portal
    ) -> None:
        made = await announce(portal)
        await portal.set_time(at(12, 22))
        await do(portal, made["maintenance_id"], "start")
        refused = (
            await change(portal, made["maintenance_id"], ends_at="2026-03-13T05:00:00+01:00"),
            await do(portal, made["maintenance_id"], "cancellation", reason="Why not."),
            await do(portal, made["maintenance_id"], "start"),
        )
        for answer in refused:
            assert problem(answer) == (409, "maintenance-has-started", "5-d")

    async def test_ends_after_it_started_and_not_in_the_future(self, portal: Portal) -> None:
        made = await announce(portal)
        assert problem(await do(portal, made["maintenance_id"], "end"))[:2] == (
            409,
            "maintenance-not-started",
        )
        await portal.set_time(at(12, 22))
        await do(portal, made["maintenance_id"], "start")
        for ended_at in (at(12, 21), at(13, 1)):
            answer = await do(portal, made["maintenance_id"], "end", ended_at=ended_at.isoformat())
            assert problem(answer)[:2] == (422, "maintenance-end-not-real")
        assert (await do(portal, made["maintenance_id"], "end")).status_code == 200
        assert problem(await do(portal, made["maintenance_id"], "end"))[:2] == (409, "maintenance-over")


async def test_cancelled_it_says_so_and_is_over(portal: Portal) -> None:
    made = await announce(portal)
    await portal.set_time(at(12, 21, 59))
    off = await do(portal, made["maintenance_id"], "cancellation", reason="The disks are late.")
    assert (off.json()["state"], off.headers["ETag"]) == ("cancelled", '"2"')
    said = (await portal.said(made["maintenance_id"]))[-1]
    assert isinstance(said, MaintenanceCancelled)
    for answer in (
        await do(portal, made["maintenance_id"], "start"),
        await change(portal, made["maintenance_id"]),
        await do(portal, made["maintenance_id"], "end"),
    ):
        assert problem(answer)[:2] == (409, "maintenance-over")
    assert (await history(portal, made["maintenance_id"]))[-1]["reason"] == "The disks are late."


class TestUrgent:
    async def begin(self, portal: Portal, **changes: Any) -> httpx.Response:
        sent = {"title": "Patch", "reason": "A flaw exploited at large."} | changes
        return await portal.operations.post("/v1/urgent-maintenance", json=sent, headers=once())

    async def test_goes_on_since_it_is_recorded_and_excludes_until_its_end(self, portal: Portal) -> None:
        made = (await self.begin(portal, expected_end=at(10, 11).isoformat())).json()
        assert (made["kind"], made["state"], made["description"]) == (
            "urgent",
            "started",
            "A flaw exploited at large.",
        )
        assert made["started_at"] == made["announced_at"] == made["starts_at"]
        excluded = await exclusion_of(portal, made["maintenance_id"])
        assert (excluded["starts_at"], excluded["ends_at"]) == (made["started_at"], None)
        assert (excluded["recorded_at"], excluded["scope"]) == (made["started_at"], "all")
        assert excluded["reason"] == "A flaw exploited at large."
        await portal.set_time(at(10, 11, 30))
        over = await do(portal, made["maintenance_id"], "end", ended_at=at(10, 11, 15).isoformat())
        assert over.json()["overrun"]["seconds"] == 900
        excluded = await exclusion_of(portal, made["maintenance_id"])
        assert excluded["ends_at"] == "2026-03-10T10:15:00Z"
        assert excluded["reference_seconds"] in range(4470, 4501)
        said = [type(event) for event in await portal.said(made["maintenance_id"])]
        assert said == [MaintenanceStarted, MaintenanceEnded]
        told = await portal.said(excluded["exclusion_id"])
        assert [isinstance(one, OutageExcluded) and one.ends_at for one in told] == [
            None,
            at(10, 11, 15),
        ]

    @pytest.mark.parametrize("reason", ["", "   "])
    async def test_needs_a_reason(self, portal: Portal, reason: str) -> None:
        answer = await self.begin(portal, reason=reason)
        assert problem(answer) == (422, "urgent-maintenance-unexplained", "5-e")

    async def test_has_no_start_of_its_own_choice(self, portal: Portal) -> None:
        answer = await self.begin(portal, starts_at=at(10, 9).isoformat())
        assert answer.status_code == 422
        assert "starts_at" in answer.text

    async def test_is_expected_to_end_later(self, portal: Portal) -> None:
        answer = await self.begin(portal, expected_end=NOW.isoformat())
        assert problem(answer)[:2] == (422, "expected-end-passed")

    async def test_is_neither_changed_nor_cancelled(self, portal: Portal) -> None:
        made = (await self.begin(portal)).json()
        assert made["ends_at"] is None
        for answer in (
            await change(portal, made["maintenance_id"]),
            await do(portal, made["maintenance_id"], "cancellation", reason="Why not."),
        ):
            assert problem(answer)[:2] == (409, "maintenance-has-started")

    async def test_a_key_sent_twice_begins_once(self, portal: Portal) -> None:
        headers, sent = once(), {"title": "Patch", "reason": "A flaw."}
        answers = [
            await portal.operations.post("/v1/urgent-maintenance", json=sent, headers=headers)
            for _ in range(2)
        ]
        assert answers[0].json() == answers[1].json()


class TestReading:
    async def test_everybody_with_a_portal_reads_it_and_operations_alone_change_it(
        self, portal: Portal
    ) -> None:
        made = await announce(portal)
        customer = await portal.new_customer()
        readers = [
            portal.of(Role.billing),
            *(portal.of(role, customer) for role in (Role.firm_collaborator, Role.partner)),
            portal.of(Role.company_user, customer, uuid4()),
        ]
        for reader in readers:
            assert made["maintenance_id"] in (await reader.get(f"{PATH}?limit=200")).text
            read = await reader.get(f"{PATH}/{made['maintenance_id']}")
            assert read.json()["announced_at"] == made["announced_at"]
            assert (await reader.get(f"{PATH}/{made['maintenance_id']}/history")).status_code == 200
            refused = await reader.post(PATH, json=planned(), headers=once())
            assert refused.status_code == 403

    async def test_by_kind_state_and_span(self, portal: Portal) -> None:
        await portal.set_time(datetime(2026, 6, 1, 8, 0, tzinfo=UTC))
        nights = [
            await announce(
                portal,
                starts_at=f"2026-06-{day:02}T22:00:00+02:00",
                ends_at=f"2026-06-{day + 1:02}T02:00:00+02:00",
            )
            for day in (8, 9)
        ]
        ids = [each["maintenance_id"] for each in nights]
        await do(portal, ids[0], "cancellation", reason="Not needed.")

        async def found(**asked: str) -> list[str]:
            span = {"kind": "planned", "since": "2026-06-08T00:00:00Z"}
            page = (await portal.operations.get(PATH, params=span | asked)).json()
            found = [each["maintenance_id"] for each in page["items"]]
            return [each for each in found if each in ids]

        assert await found() == ids[::-1]
        assert await found(kind="urgent") == []
        assert await found(state="cancelled") == ids[:1]
        assert await found(until="2026-06-09T00:00:00Z") == ids[:1]
        assert await found(since="2026-06-09T00:00:00Z") == ids[1:]
        first = (await portal.operations.get(f"{PATH}?kind=planned&limit=1")).json()
        assert first["next_cursor"] is not None

    async def test_what_is_not_there_is_not_found(self, portal: Portal) -> None:
        for answer in (
            await portal.operations.get(f"{PATH}/{uuid4()}"),
            await portal.operations.get(f"{PATH}/{uuid4()}/history"),
            await do(portal, str(uuid4()), "start"),
        ):
            assert problem(answer)[:2] == (404, "maintenance-unknown")


async def test_a_resync_says_how_maintenance_stands(portal: Portal) -> None:
    made, off = await announce(portal), await announce(portal)
    await do(portal, off["maintenance_id"], "cancellation", reason="Not needed.")
    await portal.set_time(at(12, 22))
    await do(portal, made["maintenance_id"], "start")
    await portal.set_time(at(13, 4, 30))
    await do(portal, made["maintenance_id"], "end")
    async with portal.db.transaction(Scope.portal()) as tx:
        again = [event async for event in resync(tx)]
    restated = [event for event in again if event.subject() == made["maintenance_id"]]
    assert [type(event) for event in restated] == [
        MaintenancePlanned,
        MaintenanceStarted,
        MaintenanceEnded,
    ]
    assert restated[1:] == (await portal.said(made["maintenance_id"]))[1:]
    cancelled = [event for event in again if event.subject() == off["maintenance_id"]]
    assert cancelled[-1:] == (await portal.said(off["maintenance_id"]))[-1:]
