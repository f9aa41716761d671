"""Alertmanager's notifications open and end outages, whatever the order and however often they come (R5)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.auth import Role
from chassis.clock import system_now
from chassis.db import Scope
from services.availability.commands.alerts import forget_old
from tests.integration.availability.portal import problem
from tests.integration.availability.watched import Watched, opened
from tests.support.callers import once
from tests.support.postgres import DatabaseMaker

NEVER = "0001-01-01T00:00:00Z"


@pytest.fixture(scope="module")
async def watched(module_database: DatabaseMaker) -> AsyncIterator[Watched]:
    async with opened(module_database("availability")) as watched:
        yield watched


def told(watched: Watched, seconds_ago: float) -> str:
    """An instant as Alertmanager writes it."""
    return (watched.began_at - timedelta(seconds=seconds_ago)).isoformat().replace("+00:00", "Z")


def alert(
    watched: Watched, word: str, since: float, until: float | None = None, **changes: Any
) -> dict[str, Any]:
    """One alert of a notification, its bounds in seconds before now; with an end it is resolved."""
    sent = {
        "status": "firing" if until is None else "resolved",
        "labels": {"alertname": "PortalDown", "severity": "critical", "service": word},
        "annotations": {"summary": "Nobody can log in", "description": "Logins fail with 503."},
        "startsAt": told(watched, since),
        "endsAt": NEVER if until is None else told(watched, until),
        "generatorURL": "http://prometheus.example/graph?g0.expr=up%3D%3D0",
        "fingerprint": word.rjust(16, "0")[-16:],
    }
    return sent | changes


async def deliver(watched: Watched, *alerts: dict[str, Any], **changes: Any) -> httpx.Response:
    """A notification as Alertmanager's webhook posts it, without any header of ours."""
    sent = {
        "receiver": "livret",
        "status": "firing" if any(one["status"] == "firing" for one in alerts) else "resolved",
        "alerts": list(alerts),
        "groupLabels": {"alertname": "PortalDown"},
        "commonLabels": {"alertname": "PortalDown"},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example:9093",
        "version": "4",
        "groupKey": '{}:{alertname="PortalDown"}',
        "truncatedAlerts": 0,
    }
    return await watched.of(Role.machine).post("/v1/alerts", json=sent | changes)


async def route(watched: Watched, word: str, **changes: Any) -> dict[str, Any]:
    """A route for the alerts of a test."""
    sent = {"name": word, "matchers": [{"label": "service", "comparison": "=", "value": word}]}
    answer = await watched.operations.post("/v1/alert-routes", json=sent | changes, headers=once())
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def bounds(watched: Watched, word: str) -> list[tuple[int | None, int | None]]:
    """The outages of an alert, in seconds before the story's end, the earliest first."""
    page = (await watched.operations.get("/v1/record/outages", params={"limit": 200})).json()
    key = word.rjust(16, "0")[-16:]
    rows = sorted(
        (row for row in page["items"] if row["source_key"] == key), key=lambda row: str(row["starts_at"])
    )
    return [(watched.ago(row["starts_at"]), watched.ago(row["ends_at"])) for row in rows]


@pytest.fixture
def word() -> str:
    return f"s{uuid4().hex[:12]}"


async def test_an_alert_is_an_outage_from_its_own_start_to_its_own_end(watched: Watched, word: str) -> None:
    await route(watched, word)
    taken = (await deliver(watched, alert(watched, word, 600))).json()
    assert taken == {"began": 1, "ended": 0, "unmatched": 0, "truncated": 0}
    assert await bounds(watched, word) == [(600, None)]
    taken = (await deliver(watched, alert(watched, word, 600, 300))).json()
    assert (taken["began"], taken["ended"]) == (0, 1)
    assert await bounds(watched, word) == [(600, 300)]


async def test_a_notification_that_is_repeated_does_nothing_more(watched: Watched, word: str) -> None:
    await route(watched, word)
    for until in (None, None, 300, 300, None):
        await deliver(watched, alert(watched, word, 600, until))
    assert await bounds(watched, word) == [(600, 300)]
    (shown,) = await alerts_of(watched, word)
    assert shown["times_told"] == 5


async def test_a_resolution_that_overtakes_its_firing_makes_the_whole_outage(
    watched: Watched, word: str
) -> None:
    await route(watched, word)
    await deliver(watched, alert(watched, word, 600, 300))
    await deliver(watched, alert(watched, word, 600))
    assert await bounds(watched, word) == [(600, 300)]


async def test_a_repeat_with_another_start_stays_the_same_outage(watched: Watched, word: str) -> None:
    await route(watched, word)
    await deliver(watched, alert(watched, word, 600))
    await deliver(watched, alert(watched, word, 400))
    await deliver(watched, alert(watched, word, 400, 100))
    assert await bounds(watched, word) == [(600, 100)]


