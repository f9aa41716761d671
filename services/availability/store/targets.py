"""Targets with their sealed secrets. They are the publisher's: no tenant's rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.db import Tx
from services.availability.model.probes import SCRIPT, Target, TargetText, Watch
from services.availability.refusals.probes import TargetUnknown

_TARGET = """
    SELECT t.target_id, t.name, t.offering_code, t.environment, t.script, t.places, t.interval_seconds,
           t.places_needed, t.in_a_row, t.paused, t.revision,
           ARRAY(SELECT s.name FROM target_secret s WHERE s.target_id = t.target_id ORDER BY s.name)
             AS secrets
    FROM target t WHERE t.removed_at IS NULL
"""
_ONE = text(f"{_TARGET} AND t.target_id = :target_id")
_ONE_LOCKED = text(f"{_TARGET} AND t.target_id = :target_id FOR UPDATE OF t")
_PAGE = text(
    f"""
    SELECT known.*, down.down_since, down.outage_id, latest.seen_at
    FROM ({_TARGET} AND t.target_id > :after ORDER BY t.target_id LIMIT :limit) AS known
    LEFT JOIN LATERAL (SELECT r.down_since, r.outage_id FROM target_run r
        WHERE r.target_id = known.target_id AND r.up_since IS NULL ORDER BY r.down_since DESC LIMIT 1)
        AS down ON true
    LEFT JOIN LATERAL (SELECT p.started_at AS seen_at FROM probe_result p
        WHERE p.target_id = known.target_id AND p.outcome <> 'prober_fault'
        ORDER BY p.planned_at DESC LIMIT 1) AS latest ON true
    ORDER BY known.target_id
"""  # noqa: S608 - constants of this module
)
_OF_PLACE = text(f"{_TARGET} AND CAST(:place AS text) = ANY(t.places) ORDER BY t.target_id")
_NAMED = text(f"{_TARGET} AND t.target_id = ANY(CAST(:ids AS uuid[])) ORDER BY t.target_id")
_INSERT = text("""
    INSERT INTO target (target_id, name, offering_code, environment, script, places, interval_seconds,
                        places_needed, in_a_row, paused, added_at, revision)
    VALUES (:target_id, :name, :offering_code, :environment, CAST(:script AS jsonb),
            CAST(:places AS text[]), :interval_seconds, :places_needed, :in_a_row, :paused, :now, 1)
""")
_UPDATE = text("""
    UPDATE target SET name = :name, offering_code = :offering_code, environment = :environment,
           script = CAST(:script AS jsonb), places = CAST(:places AS text[]),
           interval_seconds = :interval_seconds, places_needed = :places_needed, in_a_row = :in_a_row,
           paused = :paused, revision = :revision
    WHERE target_id = :target_id
""")
_REMOVE = text("UPDATE target SET removed_at = :now, revision = revision + 1 WHERE target_id = :target_id")
_RESEAL = text("UPDATE target_secret SET sealed = :sealed WHERE target_id = :target_id AND name = :name")
_KEEP_SECRETS = text(
    "DELETE FROM target_secret WHERE target_id = :target_id AND name <> ALL(CAST(:names AS text[]))"
)
_PUT_SECRET = text("""
    INSERT INTO target_secret (target_id, name, sealed) VALUES (:target_id, :name, :sealed)
    ON CONFLICT (target_id, name) DO UPDATE SET sealed = excluded.sealed
