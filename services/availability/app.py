"""Availability as a service: its API, what it hears and what it does on time."""

from fastapi import FastAPI

from chassis.app import create_api
from chassis.hears import Service
from chassis.settings import Settings
from services.availability.api import ROUTERS
from services.availability.consumers import HEARS
from services.availability.jobs import EVERY

TITLE = "Livret availability"
DESCRIPTION = "What was interrupted and why, the month's contractual rate, and the weather (articles 5 to 7)."


def create(settings: Settings) -> FastAPI:
    """Availability's API; nothing connects before it starts."""
    return create_api("availability", settings, title=TITLE, description=DESCRIPTION, routers=ROUTERS)


SERVICE = Service(name="availability", title=TITLE, create_api=create, hears=HEARS, every=EVERY)
