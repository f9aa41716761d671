"""Places from where targets are watched, and when each was last heard."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from chassis.db import Tx
from services.availability.model.probes import Fault, Health, Place, Report
from services.availability.refusals.probes import PlaceUnknown

_PLACES = text("SELECT * FROM place WHERE code > :after ORDER BY code LIMIT :limit")
_PLACE = text("SELECT * FROM place WHERE code = :code")
_PLACE_LOCKED = text("SELECT * FROM place WHERE code = :code FOR UPDATE")
_KNOWN_PLACES = text("SELECT code FROM place WHERE code = ANY(CAST(:codes AS text[]))")
_DEFINE = text("""
    INSERT INTO place (code, name, silent_after_seconds, program_id, revision, skipped, dropped, late_ms)
    VALUES (:code, :name, :silent_after_seconds, :program_id, 1, 0, 0, 0)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, program_id = excluded.program_id,
        silent_after_seconds = excluded.silent_after_seconds, revision = place.revision + 1
    RETURNING *
""")
_HEARD = text("""
    UPDATE place SET seen_at = :now, silent_since = NULL, fault = :fault, late_ms = :late_ms,
           told_until = greatest(told_until, CAST(:told_until AS timestamptz)),
           skipped = LEAST(skipped + :skipped, 2000000000), dropped = LEAST(dropped + :dropped, 2000000000)
    WHERE code = :code
""")
_FELL_SILENT = text("""
    UPDATE place SET silent_since = seen_at
    WHERE silent_since IS NULL AND seen_at < CAST(:now AS timestamptz) - silent_after_seconds * interval '1 s'
    RETURNING code, name, silent_since
""")
_SILENT = text("SELECT code, silent_since IS NOT NULL AS is_silent FROM place")


def _place(row: Row[Any]) -> Place:
    fault = Fault(row.fault) if row.fault else None
    health = Health(row.skipped, row.dropped, row.late_ms, fault)
    return Place(
        row.code,
        row.name,
        row.silent_after_seconds,
        row.program_id,
        row.revision,
        row.seen_at,
        row.told_until,
        row.silent_since,
        health,
    )


async def list_places(tx: Tx, after: str, limit: int) -> list[Place]:
    """At most `limit` places in order of their code, those after `after`."""
    return [_place(row) for row in await tx.fetch_all(_PLACES, {"after": after, "limit": limit})]


async def load_place(tx: Tx, code: str) -> Place:
    """The place. Raises PlaceUnknown."""
    place = await find_place(tx, code)
    if place is None:
        raise PlaceUnknown(detail=code)
    return place


async def find_place(tx: Tx, code: str, *, locked: bool = False) -> Place | None:
    """The place, or None; locked, so that what it tells is taken one report after another."""
    row = await tx.fetch_one(_PLACE_LOCKED if locked else _PLACE, {"code": code})
    return _place(row) if row else None


async def list_unknown_places(tx: Tx, codes: Collection[str]) -> list[str]:
    """Those of them that are not defined, in order."""
    rows = await tx.fetch_all(_KNOWN_PLACES, {"codes": list(codes)})
    return sorted(set(codes) - {row.code for row in rows})


async def define_place(tx: Tx, place: Place) -> Place:
    """A new place, or other words for one that there is."""
    row = await tx.fetch_one(
        _DEFINE,
        {
            "code": place.code,
            "name": place.name,
            "silent_after_seconds": place.silent_after_seconds,
            "program_id": place.program_id,
        },
    )
    if row is None:
        raise PlaceUnknown(detail=place.code)
    return _place(row)


async def save_heard(tx: Tx, report: Report, now: datetime) -> None:
    """A place told something: it is not silent."""
    health = report.health
    await tx.execute(
        _HEARD,
        {
            "code": report.place,
            "now": now,
            "told_until": min(report.told_until, now),
            "fault": health.fault,
            "late_ms": health.late_ms,
            "skipped": health.skipped,
            "dropped": health.dropped,
        },
    )


async def note_silent(tx: Tx, now: datetime) -> list[tuple[str, str, datetime]]:
    """The places that have fallen silent since this was last asked: code, name, and since when."""
    rows = await tx.fetch_all(_FELL_SILENT, {"now": now})
    return [(row.code, row.name, row.silent_since) for row in rows]


async def list_silent(tx: Tx) -> dict[str, bool]:
    """Each place, and whether it is silent."""
    return {row.code: row.is_silent for row in await tx.fetch_all(_SILENT)}