""")
_SECRETS = text(
    "SELECT target_id, name, sealed FROM target_secret WHERE target_id = ANY(CAST(:ids AS uuid[]))"
)
_ALL_SECRETS = text("SELECT target_id, name, sealed FROM target_secret FOR UPDATE")


@dataclass(frozen=True, slots=True)
class TargetState:
    """A target with how it stands: when it was last looked at, and the outage that goes on."""

    target: Target
    seen_at: datetime | None
    down_since: datetime | None
    outage_id: UUID | None


def _target(row: Row[Any]) -> Target:
    watch = Watch(tuple(row.places), row.interval_seconds, row.places_needed, row.in_a_row)
    script = SCRIPT.validate_python(row.script)
    told = TargetText(row.name, script, watch, row.offering_code, row.environment, row.paused)
    return Target(row.target_id, told, row.revision, tuple(row.secrets))


def _columns(target: Target) -> dict[str, Any]:
    told = target.text
    return {
        "target_id": target.target_id,
        "name": told.name,
        "offering_code": told.offering_code,
        "environment": told.environment,
        "script": orjson.dumps(SCRIPT.dump_python(told.script, mode="json")).decode(),
        "places": list(told.watch.places),
        "interval_seconds": told.watch.interval_seconds,
        "places_needed": told.watch.places_needed,
        "in_a_row": told.watch.in_a_row,
        "paused": told.paused,
        "revision": target.revision,
    }


async def load_target(tx: Tx, target_id: UUID) -> Target:
    """The target as it stands. Raises TargetUnknown."""
    row = await tx.fetch_one(_ONE, {"target_id": target_id})
    if row is None:
        raise TargetUnknown
    return _target(row)


async def lock_target(tx: Tx, target_id: UUID) -> Target:
    """The target, locked. Raises TargetUnknown."""
    row = await tx.fetch_one(_ONE_LOCKED, {"target_id": target_id})
    if row is None:
        raise TargetUnknown
    return _target(row)


async def list_targets(tx: Tx, after: UUID, limit: int) -> list[TargetState]:
    """At most `limit` targets with how they stand, in order of id, those after `after`."""
    rows = await tx.fetch_all(_PAGE, {"after": after, "limit": limit})
    return [TargetState(_target(row), row.seen_at, row.down_since, row.outage_id) for row in rows]


async def list_targets_of(tx: Tx, place: str) -> list[Target]:
    """What a place watches."""
    return [_target(row) for row in await tx.fetch_all(_OF_PLACE, {"place": place})]


async def find_targets(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Target]:
    """Those of them that there are."""
    rows = await tx.fetch_all(_NAMED, {"ids": list(ids)})
    return {row.target_id: _target(row) for row in rows}


async def insert_target(tx: Tx, target: Target, now: datetime) -> None:
    """A new one."""
    await tx.execute(_INSERT, _columns(target) | {"now": now})


async def save_target(tx: Tx, target: Target) -> None:
    """One that was locked, as it is to be."""
    await tx.execute(_UPDATE, _columns(target))


async def remove_target(tx: Tx, target_id: UUID, now: datetime) -> None:
    """It is watched no more; its secrets go, what was found of it stays."""
    await tx.execute(_REMOVE, {"target_id": target_id, "now": now})
    await tx.execute(_KEEP_SECRETS, {"target_id": target_id, "names": []})


async def save_secrets(tx: Tx, target_id: UUID, kept: Collection[str], sealed: Mapping[str, str]) -> None:
    """Puts these secrets in their places, and forgets those that are not kept."""
    await tx.execute(_KEEP_SECRETS, {"target_id": target_id, "names": sorted({*kept, *sealed})})
    for name, secret in sorted(sealed.items()):
        await tx.execute(_PUT_SECRET, {"target_id": target_id, "name": name, "sealed": secret})


async def list_sealed(tx: Tx, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """The sealed secrets of targets, by name."""
    found: dict[UUID, dict[str, str]] = {target_id: {} for target_id in ids}
    for row in await tx.fetch_all(_SECRETS, {"ids": list(ids)}):
        found[row.target_id][row.name] = row.sealed
    return found


async def list_every_sealed(tx: Tx) -> list[tuple[UUID, str, str]]:
    """Target, name and sealed secret, all of them, locked."""
    return [(row.target_id, row.name, row.sealed) for row in await tx.fetch_all(_ALL_SECRETS)]


async def save_sealed(tx: Tx, target_id: UUID, name: str, sealed: str) -> None:
    """The same secret, sealed anew."""
    await tx.execute(_RESEAL, {"target_id": target_id, "name": name, "sealed": sealed})
