"""The catalogue as a service: its API, what it hears and what it does on time."""

from fastapi import FastAPI

from chassis.app import create_api
from chassis.hears import Service
from chassis.settings import Settings
from services.catalog.api import ROUTERS
from services.catalog.consumers import HEARS
from services.catalog.jobs import EVERY
from services.catalog.resync import resync

TITLE = "Livret catalogue"
DESCRIPTION = "The services that can be activated, and who has activated which (articles 3, 4 and 15)."


def create(settings: Settings) -> FastAPI:
    """The catalogue's API; nothing connects before it starts."""
    return create_api("catalog", settings, title=TITLE, description=DESCRIPTION, routers=ROUTERS)


SERVICE = Service(name="catalog", title=TITLE, create_api=create, hears=HEARS, every=EVERY, resync=resync)
