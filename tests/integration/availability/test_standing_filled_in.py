"""A database of before learns when each target's last run ended, as it would have been kept since (R5)."""

from datetime import datetime
from importlib import import_module
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.db import Scope
from tests.integration.availability.watched import Watched

FILL_IN = import_module("services.availability.migrations.versions.0005_standing").FILL_IN


async def ended_at(watched: Watched, target_id: UUID) -> datetime | None:
    """When its last run ended, as it is known of a target."""
    (row,) = await watched.rows(
        f"SELECT standing ->> 'ended_at' AS at FROM target_standing WHERE target_id = '{target_id}'"
    )
    return datetime.fromisoformat(row.at) if row.at else None


async def filled_in(watched: Watched, target_id: UUID) -> datetime | None:
    """The same, once it was forgotten and filled in from what is on record."""
    async with watched.db.transaction(Scope.portal()) as tx:
        await tx.execute(
            text("UPDATE target_standing SET standing = jsonb_set(standing, '{ended_at}', 'null')")
        )
        await tx.execute(text(FILL_IN))
    return await ended_at(watched, target_id)


@pytest.mark.parametrize("told", ["+--++", "+--+++--", "+--", "+--+--+--++"])
async def test_what_is_filled_in_is_what_would_have_been_kept(watched: Watched, told: str) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    await watched.story(place, portal, told, 400)
    kept = await ended_at(watched, portal)
    assert (kept is not None) is ("-+" in told)
    assert await filled_in(watched, portal) == kept


async def test_a_run_that_goes_on_in_two_parts_did_not_end_with_the_first(watched: Watched) -> None:
    places = [await watched.new_place() for _ in range(3)]
    portal = await watched.new_target(*places, places_needed=2)
    await watched.story(places[0], portal, "+--+++--", 300)
    await watched.story(places[1], portal, "+-------", 299)
    first, _ = await watched.outages_of(portal)
    path = f"/v1/record/outages/{first['outage_id']}"
    kept = {"title": "Known", "reason": "Looked into.", "starts_at": first["starts_at"]}
    await watched.operations.put(path, json=kept | {"ends_at": first["ends_at"]}, headers={"If-Match": "*"})
    await watched.story(places[2], portal, "+-------", 298)
    assert await watched.bounds(portal) == [(270, 210), (210, None)]
    assert await filled_in(watched, portal) is None
    await watched.story(places[0], portal, "-", 40)
    assert await watched.bounds(portal) == [(270, 210), (210, None)]
