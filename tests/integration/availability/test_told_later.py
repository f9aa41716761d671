"""What a place tells later keeps the record right: it says what was told in the order of time (R5)."""

from datetime import timedelta
from uuid import UUID

from tests.integration.availability.watched import Watched


async def test_places_that_were_cut_off_tell_in_retrospect(watched: Watched) -> None:
    one, two = await watched.new_place(), await watched.new_place()
    portal = await watched.new_target(one, two, places_needed=2)
    await watched.story(one, portal, "+----++", 300)
    assert await watched.bounds(portal) == []
    await watched.story(two, portal, "+----++", 299)
    assert await watched.bounds(portal) == [(270, 150)]


async def told(watched: Watched, first: str, second: str) -> tuple[list[str], UUID]:
    """Three places, and what the first two told of a target until now."""
    places = [await watched.new_place() for _ in range(3)]
    portal = await watched.new_target(*places, places_needed=2)
    await watched.story(places[0], portal, first, 300)
    await watched.story(places[1], portal, second, 299)
    return places, portal


async def test_what_a_place_tells_later_makes_an_outage_go_on_that_seemed_over(watched: Watched) -> None:
    (_, _, late), portal = await told(watched, "+---++++++", "+---------")
    assert await watched.bounds(portal) == [(270, 180)]
    await watched.story(late, portal, "+-------", 298)
    assert await watched.bounds(portal) == [(270, None)]
    (row,) = await watched.outages_of(portal)
    lines = (await watched.operations.get(f"/v1/record/outages/{row['outage_id']}/history")).json()["items"]
    assert [(line["change"], line["by"]) for line in lines] == [
        ("opened", None),
        ("corrected", None),
    ]
    await watched.story(late, portal, "++", 58)
    ((_, ended),) = await watched.bounds(portal)
    assert ended is not None


async def test_an_outage_that_was_over_before_leaves_the_one_that_goes_on(watched: Watched) -> None:
    late, one = await watched.new_place(), await watched.new_place()
    portal = await watched.new_target(late, one)
    await watched.story(one, portal, "++++++++---", 330)
    assert await watched.bounds(portal) == [(90, None)]
    await watched.story(late, portal, "+---+++", 329)
    assert sorted(await watched.bounds(portal), reverse=True) == [(299, 209), (90, None)]
    over = next(row for row in await watched.outages_of(portal) if row["ends_at"] is not None)
    evidence = await watched.operations.get(f"/v1/record/outages/{over['outage_id']}/evidence")
    assert len(evidence.json()["items"]) == 2


async def test_what_a_place_tells_later_makes_it_begin_earlier(watched: Watched) -> None:
    (_, _, late), portal = await told(watched, "+++++-----", "+---------")
    assert await watched.bounds(portal) == [(179, None)]
    await watched.story(late, portal, "+--------", 298)
    ((since, until),) = await watched.bounds(portal)
    assert (since, until) == (269, None)


async def test_what_a_place_tells_later_makes_two_of_one(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    until = watched.began_at - timedelta(seconds=400)
    for told in (((300, "down"), (270, "down"), (30, "up")), ((240, "up"), (120, "down"), (90, "down"))):
        results = [watched.result(portal, ago, outcome) for ago, outcome in told]
        await watched.tell(place, results, told_until=until)
    assert await watched.bounds(portal) == [(300, 240), (120, 30)]


async def test_what_a_place_tells_later_makes_one_of_two(watched: Watched) -> None:
    (_, _, late), portal = await told(watched, "+--+++--++", "+---------")
    assert await watched.bounds(portal) == [(270, 210), (149, 60)]
    await watched.story(late, portal, "+-------++", 298)
    first, second = sorted(await watched.outages_of(portal), key=lambda row: str(row["state"]))
    assert [(row["state"], row["merged_into"]) for row in (first, second)] == [
        ("ended", None),
        ("merged", first["outage_id"]),
    ]
    assert (watched.ago(first["starts_at"]), watched.ago(first["ends_at"])) == (270, 60)


async def test_what_a_place_tells_later_shows_that_there_was_none(watched: Watched) -> None:
    one, two = await watched.new_place(), await watched.new_place()
    portal = await watched.new_target(one, two, places_needed=2)
    await watched.story(one, portal, "+-", 120)
    await watched.story(two, portal, "+++-", 121)
    assert await watched.bounds(portal) == [(31, None)]
    await watched.story(one, portal, "+", 60)
    (row,) = await watched.outages_of(portal)
    assert row["state"] == "withdrawn"
    assert (await watched.found(portal))["outage_id"] is None
    path = f"/v1/record/outages/{row['outage_id']}/evidence"
    kept = (await watched.operations.get(path)).json()["items"]
    assert [one["outcome"] for one in kept[-1]["content"]["results"]] == ["down"]


async def test_what_a_place_tells_later_ends_what_a_person_made_of_one_that_was_none(
    watched: Watched,
) -> None:
    one, two = await watched.new_place(), await watched.new_place()
    portal = await watched.new_target(one, two, places_needed=2)
    await watched.story(one, portal, "+-", 120)
    await watched.story(two, portal, "+++-", 121)
    (row,) = await watched.outages_of(portal)
    kept = {"title": "Known", "reason": "Looked into.", "starts_at": row["starts_at"]}
    path = f"/v1/record/outages/{row['outage_id']}"
    settled = await watched.operations.put(path, json=kept, headers={"If-Match": "*"})
    assert settled.status_code == 200, settled.text
    await watched.story(one, portal, "+", 60)
    (row,) = await watched.outages_of(portal)
    assert (row["state"], row["title"]) == ("ended", "Known")


async def test_that_an_end_was_earlier_than_it_seemed_is_no_other_outage(
    watched: Watched,
) -> None:
    one, two, three = [await watched.new_place() for _ in range(3)]
    portal = await watched.new_target(one, two, three, places_needed=2)
    await watched.story(one, portal, "--+++++++", 300)
    await watched.story(three, portal, "---------", 280)
    for number, outcome in enumerate("-----++++"):
        await watched.story(two, portal, outcome, 290 - 30 * number)
    assert await watched.bounds(portal) == [(300, 150)]


async def test_what_a_place_tells_later_leaves_the_parts_that_a_person_has_settled(watched: Watched) -> None:
    (_, _, late), portal = await told(watched, "+--+++--++", "+---------")
    first, _ = await watched.outages_of(portal)
    path = f"/v1/record/outages/{first['outage_id']}"
    kept = {"title": "Known", "reason": "Looked into.", "starts_at": first["starts_at"]}
    await watched.operations.put(path, json=kept | {"ends_at": first["ends_at"]}, headers={"If-Match": "*"})
    await watched.story(late, portal, "+-------++", 298)
    assert await watched.bounds(portal) == [(270, 210), (210, 60)]


async def test_what_a_place_tells_later_changes_nothing_that_a_person_has_settled(watched: Watched) -> None:
    (_, _, late), portal = await told(watched, "+---++++++", "+---------")
    (row,) = await watched.outages_of(portal)
    path = f"/v1/record/outages/{row['outage_id']}"
    kept = {"title": "Known", "reason": "Looked into.", "starts_at": row["starts_at"]}
    settled = await watched.operations.put(
        path, json=kept | {"ends_at": row["ends_at"]}, headers={"If-Match": "*"}
    )
    assert settled.status_code == 200, settled.text
    await watched.story(late, portal, "+-------", 298)
    assert await watched.bounds(portal) == [(270, 180)]
