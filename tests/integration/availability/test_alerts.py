"""Alertmanager's notifications open and end outages, whatever the order and however often they come (R5)."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from chassis.clock import system_now
from chassis.db import Scope
from services.availability.commands.alerts import forget_old
from tests.integration.availability.alertmanager import NEVER, alert, alerts_of, bounds, deliver, route, told
from tests.integration.availability.watched import Watched
from tests.support.callers import once


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
    odd = alert(
        watched, word, 60, labels=labels, annotations={"summary": "\0 \n", "description": "y" * 50_000}
    )
    plain = alert(watched, f"{word}x", 50)
    answer = await deliver(watched, odd, plain, truncatedAlerts=3, receiver="monitoring/rules/livret" * 30)
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


async def test_alerts_that_are_long_over_are_forgotten_and_those_that_fire_are_not(
    watched: Watched, word: str
) -> None:
    await deliver(watched, alert(watched, word, 600, 300), alert(watched, f"{word}x", 600))
    later: datetime = system_now() + timedelta(days=2)
    async with watched.db.transaction(Scope.portal()) as tx:
        assert await forget_old(tx, timedelta(days=1), later) >= 1
    assert await alerts_of(watched, word) == []
    assert len(await alerts_of(watched, f"{word}x")) == 1
