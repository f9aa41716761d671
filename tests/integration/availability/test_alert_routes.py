"""Operations say by labels which alerts are an outage, and of what."""

from uuid import uuid4

import pytest

from tests.integration.availability.alertmanager import alert, alerts_of, bounds, deliver, route
from tests.integration.availability.portal import problem
from tests.integration.availability.watched import Watched
from tests.support.callers import once


@pytest.fixture
def word() -> str:
    return f"s{uuid4().hex[:12]}"


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
