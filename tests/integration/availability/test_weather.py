"""The weather (6-g) over its doors: told as it changes, exported whole, read by all and by one alone."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Scope
from tests.integration.availability.portal import NOW, problem
from tests.integration.availability.sky import Sky, served
from tests.support.callers import once

HOURS = timedelta(hours=20)
EVENING = (NOW + timedelta(days=3)).replace(hour=22)
SLOT = {"starts_at": EVENING.isoformat(), "ends_at": (EVENING + timedelta(hours=2)).isoformat()}
PLANNED = {"title": "Nouvelle base", "description": "Deux heures.", "blocking": True, **SLOT}


async def test_before_it_was_ever_told_it_is_what_it_is_now(sky: Sky) -> None:
    outage = await sky.portal.open_outage()
    answer = await sky.stranger.get("/v1/weather")

    assert answer.status_code == 200, answer.text
    assert [each["outage_id"] for each in answer.json()["interruptions"]] == [outage["outage_id"]]
    assert (answer.json()["number"], answer.json()["stale"], await sky.number()) == (0, False, 0)
    assert (await served(sky, "/")).status_code == 503


async def test_everybody_reads_maintenance_with_its_announcement_and_how_it_went(sky: Sky) -> None:
    made = await sky.portal.operations.post("/v1/maintenance", json=PLANNED, headers=once())
    assert made.status_code == 201, made.text
    planned = (await sky.read())["planned"]
    assert [each["title"] for each in planned] == ["Nouvelle base"]
    announced_at = datetime.fromisoformat(planned[0]["announced_at"])
    assert NOW <= announced_at <= sky.portal.clock.business_now()

    await sky.portal.set_time(EVENING + timedelta(minutes=1))
    path = f"/v1/maintenance/{made.json()['maintenance_id']}"
    assert [each["phase"] for each in (await sky.read())["maintenance"]] == ["late"]
    begun = await sky.portal.operations.post(f"{path}/start", headers=once() | {"If-Match": "*"})
    assert begun.status_code < 300, begun.text
    weather = await sky.read()
    assert [each["phase"] for each in weather["maintenance"]] == ["going_on"]
    assert weather["portal"]["status"] == "maintenance"

    await sky.portal.set_time(EVENING + timedelta(hours=3))
    overrun = (await sky.read())["maintenance"][0]
    assert overrun["overran_since"] == overrun["ends_at"]


async def test_everybody_reads_what_touches_everybody_and_nothing_of_others(sky: Sky) -> None:
    portal = sky.portal
    firm, other = await portal.new_customer(), await portal.new_customer()
    code = await portal.new_offering()
    await portal.subscribe(firm, code)
    everybody = await portal.open_outage()
    service = await portal.open_outage(title="Devis", offering_code=code)
    alone = await portal.open_outage(title="Cabinet Durand seul", customer_ids=[str(firm)])
    await portal.open_outage(title="A test", environment="test")

    weather = await sky.read()
    public = {each["outage_id"] for each in weather["interruptions"]}
    assert public == {everybody["outage_id"], service["outage_id"]}
    assert "Durand" not in json.dumps(weather)
    assert [each["status"] for each in weather["services"]] == ["interrupted"]

    async def own(customer: UUID) -> tuple[set[str], list[str]]:
        answer = await portal.firm(customer).get("/v1/weather/own")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        return (
            {each["outage_id"] for each in told["interruptions"]},
            [each["code"] for each in told["services_in_use"]],
        )

    assert await own(firm) == (public | {alone["outage_id"]}, [code])
    assert await own(other) == ({everybody["outage_id"]}, [])


async def test_ones_own_weather_says_how_the_portal_stands_for_oneself_and_what_the_month_may_still_take(
    sky: Sky,
) -> None:
    portal = sky.portal
    firm, other = await portal.new_customer(), await portal.new_customer(NOW.date())
    await portal.open_outage(customer_ids=[str(firm)])
    over = {"starts_at": (NOW - timedelta(days=2)).isoformat(), "ends_at": (NOW - HOURS).isoformat()}
    before = (await portal.open_outage(**over))["outage_id"]

    async def own(customer: UUID) -> dict[str, Any]:
        answer = await portal.firm(customer).get("/v1/weather/own")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    mine, others = await own(firm), await own(other)
    assert (mine["portal"]["status"], others["portal"]["status"]) == ("interrupted", "operational")
    assert [each["outage_id"] for each in mine["past_interruptions"]] == [before]
    assert others["past_interruptions"] == []
    month = (await portal.firm(firm).get(f"/v1/months/{mine['month']['month']}")).json()
    figures = ("month", "state", "allowed_seconds")
    assert [mine["month"][name] for name in figures] == [month[name] for name in figures]
    assert mine["month"]["unavailable_seconds"] >= 3_600
    assert mine["month"]["kept"] is False


async def test_what_a_probe_or_an_alert_calls_an_outage_is_not_for_everybody(sky: Sky) -> None:
    outage = await sky.portal.open_outage(title="db-03.internal refuses connections")
    async with sky.portal.db.transaction(Scope.portal()) as tx:
        await tx.execute(
            text("UPDATE outage SET source = 'alert' WHERE outage_id = CAST(:id AS uuid)"),
            {"id": outage["outage_id"]},
        )

    weather = await sky.read()
    assert [each["title"] for each in weather["interruptions"]] == [None]
    assert "internal" not in json.dumps(weather)


async def test_it_is_told_again_when_it_changed_and_when_it_is_time_and_not_else(sky: Sky) -> None:
    await sky.tell()
    await sky.tell()
    assert await sky.number() == 1

    await sky.portal.open_outage()
    await sky.tell()
    assert await sky.number() == 2

    async with sky.portal.db.transaction(Scope.machine()) as tx:
        await tx.execute(text("UPDATE weather SET told_at = told_at - interval '60 seconds'"))
        changed = await tx.fetch_one(text("SELECT changed_at FROM weather"))
    await sky.tell()
    assert await sky.number() == 3
    async with sky.portal.db.transaction(Scope.machine()) as tx:
        assert await tx.fetch_one(text("SELECT changed_at FROM weather")) == changed


async def test_who_has_it_already_is_told_only_that(sky: Sky) -> None:
    await sky.tell()
    first = await sky.stranger.get("/v1/weather")
    again = await sky.stranger.get("/v1/weather", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=10"
    assert first.headers["last-modified"].endswith("GMT")

    await sky.portal.open_outage()
    await sky.tell()
    other = await sky.stranger.get("/v1/weather", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


async def test_one_of_the_portals_programs_reads_its_own_weather_with_its_scope(sky: Sky) -> None:
    firm = await sky.portal.new_customer()

    assert (await sky.portal.of(Role.partner, firm).get("/v1/weather/own")).status_code == 200
    assert problem(await sky.portal.operations.get("/v1/weather/own")) == (403, "not-allowed", None)
