"""Tenancy as a service: its API, its keys, what it does on time and what it can say again."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from chassis.app import create_api
from chassis.auth import KeySource
from chassis.hears import Service
from chassis.sealing import Sealer
from services.tenancy import pages
from services.tenancy.api import ROUTERS, oauth
from services.tenancy.consumers import HEARS
from services.tenancy.jobs import EVERY
from services.tenancy.passwords import Hasher
from services.tenancy.resync import resync
from services.tenancy.settings import TenancySettings
from services.tenancy.tokens import Keys, ensure_key

TITLE = "Livret tenancy"
DESCRIPTION = "Customers, companies, people, credentials and access rights; the door to the portal."
IMPORT_BYTES = 21_000_000


@asynccontextmanager
async def _door(app: FastAPI) -> AsyncIterator[None]:
    """The keys that seal and those that sign, the first made if need be, and the hashing of passwords."""
    settings: TenancySettings = app.state.settings
    app.state.sealer = Sealer.of(settings.sealing_keys)
    await ensure_key(app.state.db, app.state.sealer)
    app.state.keys = Keys(app.state.db, app.state.sealer)
    app.state.hasher = Hasher(settings.passwords_at_once)
    yield


def _own_keys(app: FastAPI) -> KeySource:
    async def fetch() -> Mapping[str, Any]:
        keys: Keys = app.state.keys
        return await keys.jwks()

    return fetch


def create(settings: TenancySettings) -> FastAPI:
    """The API of tenancy. Nothing connects before its lifespan starts."""
    app = create_api(
        "tenancy",
        settings,
        title=TITLE,
        description=DESCRIPTION,
        routers=ROUTERS,
        lifespans=[_door],
        keys=_own_keys,
        larger_bodies={"/v1/companies/imports": IMPORT_BYTES},
    )
    pages.install(app)
    oauth.install(app)
    return app


SERVICE = Service(
    name="tenancy",
    title=TITLE,
    create_api=create,
    settings_class=TenancySettings,
    hears=HEARS,
    every=EVERY,
    resync=resync,
)
