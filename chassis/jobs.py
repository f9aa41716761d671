"""Timed work: one row a job, with the business instant at which it is due.

A tick claims due rows with SKIP LOCKED and runs each job in the row's transaction, so that it runs once
however many replicas tick, and survives restarts. Cron lines live in business time, and what was missed is
caught up one by one, in order, so that a month can be lived in a minute. An interval is over when it is over
in either time: a clock that is set back or stands still stops no housekeeping.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from chassis import metrics
from chassis.clock import Clock, system_now
from chassis.cron import Cron
from chassis.db import Database, Scope, Tx
from chassis.hears import Context, Job
from chassis.retry import describe, next_try
from chassis.telemetry import get_logger, tracer

Every = Mapping[timedelta | str, Job | Sequence[Job]]
_log = get_logger(__name__)

# A new row is due at once for an interval, at its next occurrence for a cron line; one whose rhythm
# was changed begins anew.
_ENROL = text(
    "INSERT INTO job (name, every, due_at, due_system_at) VALUES (:name, :every, :due_at, :due_system_at)"
    " ON CONFLICT (name) DO UPDATE SET every = excluded.every, due_at = excluded.due_at,"
    " due_system_at = excluded.due_system_at WHERE job.every <> excluded.every"
)
_CLAIM = text(
    "SELECT name, due_at, attempts FROM job WHERE name = ANY(CAST(:names AS text[]))"
    " AND (due_at <= :business OR due_system_at <= :now) AND (retry_at IS NULL OR retry_at <= :now)"
    " ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"
)
_RAN = text(
    "UPDATE job SET due_at = :next_at, due_system_at = :next_system_at, last_due_at = due_at,"
    " last_run_at = :now, attempts = 0, retry_at = NULL, error = NULL WHERE name = :name"
)
_FAILED = text(
    "UPDATE job SET attempts = LEAST(attempts + 1, 1000), retry_at = :retry_at, error = :error"
    " WHERE name = :name AND due_at = :due_at"
)


class JobFailed(Exception):
    """A job raised; nothing of it is kept, its row says when it is tried again."""

    def __init__(self, name: str, due_at: datetime, attempts: int) -> None:
        super().__init__(name)
        self.name, self.due_at, self.attempts = name, due_at, attempts


@dataclass(frozen=True, slots=True)
class Timed:
    """A job and its rhythm."""

    name: str
    every: timedelta | str
    run: Job

    def first_due(self, business: datetime) -> datetime:
        """When a job seen for the first time is due."""
        return business if isinstance(self.every, timedelta) else Cron.parse(self.every).next_after(business)

    def next_due(self, due_at: datetime, business: datetime) -> datetime:
        """When it is due again in business time, after it ran for `due_at`."""
        if isinstance(self.every, timedelta):
            return business + self.every
        return Cron.parse(self.every).next_after(due_at)

    def next_system_due(self, now: datetime) -> datetime | None:
        """When it is due again in real time; a cron line knows only business time."""
        return now + self.every if isinstance(self.every, timedelta) else None


def table_of(every: Every) -> dict[str, Timed]:
    """The jobs of a table by name, `module.function`. Raises ValueError for a name used twice."""
    found: dict[str, Timed] = {}
    for timed in _listed(every):
        if timed.name in found:
            raise ValueError(f"job {timed.name} stands twice in the table")
        found[timed.name] = timed
    return found


def _listed(every: Every) -> Iterator[Timed]:
    for rhythm, jobs in every.items():
        for job in jobs if isinstance(jobs, Sequence) else [jobs]:
            yield Timed(f"{job.__module__}.{job.__qualname__}", rhythm, job)


async def enrol(db: Database, every: Every, clock: Clock) -> None:
    """Gives each job of the table its row."""
    business, now = clock.business_now(), system_now()
    rows = [
        {
            "name": each.name,
            "every": str(each.every),
            "due_at": each.first_due(business),
            "due_system_at": each.next_system_due(now),
        }
        for each in table_of(every).values()
    ]
    if rows:
        async with db.engine.begin() as connection:
            await connection.execute(_ENROL, rows)


async def tick_once(db: Database, every: Every, context: Context) -> int:
    """Runs the job that has been due longest, if any; returns 1 when one ran or failed, else 0.

    A job's failure is data: its transaction is undone, and its row says when it is tried again.
    """
    timed = table_of(every)
    try:
        async with db.transaction(Scope.portal()) as tx:
            return await _run_due(tx, timed, context)
    except JobFailed as failed:
        await _record_failure(db, context, failed)
        return 1


async def _run_due(tx: Tx, timed: Mapping[str, Timed], context: Context) -> int:
    business = context.clock.business_now()
    parameters = {"names": list(timed), "business": business, "now": system_now()}
    row = await tx.fetch_one(_CLAIM, parameters)
    if row is None:
        return 0
    job = timed[row.name]
    try:
        with tracer().start_as_current_span(f"job {row.name}"):
            await job.run(tx, row.due_at, context)
    except Exception as fault:
        raise JobFailed(row.name, row.due_at, row.attempts + 1) from fault
    now = system_now()
    await tx.execute(
        _RAN,
        {
            "name": row.name,
            "next_at": job.next_due(row.due_at, business),
            "next_system_at": job.next_system_due(now),
            "now": now,
        },
    )
    metrics.JOBS.labels(context.service, row.name, "done").inc()
    return 1


async def _record_failure(db: Database, context: Context, failed: JobFailed) -> None:
    fault = failed.__cause__ or failed
    async with db.engine.begin() as connection:
        await connection.execute(
            _FAILED,
            {
                "name": failed.name,
                "due_at": failed.due_at,
                "retry_at": next_try(system_now(), failed.attempts),
                "error": describe(fault),
            },
        )
    metrics.JOBS.labels(context.service, failed.name, "failed").inc()
    _log.error("job_failed", job=failed.name, attempts=failed.attempts, reason=describe(fault))
