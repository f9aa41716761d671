"""A prober as a process: what it is made of by its settings, and how it runs until it is told to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx

from chassis.clock import system_now
from chassis.db import Database
from chassis.sealing import Sealer
from services.availability.model.probes import ProbeResult
from services.availability.probing.control import Control, references_in
from services.availability.probing.desks import TIMEOUT_SECONDS, DatabaseDesk, Desk, RestDesk
from services.availability.probing.network import Addresses, networks_in, trusting
from services.availability.probing.prober import Prober
from services.availability.probing.reporting import Reporting
from services.availability.probing.runner import Runner
from services.availability.probing.settings import ProberSettings


class NotAssigned(LookupError):
    """The place does not watch this target."""


@asynccontextmanager
async def desk_of(settings: ProberSettings) -> AsyncIterator[Desk]:
    """The API where one is named; else availability's own database."""
    desk: Desk = _by_rest(settings) if settings.probe_url else _by_database(settings)
    try:
        yield desk
    finally:
        await desk.close()


def _by_rest(settings: ProberSettings) -> RestDesk:
    if settings.probe_url is None or not settings.probe_client_id or not settings.probe_client_secret:
        raise ValueError("LIVRET_PROBE_URL needs LIVRET_PROBE_CLIENT_ID and LIVRET_PROBE_CLIENT_SECRET")
    verify = trusting(settings.probe_ca_file)
    return RestDesk(
        httpx.AsyncClient(timeout=TIMEOUT_SECONDS, verify=verify),
        settings.probe_url,
        token_url_of(settings),
        settings.probe_client_id,
        settings.probe_client_secret,
        settings.probe_place,
    )


def token_url_of(settings: ProberSettings) -> str:
    """Where the prober's token is asked: at tenancy's API, beside that of availability in the same portal."""
    portal, is_whole, _ = (settings.probe_url or "").rstrip("/").rpartition("/api/availability")
    return settings.probe_token_url or f"{portal if is_whole else settings.origin}/api/tenancy/v1/oauth/token"


def _by_database(settings: ProberSettings) -> DatabaseDesk:
    db = Database.create(settings.database_url, pool_size=2, application_name="availability-prober")
    return DatabaseDesk(db, Sealer.of(settings.sealing_keys), settings.probe_place)


def runner_of(settings: ProberSettings) -> Runner:
    """What runs scripts. Raises ValueError for networks that are none."""
    allowed = networks_in(settings.probe_addresses_allowed)
    return Runner(Addresses(allowed), trusting(settings.probe_ca_file))


def prober_of(settings: ProberSettings, desk: Desk) -> Prober:
    """The whole prober. Raises ValueError for references that are none."""
    place = settings.probe_place
    return Prober(
        place,
        desk,
        runner_of(settings),
        Control(references_in(settings.probe_references)),
        Reporting(place, desk, settings.probe_buffer),
        settings.probe_at_once,
    )


async def probe_until_stopped(settings: ProberSettings) -> None:
    """Watches what the place is assigned until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with desk_of(settings) as desk:
        await prober_of(settings, desk).run(stop)


async def probe_once(settings: ProberSettings, target_id: UUID) -> ProbeResult:
    """One run of a target's script, told to nobody. Raises NotAssigned."""
    async with desk_of(settings) as desk:
        assigned = {one.target_id: one for one in await desk.assignments() or ()}
        if target_id not in assigned:
            raise NotAssigned(f"the place {settings.probe_place!r} does not watch {target_id}")
        return await runner_of(settings).run(assigned[target_id], system_now())
