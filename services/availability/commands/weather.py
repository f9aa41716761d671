"""Telling the weather anew: when it has changed, and regularly, so that its age says something."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chassis.db import Tx
from services.availability.model.weather import Told, Weather
from services.availability.rules.reference import local_day
from services.availability.rules.weather import RECENT, weather_of
from services.availability.store import weather as store
from services.availability.store.weather import Last
from services.availability.weather.state import WeatherShown

EXPORT = "weather_export"
"""The effect that exports what was told last."""
ROUNDS = 3
"""A state is good for so many rounds: one that is late says nothing yet."""
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Telling:
    """When the weather is told: in the portal's time and in real time, by which portal, how often."""

    now: datetime
    system_now: datetime
    origin: str
    every: timedelta


async def tell(tx: Tx, telling: Telling) -> bool:
    """6-g: tells the weather if it says something else than the last time, or it is time; whether it did.

    The caller sees to it that it runs once at a time.
    """
    weather, last = await _weather_of(tx, telling.now), await store.find_last(tx)
    digest = digest_of(weather)
    if last and last.digest == digest and telling.system_now - last.told_at < telling.every:
        return False
    said_since = last.changed_at if last and last.digest == digest else telling.system_now
    told = Told(weather, last.number + 1 if last else 1, telling.system_now, said_since)
    shown = _shown(told, telling)
    kept = Last(told.number, told.told_at, told.changed_at, digest, shown.model_dump(mode="json"))
    await store.save_last(tx, kept)
    await tx.effect(EXPORT, f"weather/{told.number}", {})
    return True


async def untold(tx: Tx, telling: Telling) -> WeatherShown:
    """6-g: how it stands before it was ever told, as number 0; nothing of it is kept."""
    return _shown(
        Told(await _weather_of(tx, telling.now), 0, telling.system_now, telling.system_now), telling
    )


def digest_of(weather: Weather) -> str:
    """Of what it says, whenever it says so."""
    return hashlib.sha256(repr(replace(weather, as_of=_NO_TIME)).encode()).hexdigest()


async def _weather_of(tx: Tx, now: datetime) -> Weather:
    return weather_of(await store.load_facts(tx, local_day(now), now - RECENT), now)


def _shown(told: Told, telling: Telling) -> WeatherShown:
    return WeatherShown.of(told, telling.origin, ROUNDS * telling.every)
