"""Planned maintenance: announced with its notice, changed, cancelled, read."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from chassis.auth import Role
from contracts.events.availability import (
    MaintenanceCancelled,
    MaintenancePlanned,
)
from tests.integration.availability.maintenance import (
    PATH,
    announce,
    at,
    change,
    do,
    history,
    planned,
)
from tests.integration.availability.portal import NOW, Portal, problem
from tests.support.callers import once


@pytest.fixture(autouse=True)
async def on_tuesday(portal: Portal) -> None:
    """Each test begins on that Tuesday."""
    await portal.set_time(NOW)


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
