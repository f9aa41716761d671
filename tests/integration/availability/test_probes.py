"""What places tell becomes outages, with the right bounds, once, whoever tells when (6-b, R5)."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from chassis.auth import Role
from chassis.clock import system_now
from chassis.db import Scope
from contracts.events.availability import OutageDetected, OutageEnded
from services.availability.commands.probes import forget_old, tell_silent
from tests.integration.availability.portal import problem
from tests.integration.availability.watched import Watched, target
from tests.support.callers import once


async def test_an_outage_lasts_from_the_first_failed_probe_to_the_first_successful_one(
    watched: Watched,
) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    await watched.story(place, portal, "+--", 150)
    assert await watched.bounds(portal) == [(120, None)]
    (row,) = await watched.outages_of(portal)
    standing = await watched.found(portal)
    assert standing["outage_id"] == row["outage_id"]
    await watched.story(place, portal, "-+", 60)
    assert await watched.bounds(portal) == [(120, 30)]
    assert (await watched.found(portal))["outage_id"] is None
    said = await watched.said(row["outage_id"])
    assert [type(event) for event in said] == [OutageDetected, OutageEnded]
    detected = said[0]
    assert isinstance(detected, OutageDetected)
    assert (detected.source, detected.offering_code, detected.environment) == ("probe", None, "production")


async def test_the_probes_that_made_an_outage_are_its_evidence(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    await watched.story(place, portal, "+-+", 90)
    (row,) = await watched.outages_of(portal)
    answer = await watched.operations.get(f"/v1/record/outages/{row['outage_id']}/evidence")
    kept = [item["content"] for item in answer.json()["items"]]
    assert [[one["outcome"] for one in content["results"]] for content in kept] == [["down"], ["up"]]
    failed = kept[0]["results"][0]
    assert (failed["place"], failed["step"], failed["fault"], failed["status"]) == (
        place,
        "reach",
        "status",
        503,
    )


async def test_a_service_that_is_down_is_an_outage_of_that_service(watched: Watched) -> None:
    place, offering = await watched.new_place(), await watched.new_offering()
    service = await watched.new_target(place, offering_code=offering)
    await watched.story(place, service, "-", 30)
    (row,) = await watched.outages_of(service)
    assert row["offering_code"] == offering


async def test_other_environments_are_watched_under_their_own_name(watched: Watched) -> None:
    place = await watched.new_place()
    script = {"steps": [{"name": "reach", "url": "http://127.0.0.1:9/"}]}
    test = await watched.new_target(place, environment="test", script=script)
    await watched.story(place, test, "-", 30)
    (row,) = await watched.outages_of(test)
    assert row["environment"] == "test"


async def test_two_of_three_places_confirm_and_one_does_not(watched: Watched) -> None:
    one, two, three = [await watched.new_place() for _ in range(3)]
    portal = await watched.new_target(one, two, three, places_needed=2)
    await watched.story(one, portal, "+----", 150)
    await watched.story(three, portal, "+++++", 148)
    assert await watched.bounds(portal) == []
    await watched.story(two, portal, "++---", 149)
    assert await watched.bounds(portal) == [(90, None)]


async def test_what_is_told_twice_is_one_outage(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    results = [watched.result(portal, ago, how) for ago, how in ((90, "up"), (60, "down"), (30, "up"))]
    first, second = await watched.tell(place, results), await watched.tell(place, results)
    assert (first.json()["new"], second.json()["new"]) == (3, 0)
    assert await watched.bounds(portal) == [(60, 30)]


async def test_each_flap_is_an_outage_of_its_own_once(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    for number, outcome in enumerate("+-+-+-+"):
        await watched.story(place, portal, outcome, 210 - number * 30)
    assert await watched.bounds(portal) == [(180, 150), (120, 90), (60, 30)]


async def test_results_out_of_order_give_the_same_bounds(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    told_until = system_now() - timedelta(hours=1)
    for ago, outcome in ((60, "down"), (120, "up"), (90, "up"), (30, "up")):
        await watched.tell(place, [watched.result(portal, ago, outcome)], told_until=told_until)
    assert await watched.bounds(portal) == [(60, 30)]


async def test_what_a_place_could_not_tell_is_kept_and_is_no_outage(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    await watched.story(place, portal, "+???", 120)
    assert await watched.bounds(portal) == []
    page = (await watched.operations.get(f"/v1/targets/{portal}/results")).json()
    assert [row["outcome"] for row in page["items"]] == ["prober_fault"] * 3 + ["up"]
    asked: dict[str, str | int] = {"outcome": "up", "limit": 1}
    page = (await watched.operations.get(f"/v1/targets/{portal}/results", params=asked)).json()
    assert [row["outcome"] for row in page["items"]] == ["up"]


async def test_places_that_tell_at_once_open_one_outage(watched: Watched) -> None:
    places = [await watched.new_place() for _ in range(4)]
    portal = await watched.new_target(*places, places_needed=2)
    await asyncio.gather(
        *(watched.story(place, portal, "+--", 150 + number) for number, place in enumerate(places))
    )
    assert [end for _, end in await watched.bounds(portal)] == [None]
    await asyncio.gather(
        *(watched.story(place, portal, "+", 20 + number) for number, place in enumerate(places))
    )
    assert len(await watched.bounds(portal)) == 1
    assert (await watched.bounds(portal))[0][1] is not None


async def test_an_outage_that_operations_withdrew_is_not_opened_again_before_a_success(
    watched: Watched,
) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    await watched.story(place, portal, "--", 150)
    (row,) = await watched.outages_of(portal)
    withdrawn = await watched.operations.post(
        f"/v1/record/outages/{row['outage_id']}/withdrawal",
        json={"reason": "The script was wrong."},
        headers=once() | {"If-Match": "*"},
    )
    assert withdrawn.status_code == 200, withdrawn.text
    await watched.story(place, portal, "-", 90)
    assert len(await watched.outages_of(portal)) == 1
    await watched.story(place, portal, "+-", 60)
    assert len(await watched.outages_of(portal)) == 2


async def test_after_a_change_the_results_of_before_confirm_nothing(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    changed = await watched.operations.put(
        f"/v1/targets/{portal}", json=target(place, name="Portal again"), headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200, changed.text
    answer = await watched.tell(place, [watched.result(portal, 30, "down")])
    assert answer.json() == {"new": 1, "outdated": [str(portal)]}
    assert await watched.bounds(portal) == []


async def test_an_outage_outlives_a_change_of_its_target_and_ends_with_the_next_success(
    watched: Watched,
) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    await watched.story(place, portal, "--", 60)
    sent = target(place, name="Portal again")
    await watched.operations.put(f"/v1/targets/{portal}", json=sent, headers={"If-Match": "*"})
    at = system_now()
    result = watched.result(portal, 0, "up", revision=2) | {"started_at": at.isoformat()}
    await watched.tell(place, [result | {"planned_at": at.isoformat()}])
    ((_, ended),) = await watched.bounds(portal)
    assert ended is not None


async def test_so_does_one_that_not_every_place_has_told_of_when_its_target_is_changed(
    watched: Watched,
) -> None:
    one, two = await watched.new_place(), await watched.new_place()
    portal = await watched.new_target(one, two)
    await watched.story(one, portal, "--", 60)
    sent = target(one, two, name="Portal again")
    await watched.operations.put(f"/v1/targets/{portal}", json=sent, headers={"If-Match": "*"})
    at = system_now().isoformat()
    result = watched.result(portal, 0, "up", revision=2) | {"started_at": at, "planned_at": at}
    await watched.tell(one, [result])
    ((_, ended),) = await watched.bounds(portal)
    assert ended is not None


async def test_a_failure_of_before_a_change_confirms_nothing_with_one_after_it(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place, in_a_row=2)
    await watched.story(place, portal, "-", 30)
    sent = target(place, name="Portal again", in_a_row=2)
    await watched.operations.put(f"/v1/targets/{portal}", json=sent, headers={"If-Match": "*"})
    at = system_now().isoformat()
    result = watched.result(portal, 0, "down", revision=2) | {"started_at": at, "planned_at": at}
    await watched.tell(place, [result])
    assert await watched.bounds(portal) == []


async def test_a_target_that_nobody_watches_any_more_is_said_to_be_outdated(watched: Watched) -> None:
    place, nobody = await watched.new_place(), uuid4()
    answer = await watched.tell(place, [watched.result(nobody, 30, "down")])
    assert answer.json() == {"new": 0, "outdated": [str(nobody)]}


async def test_a_place_whose_clock_is_off_proves_nothing(watched: Watched) -> None:
    place = await watched.new_place()
    late = (system_now() - timedelta(minutes=1)).isoformat()
    answer = await watched.tell(place, [], sent_at=late)
    assert problem(answer) == (422, "prober-clock-off", None)


async def test_a_place_that_is_not_defined_cannot_report(watched: Watched) -> None:
    assert problem(await watched.tell("nowhere", [])) == (404, "place-unknown", None)


async def test_only_its_own_program_speaks_for_a_place(watched: Watched) -> None:
    place = await watched.new_place(program_id=str(uuid4()))
    assert problem(await watched.tell(place, [])) == (403, "place-of-another", None)
    answer = await watched.prober.get(f"/v1/places/{place}/assignments")
    assert problem(answer) == (403, "place-of-another", None)


async def test_a_silent_place_is_shown_and_alarms_and_is_no_outage(watched: Watched) -> None:
    place = await watched.new_place(silent_after_seconds=10)
    portal = await watched.new_target(place)
    await watched.story(place, portal, "+", 30)
    later = system_now() + timedelta(seconds=60)
    async with watched.db.transaction(Scope.portal()) as tx:
        assert await tell_silent(tx, "operations@livret.example", later) >= 1
        assert await tell_silent(tx, "operations@livret.example", later) == 0
    shown = await place_of(watched, place)
    assert shown["silent_since"] == shown["seen_at"]
    assert await watched.bounds(portal) == []
    await watched.tell(place, [], health={"skipped": 3, "dropped": 1, "late_ms": 40})
    shown = await place_of(watched, place)
    assert (shown["silent_since"], shown["skipped"], shown["dropped"], shown["late_ms"]) == (None, 3, 1, 40)


async def place_of(watched: Watched, code: str) -> dict[str, Any]:
    page = (await watched.of(Role.support_agent).get("/v1/places", params={"limit": 200})).json()
    shown: dict[str, Any] = next(item for item in page["items"] if item["code"] == code)
    return shown


async def test_old_results_are_forgotten_and_the_outage_stays(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    await watched.story(place, portal, "+-+", 90)
    async with watched.db.transaction(Scope.portal()) as tx:
        assert await forget_old(tx, timedelta(days=1), system_now()) == 0
        assert await forget_old(tx, timedelta(days=1), system_now() + timedelta(days=2)) >= 3
    page = (await watched.operations.get(f"/v1/targets/{portal}/results")).json()
    assert page["items"] == []
    assert await watched.bounds(portal) == [(60, 30)]
