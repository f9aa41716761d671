"""Maintenance that goes on: started in its slot, ended, overrun; urgent, with its exclusion."""

from typing import Any

import httpx
import pytest

from chassis.db import Scope
from contracts.events.availability import (
    MaintenanceEnded,
    MaintenancePlanned,
    MaintenanceStarted,
    OutageExcluded,
)
from services.availability.resync import resync
from tests.integration.availability.maintenance import PATH, announce, at, change, do, exclusion_of
from tests.integration.availability.portal import NOW, Portal, problem
from tests.support.callers import once


@pytest.fixture(autouse=True)
async def on_tuesday(portal: Portal) -> None:
    """Each test begins on that Tuesday."""
    await portal.set_time(NOW)


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

    async def test_that_goes_on_past_its_expected_end_is_among_what_lasts(self, portal: Portal) -> None:
        made = (await self.begin(portal, expected_end=at(10, 11).isoformat())).json()
        lasting = {"kind": "urgent", "since": at(10, 12).isoformat(), "limit": "200"}

        async def found() -> bool:
            listed = await portal.operations.get(PATH, params=lasting)
            return made["maintenance_id"] in {each["maintenance_id"] for each in listed.json()["items"]}

        assert await found()
        await portal.set_time(at(10, 11, 30))
        await do(portal, made["maintenance_id"], "end")
        assert not await found()

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
