"""Timed work: once however many tick, in business time, over restarts; and restating a state."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from chassis import jobs, outbox
from chassis.clock import Clock, system_now
from chassis.db import Database, Scope, Tx
from chassis.hears import Context, Job, Service
from chassis.resync import NothingToSay, resync
from chassis.settings import Settings
from contracts.events import Event
from tests.chassis.delivery.probe import MANY, Probe, numbered
from tests.support.postgres import DatabaseMaker

PARIS = ZoneInfo("Europe/Paris")
NIGHTLY = "0 2 * * *"
Table = dict[timedelta | str, Job | Sequence[Job]]


@pytest.fixture
async def db(database: DatabaseMaker) -> AsyncIterator[Database]:
    """A database with the chassis's tables alone."""
    db = Database.create(database("chassis").app_url)
    yield db
    await db.close()


def context(at: datetime | None = None) -> Context:
    """A process at that business time, which stands still."""
    return Context("probe", Clock(at, rate=0) if at else Clock(), Settings())


async def test_two_tickers_run_a_job_once(db: Database) -> None:
    runs: list[datetime] = []

    async def slow(tx: Tx, due_at: datetime, _context: Context) -> None:
        runs.append(due_at)
        await asyncio.sleep(0.1)

    table: Table = {timedelta(hours=1): slow}
    here = context()
    await jobs.enrol(db, table, here.clock)
    assert sum(await asyncio.gather(*(jobs.tick_once(db, table, here) for _ in range(4)))) == 1
    assert await jobs.tick_once(db, table, here) == 0
    await jobs.enrol(db, table, here.clock)
    assert await jobs.tick_once(db, table, here) == 0
    assert len(runs) == 1


async def test_missed_nights_are_caught_up_one_by_one_in_order(db: Database) -> None:
    nights: list[datetime] = []

    async def nightly(tx: Tx, due_at: datetime, _context: Context) -> None:
        nights.append(due_at.astimezone(PARIS))

    table: Table = {NIGHTLY: [nightly]}
    await jobs.enrol(db, table, context(datetime(2026, 3, 27, 12, tzinfo=UTC)).clock)
    later = context(datetime(2026, 3, 31, 12, tzinfo=UTC))
    while await jobs.tick_once(db, table, later):
        pass
    assert [(night.day, night.hour) for night in nights] == [(28, 2), (29, 3), (30, 2), (31, 2)]


async def test_a_job_that_fails_leaves_nothing_and_is_tried_again_later(db: Database) -> None:
    is_broken = True

    async def says(tx: Tx, due_at: datetime, _context: Context) -> None:
        await tx.emit(numbered("a", 1))
        if is_broken:
            raise OSError("away")

    table: Table = {timedelta(hours=1): says}
    here = context()
    await jobs.enrol(db, table, here.clock)
    before = system_now()
    assert await jobs.tick_once(db, table, here) == 1
    assert (await outbox.standing(db)).backlog == 0
    is_broken = False
    async with db.engine.begin() as connection:
        row = (await connection.execute(text("SELECT attempts, error, retry_at FROM job"))).one()
        assert (row.attempts, "away" in row.error) == (1, True)
        assert row.retry_at > before
        await connection.execute(text("UPDATE job SET retry_at = '-infinity'"))
    assert await jobs.tick_once(db, table, here) == 1
    assert (await outbox.standing(db)).backlog == 1


async def test_an_interval_goes_on_when_business_time_is_set_back_or_stands_still(db: Database) -> None:
    runs: list[datetime] = []

    async def often(tx: Tx, due_at: datetime, _context: Context) -> None:
        runs.append(due_at)

    table: Table = {timedelta(milliseconds=20): often}
    await jobs.enrol(db, table, context(datetime(2030, 1, 1, tzinfo=UTC)).clock)
    past = context(datetime(2020, 1, 1, tzinfo=UTC))
    await asyncio.sleep(0.05)
    assert await jobs.tick_once(db, table, past) == 1
    await asyncio.sleep(0.05)
    assert await jobs.tick_once(db, table, past) == 1


def test_a_job_that_stands_twice_is_refused() -> None:
    async def job(tx: Tx, due_at: datetime, _context: Context) -> None: ...

    with pytest.raises(ValueError, match="twice"):
        jobs.table_of({timedelta(hours=1): job, NIGHTLY: job})


def restating(events: list[Event]) -> Service:
    """A service whose state is these events."""

    async def restate(tx: Tx) -> AsyncIterator[Event]:
        for event in events:
            yield event

    return Service("probe", "Probe", create_api=lambda settings: None, resync=restate)  # type: ignore[arg-type, return-value]


async def test_resync_says_the_present_state_again(probe: Probe) -> None:
    probe.hears = MANY
    service = restating([numbered(f"k{n}", 1) for n in range(2500)])
    assert await resync(probe.db, service) == 2500
    await probe.drain()
    assert len(set(await probe.applied())) == 2500


async def test_nobody_emits_between_reading_the_state_and_saying_it(db: Database) -> None:
    """Or a restated fact would stand behind a newer one and undo it."""
    reading, emitted = asyncio.Event(), asyncio.Event()

    async def restate(tx: Tx) -> AsyncIterator[Event]:
        reading.set()
        await asyncio.sleep(0.2)
        assert not emitted.is_set()
        yield numbered("a", 1)

    async def newer() -> None:
        await reading.wait()
        async with db.transaction(Scope.portal()) as tx:
            await tx.emit(numbered("a", 2))
            emitted.set()

    service = Service("probe", "Probe", create_api=lambda settings: None, resync=restate)  # type: ignore[arg-type, return-value]
    await asyncio.gather(resync(db, service), newer())
    async with db.engine.connect() as connection:
        names = (
            await connection.execute(text("SELECT data::json ->> 'name' FROM outbox ORDER BY id"))
        ).scalars()
        assert list(names) == ["a:1", "a:2"]


async def test_who_owns_nothing_has_nothing_to_say(db: Database) -> None:
    with pytest.raises(NothingToSay):
        await resync(db, Service("probe", "Probe", create_api=lambda settings: None))  # type: ignore[arg-type, return-value]
