"""Ticketing as a service: its API, what it hears and what it does on time."""

from fastapi import FastAPI

from chassis.app import create_api
from chassis.hears import Service
from chassis.ratelimit import Quotas
from chassis.settings import Settings
from services.ticketing.api import ROUTERS, attachments
from services.ticketing.api.registration import QUOTA, WINDOW_SECONDS
from services.ticketing.consumers import HEARS
from services.ticketing.jobs import EVERY
from services.ticketing.resync import resync
from services.ticketing.schemas.mail import MAIL_BYTES
from services.ticketing.settings import TicketingSettings

TITLE = "Livret ticketing"
DESCRIPTION = "Support tickets with their contractual clocks, and all around them (articles 1, 2, 13 and 17)."
LARGER_BODIES = {"/v1/mail": MAIL_BYTES} | attachments.LARGER_BODIES


def create(settings: Settings) -> FastAPI:
    """Ticketing's API; nothing connects before it starts."""
    app = create_api(
        "ticketing",
        settings,
        title=TITLE,
        description=DESCRIPTION,
        routers=ROUTERS,
        larger_bodies=LARGER_BODIES,
    )
    app.state.registrations = Quotas(QUOTA, WINDOW_SECONDS)
    return app


SERVICE = Service(
    name="ticketing",
    title=TITLE,
    create_api=create,
    settings_class=TicketingSettings,
    hears=HEARS,
    every=EVERY,
    resync=resync,
)
