"""The weather (6-g): for everybody as it was last told, and a customer's own. Pages and feeds are the weather
server's, which answers while this API does not.
"""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from chassis.auth import Public
from chassis.preconditions import IfNoneMatch, etag_of
from chassis.unit import Entrance, Entry, Read
from services.availability.api.month_shapes import figures_shown
from services.availability.api.permissions import CustomerReader, own_customer
from services.availability.commands.weather import Telling, untold
from services.availability.rules.coverage import month_at
from services.availability.rules.reference import local_day
from services.availability.rules.weather import RECENT, freshness_of, weather_of
from services.availability.schemas.weather import OwnWeather
from services.availability.store import weather as store
from services.availability.store.standing import load_tallies
from services.availability.weather.drawing import SOON
from services.availability.weather.state import (
    InterruptionShown,
    ServiceStanding,
    StandingShown,
    WeatherShown,
)

router = APIRouter(tags=["weather"])
ROUTERS = [router]

A_MINUTE = timedelta(minutes=1)
KNOWN: dict[int | str, dict[str, Any]] = {304: {"description": "It is as you know it."}}


@router.get("/weather", dependencies=[Public], response_model=WeatherShown, responses=KNOWN)
async def read_weather(
    request: Request, entry: Entrance, known: IfNoneMatch, response: Response
) -> WeatherShown | Response:
    """How the portal and each service stand, interruptions, maintenance that goes on and that is planned."""
    weather, now = await _last_told(entry, request), entry.clock.system_now()
    is_stale = freshness_of(weather.told_at, weather.good_until, now).is_stale
    version = f"{weather.number}.{'stale' if is_stale else 'fresh'}"
    headers = {
        "ETag": etag_of(version),
        "Last-Modified": format_datetime(weather.told_at, usegmt=True),
        "Cache-Control": SOON,
    }
    if known.holds(version):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return weather.model_copy(update={"stale": is_stale})


async def _last_told(entry: Entry, request: Request) -> WeatherShown:
    last = await store.find_last(entry.tx)
    if last is not None:
        return WeatherShown.model_validate(last.document)
    clock, origin = entry.clock, request.app.state.settings.origin
    return await untold(entry.tx, Telling(clock.business_now(), clock.system_now(), origin, A_MINUTE))


@router.get("/weather/own")
async def read_own_weather(work: Read, caller: CustomerReader) -> OwnWeather:
    """How the portal and the services in use stand for oneself, what interrupts them; the month so far."""
    now, customer_id = work.clock.business_now(), own_customer(caller)
    (tally,) = await load_tallies(work.tx, customer_id, [month_at(now)], now)
    facts = await store.load_own_facts(work.tx, customer_id, now, local_day(now), now - RECENT)
    weather = weather_of(facts, now)
    return OwnWeather(
        as_of=now,
        portal=StandingShown.model_validate(weather.portal),
        services_in_use=[ServiceStanding.of(each) for each in weather.services],
        interruptions=[InterruptionShown.of(each) for each in weather.interruptions],
        past_interruptions=[InterruptionShown.of(each) for each in weather.past_interruptions],
        month=figures_shown(tally),
    )
