"""The worker process: steps in loops, on both buses, through faults, to an orderly end."""

import asyncio
import os
import signal
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from chassis import mail
from chassis.db import Scope, Tx
from chassis.hears import Batch, Context, Service
from chassis.runtime import Loop, Worker, run_workers
from chassis.settings import Settings
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.tenancy import CompanyRegistered
from tests.chassis.delivery.carriers import Carrier
from tests.chassis.delivery.probe import Probe, apply, apply_all, until


def url_of(probe: Probe) -> str:
    """The address of the probe's database."""
    url = probe.db.engine.url.set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def service_of(**parts: object) -> Service:
    """A service that hears companies."""
    made = {"hears": {CompanyRegistered: apply}} | parts
    return Service("probe", "Probe", create_api=lambda settings: None, **made)  # type: ignore[arg-type, return-value]


async def test_a_worker_carries_what_is_said_to_its_effect_and_ends_in_order(
    probe: Probe, carrier: Carrier, tmp_path: Path
) -> None:
    ticks: list[datetime] = []

    async def tick(tx: Tx, due_at: datetime, _context: Context) -> None:
        ticks.append(due_at)

    async def write_home(tx: Tx, event: Event, envelope: Envelope, context: Context) -> None:
        await apply(tx, event, envelope, context)
        await mail.send(tx, key=str(envelope.id), to="anne@cabinet.example", subject="s", text="t")

    service = service_of(hears={CompanyRegistered: write_home}, every={timedelta(milliseconds=100): tick})
    settings = Settings(service="probe", database_url=url_of(probe), mail=tmp_path.as_uri())
    worker, stop = Worker(service, settings, carrier.open()), asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    await probe.say("a", 5)

    async def is_done() -> bool:
        return len(await probe.applied()) == 5 and len(list(tmp_path.glob("*.eml"))) == 5 and len(ticks) > 1

    await until(is_done)
    stop.set()
    await asyncio.wait_for(running, 120)
    assert await probe.of_key("a") == [1, 2, 3, 4, 5]
    await probe.say("a", 1)
    await asyncio.sleep(0.3)
    assert len(await probe.applied()) == 5


async def test_workers_survive_a_database_that_drops_all_connections(probe: Probe, carrier: Carrier) -> None:
    service = service_of(hears={CompanyRegistered: Batch(apply_all)})
    settings = Settings(service="probe", database_url=url_of(probe))
    worker, stop = Worker(service, settings, carrier.open()), asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    for _ in range(3):
        await probe.say("a", 5)
        await probe.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'probe-workers'"
            " AND pid <> pg_backend_pid()"
        )

    async def is_done() -> bool:
        return len(await probe.applied()) >= 15

    await until(is_done)
    stop.set()
    await asyncio.wait_for(running, 120)
    assert await probe.of_key("a") == list(range(1, 16))


async def test_a_signal_ends_the_process_of_several_services(probe: Probe, carrier: Carrier) -> None:
    settings = Settings(service="probe", database_url=url_of(probe), bus="kafka://127.0.0.1:1")
    before = signal.signal(signal.SIGTERM, _heard_by_nobody)
    running = asyncio.create_task(run_workers([(service_of(hears={}), settings)]))

    async def is_listening() -> bool:
        return signal.getsignal(signal.SIGTERM) is not _heard_by_nobody

    try:
        await until(is_listening)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, 120)
    finally:
        running.cancel()
        signal.signal(signal.SIGTERM, before)


def _heard_by_nobody(_number: int, _frame: object) -> None:
    """A handler that no loop sets: while it stands, nothing listens for the signal."""


async def test_a_loop_that_raises_waits_and_goes_on() -> None:
    calls: list[int] = []

    async def step() -> int:
        calls.append(1)
        if len(calls) < 4:
            raise OSError("away")
        return 0

    loop, stop = Loop("probe", "test", step, pause=0.01), asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    while len(calls) < 6:
        await asyncio.sleep(0.01)
    assert loop.faults == 0
    stop.set()
    await running


async def test_a_loop_is_woken_before_its_pause_is_over() -> None:
    calls: list[int] = []

    async def step() -> int:
        calls.append(1)
        return 0

    loop, stop = Loop("probe", "test", step, pause=60), asyncio.Event()
    running = asyncio.create_task(loop.run(stop))
    for turn in (1, 2):
        async with asyncio.timeout(50):
            while len(calls) < turn:
                await asyncio.sleep(0.01)
        loop.woken.set()
    stop.set()
    await running


async def test_an_event_that_a_handler_says_is_published_at_once(probe: Probe) -> None:
    async with probe.db.transaction(Scope.portal()) as tx:
        await tx.execute(text("SELECT 1"))
    assert not probe.db.committed.is_set()
    await probe.say("a")
    assert probe.db.committed.is_set()
