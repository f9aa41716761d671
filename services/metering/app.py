"""Metering as a service: its API and what it hears."""

from fastapi import FastAPI

from chassis.app import create_api
from chassis.hears import Service
from chassis.settings import Settings
from services.metering.api import ROUTERS
from services.metering.consumers import HEARS

TITLE = "Livret metering"
DESCRIPTION = "What a month's invoice counts, and the evidence for it (article 15)."


def create(settings: Settings) -> FastAPI:
    """Metering's API; nothing connects before it starts."""
    return create_api("metering", settings, title=TITLE, description=DESCRIPTION, routers=ROUTERS)


SERVICE = Service(name="metering", title=TITLE, create_api=create, hears=HEARS)