async def test_an_alert_that_comes_back_is_another_outage(watched: Watched, word: str) -> None:
    await route(watched, word)
    await deliver(watched, alert(watched, word, 600, 500))
    await deliver(watched, alert(watched, word, 400))
    await deliver(watched, alert(watched, word, 600, 500))
    assert await bounds(watched, word) == [(600, 500), (400, None)]


async def test_the_guess_of_an_end_while_it_fires_is_none(watched: Watched, word: str) -> None:
    await route(watched, word)
    await deliver(watched, alert(watched, word, 60, endsAt=told(watched, -240)))
    assert await bounds(watched, word) == [(60, None)]


async def test_a_resolution_without_an_end_ends_it_now(watched: Watched, word: str) -> None:
    await route(watched, word)
    await deliver(watched, alert(watched, word, 60))
    await deliver(watched, alert(watched, word, 60, 30, endsAt=NEVER))
    ((_, ended),) = await bounds(watched, word)
    assert ended is not None
    assert ended <= 0


async def test_a_group_opens_and_ends_each_of_its_alerts(watched: Watched, word: str) -> None:
    await route(watched, f"a{word}")
    await route(watched, f"b{word}")
    first, second = alert(watched, f"a{word}", 600), alert(watched, f"b{word}", 500, 400)
    taken = (await deliver(watched, first, second, truncatedAlerts=7)).json()
    assert taken == {"began": 2, "ended": 1, "unmatched": 0, "truncated": 7}
    assert await bounds(watched, f"a{word}") == [(600, None)]
    assert await bounds(watched, f"b{word}") == [(500, 400)]


async def test_two_alertmanagers_that_tell_at_once_open_one_outage(watched: Watched, word: str) -> None:
    await route(watched, word)
    answers = await asyncio.gather(*(deliver(watched, alert(watched, word, 600)) for _ in range(5)))
    assert sorted(answer.json()["began"] for answer in answers) == [0, 0, 0, 0, 1]
    assert await bounds(watched, word) == [(600, None)]


async def test_what_no_route_matches_is_kept_shown_and_found_when_one_does(
    watched: Watched, word: str
) -> None:
    taken = (await deliver(watched, alert(watched, word, 600))).json()
    assert taken["unmatched"] == 1
    (shown,) = await alerts_of(watched, word, matched=False)
    assert (shown["route_id"], shown["outage_id"], shown["ends_at"]) == (None, None, None)
    made = await route(watched, word)
    await deliver(watched, alert(watched, word, 600))
    assert await bounds(watched, word) == [(600, None)]
    (shown,) = await alerts_of(watched, word, matched=True)
    assert shown["route_id"] == made["route_id"]


async def alerts_of(watched: Watched, word: str, **asked: bool) -> list[dict[str, Any]]:
    params: dict[str, str | int | bool] = {"limit": 200, **asked}
    page = (await watched.of(Role.support_agent).get("/v1/alerts", params=params)).json()
    key = word.rjust(16, "0")[-16:]
    return [item for item in page["items"] if item["fingerprint"] == key]


async def test_the_first_route_in_order_decides_and_may_say_that_it_is_none(
    watched: Watched, word: str
) -> None:
    matchers = [
        {"label": "service", "comparison": "=~", "value": f"other|{word[:4]}.*"},
        {"label": "severity", "comparison": "!=", "value": "critical"},
    ]
    await route(watched, word, position=2)
    await route(watched, word, position=1, matchers=matchers, opens=False)
    labels = {"alertname": "Slow", "severity": "warning", "service": word}
    assert (await deliver(watched, alert(watched, word, 60, labels=labels))).json()["unmatched"] == 1
    assert await bounds(watched, word) == []
    await deliver(watched, alert(watched, f"{word}x", 60, labels=labels | {"severity": "critical"}))
    assert await bounds(watched, f"{word}x") == [(60, None)]


async def test_labels_say_which_service_and_which_environment(watched: Watched, word: str) -> None:
    offering = await watched.new_offering()
    await route(watched, word, offering_label="offering", environment_label="env", environment="acceptance")
    labels = {"alertname": "Down", "service": word, "offering": offering, "env": "test"}
    await deliver(watched, alert(watched, word, 60, labels=labels))
    page = (await watched.operations.get("/v1/record/outages", params={"limit": 200})).json()
    row = next(item for item in page["items"] if item["source_key"] == word.rjust(16, "0")[-16:])
    assert (row["offering_code"], row["environment"], row["title"]) == (offering, "test", "Nobody can log in")


