"""Availability as a service: its API, what it hears and what it does on time."""

from fastapi import FastAPI

from chassis.app import create_api
from chassis.hears import Service
from chassis.settings import Settings
from services.availability.api import ROUTERS
from services.availability.commands.weather import EXPORT
from services.availability.consumers import HEARS
from services.availability.jobs import EVERY
from services.availability.resync import resync
from services.availability.settings import AvailabilitySettings
from services.availability.weather.export import export_weather

TITLE = "Livret availability"
ALERT_BYTES = 10_000_000
DESCRIPTION = "What was interrupted and why, the month's contractual rate, and the weather (articles 5 to 7)."


def create(settings: Settings) -> FastAPI:
    """Availability's API; nothing connects before it starts."""
    return create_api(
        "availability",
        settings,
        title=TITLE,
        description=DESCRIPTION,
        routers=ROUTERS,
        larger_bodies={"/v1/alerts": ALERT_BYTES},
    )


SERVICE = Service(
    name="availability",
    title=TITLE,
    create_api=create,
    settings_class=AvailabilitySettings,
    hears=HEARS,
    every=EVERY,
    performers={EXPORT: export_weather},
    resync=resync,
)
