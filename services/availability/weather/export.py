"""The weather's way out of the portal: a static site in object storage, which needs nothing of ours.

Each object is whole at any time, and the state, from which all others can be drawn, is stored last.
"""

from typing import cast

from chassis.db import Database, Scope
from chassis.effects import Effect
from chassis.hears import Context
from chassis.objects import Objects
from services.availability.settings import AvailabilitySettings
from services.availability.store.weather import Last, find_last
from services.availability.weather.drawing import JSON, drawn
from services.availability.weather.names import STATE
from services.availability.weather.state import WeatherShown


async def export_weather(effect: Effect, context: Context) -> None:
    """Exports what was told last, whatever asked for it.

    It looks again afterwards: where two of these cross, the one that stored the older state then sees that
    there is a newer one, and stores that.
    """
    db = Database.create(context.settings.database_url, pool_size=1, application_name="availability-weather")
    try:
        objects = Objects.at(cast(AvailabilitySettings, context.settings).weather_store)
        stored, last = 0, await _last(db)
        while last is not None and last.number != stored:
            await store_weather(objects, WeatherShown.model_validate(last.document))
            stored, last = last.number, await _last(db)
    finally:
        await db.close()


async def store_weather(objects: Objects, weather: WeatherShown) -> None:
    """Stores everything that is drawn from this state, and the state last."""
    for name, (content, media_type) in drawn(weather).items():
        await objects.put(name, content, media_type)
    await objects.put(STATE, weather.model_dump_json(indent=1).encode(), JSON)


async def _last(db: Database) -> Last | None:
    async with db.transaction(Scope.machine(), read_only=True) as tx:
        return await find_last(tx)
