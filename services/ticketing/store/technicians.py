"""When technicians are there, and when they are taken. Neither is a tenant's: see the tables."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.ticketing.model.assistance import Hours, Slot, TechnicianTime
from services.ticketing.store.rows import columns_of

_PUBLISH = text("""
    INSERT INTO technician_hours (hours_id, technician_id, starts_at, ends_at, published_at, published_by)
    VALUES (:hours_id, :technician_id, :starts_at, :ends_at, :published_at, :published_by)
    ON CONFLICT DO NOTHING
""")
_COLUMNS = "hours_id, technician_id, starts_at, ends_at, published_at, published_by"
_LOCK = text(f"SELECT {_COLUMNS} FROM technician_hours WHERE hours_id = :hours_id FOR UPDATE")  # noqa: S608
_WITHDRAW = text("DELETE FROM technician_hours WHERE hours_id = :hours_id")
_LIST = text(f"""
    SELECT {_COLUMNS} FROM technician_hours
    WHERE ends_at > :since AND (CAST(:technician_id AS uuid) IS NULL OR technician_id = :technician_id)
      AND (starts_at, hours_id) > (:after_at, :after_id)
    ORDER BY starts_at, hours_id LIMIT :limit
""")  # noqa: S608
# A technician that made itself known serves the queues it named, or all where it named none.
_SERVES = """NOT EXISTS (SELECT FROM agent WHERE agent.person_id = technician_hours.technician_id
    AND cardinality(agent.queues) > 0 AND NOT (:queue = ANY(agent.queues)))"""
_THERE = text(f"""
    SELECT technician_id, starts_at, ends_at FROM technician_hours
    WHERE starts_at < :until AND ends_at > :since AND {_SERVES}
""")  # noqa: S608
_THERE_LOCKED = text(f"""
    SELECT technician_id, starts_at, ends_at FROM technician_hours
    WHERE starts_at < :until AND ends_at > :since AND {_SERVES}
    ORDER BY hours_id FOR NO KEY UPDATE
""")  # noqa: S608
_BUSY = text("""
    SELECT technician_id, starts_at, ends_at FROM technician_busy
    WHERE starts_at < :until AND ends_at > :since AND busy_id <> ALL(CAST(:without AS uuid[]))
""")
_OCCUPY = text("""
    INSERT INTO technician_busy (busy_id, technician_id, starts_at, ends_at)
    VALUES (:busy_id, :technician_id, :starts_at, :ends_at) ON CONFLICT DO NOTHING
""")
_RELEASE = text("DELETE FROM technician_busy WHERE busy_id = :busy_id")
_TAKEN = text("""
    SELECT 1 FROM technician_busy
    WHERE technician_id = :technician_id AND starts_at < :ends_at AND ends_at > :starts_at LIMIT 1
""")
_NAMES = text("SELECT person_id, name FROM agent WHERE person_id = ANY(CAST(:people AS uuid[]))")


async def publish_hours(tx: Tx, hours: Hours) -> bool:
    """A technician's hours; False where it has others then."""
    return (await tx.execute(_PUBLISH, columns_of(hours))).rowcount == 1


async def lock_hours(tx: Tx, hours_id: UUID) -> Hours | None:
    """Hours, so that nobody books within them until this transaction ends."""
    row = await tx.fetch_one(_LOCK, {"hours_id": hours_id})
    return _hours(row) if row else None


async def withdraw_hours(tx: Tx, hours_id: UUID) -> None:
    """The technician is not there then."""
    await tx.execute(_WITHDRAW, {"hours_id": hours_id})


async def list_hours(
    tx: Tx, technician_id: UUID | None, since: datetime, after: tuple[datetime, UUID], limit: int
) -> list[Hours]:
    """Hours that are not over at `since`, of one technician or all, in order of time, those after `after`."""
    asked = {"technician_id": technician_id, "since": since, "limit": limit}
    rows = await tx.fetch_all(_LIST, asked | {"after_at": after[0], "after_id": after[1]})
    return [_hours(row) for row in rows]


async def list_times(
    tx: Tx, queue: str, since: datetime, until: datetime
) -> tuple[list[TechnicianTime], list[TechnicianTime]]:
    """When the technicians of a queue are there within [since, until), and when any of them is taken."""
    asked = {"queue": queue, "since": since, "until": until}
    there = await tx.fetch_all(_THERE, asked)
    taken = await tx.fetch_all(_BUSY, {"since": since, "until": until, "without": []})
    return [_time(row) for row in there], [_time(row) for row in taken]


async def lock_times(
    tx: Tx, queue: str, slot: Slot, since: datetime, until: datetime, without: UUID
) -> tuple[list[TechnicianTime], list[TechnicianTime]]:
    """The hours that meet a slot, kept from every other booking until this transaction ends; and the times
    within [since, until) that are taken, but for what `without` itself took.
    """
    asked = {"queue": queue, "since": slot.starts_at, "until": slot.ends_at}
    there = await tx.fetch_all(_THERE_LOCKED, asked)
    taken = await tx.fetch_all(_BUSY, {"since": since, "until": until, "without": [without]})
    return [_time(row) for row in there], [_time(row) for row in taken]


async def occupy(tx: Tx, busy_id: UUID, technician_id: UUID, slot: Slot) -> bool:
    """Takes a technician's time for what has this id, in the place of the time it had; False where another
    has it: the database keeps that apart, whoever asks at once.
    """
    await release(tx, busy_id)
    taken = {
        "busy_id": busy_id,
        "technician_id": technician_id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
    }
    return (await tx.execute(_OCCUPY, taken)).rowcount == 1


async def release(tx: Tx, busy_id: UUID) -> None:
    """What has this id takes no technician's time."""
    await tx.execute(_RELEASE, {"busy_id": busy_id})


async def is_taken(tx: Tx, technician_id: UUID, slot: Slot) -> bool:
    """Whether anything takes this technician's time then."""
    asked = {"technician_id": technician_id, "starts_at": slot.starts_at, "ends_at": slot.ends_at}
    return await tx.fetch_one(_TAKEN, asked) is not None


async def names_of(tx: Tx, people: Collection[UUID]) -> dict[UUID, str]:
    """The names of those technicians who made themselves known."""
    rows = await tx.fetch_all(_NAMES, {"people": list(people)})
    return {row.person_id: row.name for row in rows}


def _hours(row: Row[Any]) -> Hours:
    return Hours(
        row.hours_id, row.technician_id, row.starts_at, row.ends_at, row.published_at, row.published_by
    )


def _time(row: Row[Any]) -> TechnicianTime:
    return TechnicianTime(row.technician_id, row.starts_at, row.ends_at)