async def test_a_label_that_names_no_service_opens_nothing_and_is_kept(watched: Watched, word: str) -> None:
    await route(watched, word, offering_label="offering")
    labels = {"alertname": "Down", "service": word, "offering": "nowhere"}
    assert (await deliver(watched, alert(watched, word, 60, labels=labels))).json()["unmatched"] == 1
    assert len(await alerts_of(watched, word, matched=False)) == 1


async def test_what_operations_ended_by_hand_is_not_ended_again(watched: Watched, word: str) -> None:
    await route(watched, word)
    await deliver(watched, alert(watched, word, 600))
    page = (await watched.operations.get("/v1/record/outages", params={"limit": 200})).json()
    row = next(item for item in page["items"] if item["source_key"] == word.rjust(16, "0")[-16:])
    ended = await watched.operations.post(
        f"/v1/record/outages/{row['outage_id']}/end",
        json={"ended_at": watched.clock.business_now().isoformat()},
        headers=once() | {"If-Match": "*"},
    )
    assert ended.status_code == 200, ended.text
    answer = await deliver(watched, alert(watched, word, 600, 10))
    assert answer.status_code == 200
    assert len(await bounds(watched, word)) == 1


async def test_an_alert_of_no_length_is_no_outage(watched: Watched, word: str) -> None:
    await route(watched, word)
    await deliver(watched, alert(watched, word, 0.2, 0.1))
    await deliver(watched, alert(watched, f"{word}x", 60, 60))
    assert len(await bounds(watched, word)) == 1
    assert await bounds(watched, f"{word}x") == []


async def test_an_alert_that_ends_before_it_begins_is_kept_and_is_no_outage(
    watched: Watched, word: str
) -> None:
    await route(watched, word)
    for since, until in ((-3600, 60), (60, 120)):
        answer = await deliver(watched, alert(watched, word, since, until))
        assert (answer.status_code, answer.json()["began"]) == (200, 0), answer.text


async def test_an_odd_alert_takes_none_of_its_group_with_it(watched: Watched, word: str) -> None:
    await route(watched, word, environment_label="env")
    labels = {"alertname": "Down", "service": word, "env": "e" * 300} | {f"l{n}": "x" for n in range(200)}
    odd = alert(watched, word, 60, labels=labels, annotations={"summary": " \n", "description": "y" * 50_000})
    plain = alert(watched, f"{word}x", 50)
    answer = await deliver(watched, odd, plain, truncatedAlerts=3)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["began"], answer.json()["truncated"]) == (2, 3)
    ((since, _),) = await bounds(watched, word)
    assert since == 60
    page = (await watched.operations.get("/v1/record/outages", params={"limit": 200})).json()
    (row,) = [each for each in page["items"] if each["source_key"] == word.rjust(16, "0")[-16:]]
    assert (row["title"], len(row["description"]), row["environment"]) == ("Down", 5_000, "production")


async def test_another_version_or_shape_is_refused(watched: Watched, word: str) -> None:
    assert (await deliver(watched, alert(watched, word, 60), version="5")).status_code == 422
    assert (await deliver(watched, alert(watched, word, 60, startsAt="yesterday"))).status_code == 422


async def test_routes_are_kept_by_operations_under_a_precondition(watched: Watched, word: str) -> None:
    made = await route(watched, word)
    path = f"/v1/alert-routes/{made['route_id']}"
    sent = {"name": "other", "matchers": made["matchers"], "opens": False}
    assert problem(await watched.operations.put(path, json=sent, headers={"If-Match": '"9"'}))[0] == 412
    changed = await watched.operations.put(path, json=sent, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.json()["revision"]) == ("other", 2)
    listed = (await watched.operations.get("/v1/alert-routes", params={"limit": 200})).json()["items"]
    assert made["route_id"] in [item["route_id"] for item in listed]
    assert (await watched.operations.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    gone = await watched.operations.put(path, json=sent, headers={"If-Match": "*"})
    assert problem(gone) == (404, "alert-route-unknown", None)


async def test_a_pattern_that_could_take_for_ever_is_refused(watched: Watched, word: str) -> None:
    matchers = [{"label": "service", "comparison": "=~", "value": "(a+)+b"}]
    sent = {"name": word, "matchers": matchers}
    answer = await watched.operations.post("/v1/alert-routes", json=sent, headers=once())
    assert problem(answer) == (422, "alert-matcher-unusable", None)


async def test_alerts_that_are_long_over_are_forgotten_and_those_that_fire_are_not(
    watched: Watched, word: str
) -> None:
    await deliver(watched, alert(watched, word, 600, 300), alert(watched, f"{word}x", 600))
    later: datetime = system_now() + timedelta(days=2)
    async with watched.db.transaction(Scope.portal()) as tx:
        assert await forget_old(tx, timedelta(days=1), later) >= 1
    assert await alerts_of(watched, word) == []
    assert len(await alerts_of(watched, f"{word}x")) == 1
