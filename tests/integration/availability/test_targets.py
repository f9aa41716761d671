"""Targets are kept by operations, and their secrets by nobody else."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.auth import Role
from chassis.db import Database
from chassis.sealing import Sealer, new_key
from services.availability.commands.targets import reseal_secrets
from tests.integration.availability.portal import problem
from tests.integration.availability.watched import (
    PASSWORD,
    SEALING,
    Watched,
    logging_in,
    opened,
    target,
)
from tests.support.callers import once
from tests.support.postgres import DatabaseMaker, ServiceDatabase


@pytest.fixture(scope="module")
def database(module_database: DatabaseMaker) -> ServiceDatabase:
    return module_database("availability")


@pytest.fixture(scope="module")
async def watched(database: ServiceDatabase) -> AsyncIterator[Watched]:
    async with opened(database) as watched:
        yield watched


async def test_secrets_are_sealed_at_rest_and_shown_to_nobody(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    shown = await watched.of(Role.support_agent).get(f"/v1/targets/{portal}")
    assert shown.json()["secret_names"] == ["password"]
    trail = await watched.of(Role.publisher_admin).get("/v1/audit", params={"limit": 200})
    listed = await watched.operations.get("/v1/targets", params={"limit": 200})
    for answer in (shown, trail, listed):
        assert answer.status_code == 200, answer.text
        assert PASSWORD not in answer.text
    rows = await watched.rows("SELECT sealed FROM target_secret")
    assert rows
    assert all(row.sealed.startswith("sealed:") for row in rows)


async def test_secrets_are_kept_renewed_and_sealed_anew(watched: Watched, database: ServiceDatabase) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    path, seen = f"/v1/targets/{portal}", {"If-Match": "*"}
    for sent, expected in (({}, PASSWORD), ({"password": "another one"}, "another one")):
        changed = await watched.operations.put(path, json=target(place, secrets=sent), headers=seen)
        assert changed.status_code == 200, changed.text
        handed = await watched.prober.get(f"/v1/places/{place}/assignments")
        assert handed.json()["items"][0]["secrets"] == {"password": expected}
    key = new_key()
    newer = Sealer.of(f"{key},{SEALING}")
    db = Database.create(database.app_url, pool_size=1)
    sealed = await reseal_secrets(db, newer)
    assert (sealed >= 1, await reseal_secrets(db, newer)) == (True, 0)
    await reseal_secrets(db, Sealer.of(f"{SEALING},{key}"))
    await db.close()


async def test_a_target_is_changed_and_removed_under_a_precondition(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    path = f"/v1/targets/{portal}"
    assert problem(await watched.operations.put(path, json=target(place)))[0] == 428
    stale = await watched.operations.put(path, json=target(place), headers={"If-Match": '"7"'})
    assert problem(stale) == (412, "changed-meanwhile", None)
    changed = await watched.operations.put(
        path, json=target(place, name="Other"), headers={"If-Match": '"1"'}
    )
    assert (changed.json()["name"], changed.headers["etag"]) == ("Other", '"2"')
    gone = await watched.operations.delete(path, headers={"If-Match": '"2"'})
    assert gone.status_code == 204
    assert problem(await watched.operations.get(path)) == (404, "target-unknown", None)


async def test_a_target_that_is_down_is_neither_paused_nor_removed(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    await watched.story(place, portal, "-", 30)
    path, seen = f"/v1/targets/{portal}", {"If-Match": "*"}
    paused = await watched.operations.put(path, json=target(place, paused=True), headers=seen)
    assert problem(paused) == (409, "target-is-down", None)
    removed = await watched.operations.delete(path, headers=seen)
    assert problem(removed) == (409, "target-is-down", None)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"script": {"steps": [{"name": "reach", "url": "http://a/"}]}}, ("target-does-not-log-in", "6-b")),
        ({"secrets": {}}, ("script-unusable", None)),
        ({"places_needed": 2}, ("confirmation-impossible", None)),
        ({"offering_code": "nowhere"}, ("watched-offering-unknown", None)),
    ],
)
async def test_a_target_that_cannot_be_watched_is_refused(
    watched: Watched, changes: dict[str, Any], refused: tuple[str, str | None]
) -> None:
    place = await watched.new_place()
    answer = await watched.operations.post("/v1/targets", json=target(place, **changes), headers=once())
    assert problem(answer)[1:] == refused


async def test_a_target_is_watched_from_places_that_there_are(watched: Watched) -> None:
    answer = await watched.operations.post("/v1/targets", json=target("nowhere"), headers=once())
    assert problem(answer) == (404, "place-unknown", None)


async def test_a_value_is_in_one_place_of_an_answer(watched: Watched) -> None:
    place = await watched.new_place()
    script = logging_in()
    script["steps"][0]["extract"] = [{"variable": "v", "pointer": "/a", "header": "Location"}]
    answer = await watched.operations.post("/v1/targets", json=target(place, script=script), headers=once())
    assert answer.status_code == 422
