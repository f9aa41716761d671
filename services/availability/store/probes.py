"""What probes found, what is known of each target from it, and the runs that became outages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.db import Tx
from services.availability.model.probes import Fault, Outcome, ProbeResult, StepResult
from services.availability.model.standing import STANDING, Finding, KnownUntil, RecordedRun

_INSERT = text("""
    INSERT INTO probe_result (target_id, planned_at, place, revision, started_at, received_at, outcome, fault,
                              took_ms, steps)
    SELECT target_id, planned_at, CAST(:place AS text), revision, started_at, :now, outcome, fault, took_ms,
           CAST(steps AS jsonb)
    FROM unnest(CAST(:targets AS uuid[]), CAST(:planned AS timestamptz[]), CAST(:revisions AS integer[]),
                CAST(:started AS timestamptz[]), CAST(:outcomes AS text[]), CAST(:faults AS text[]),
                CAST(:took AS integer[]), CAST(:steps AS text[]))
         AS told (target_id, planned_at, revision, started_at, outcome, fault, took_ms, steps)
    ORDER BY target_id, planned_at
    ON CONFLICT (target_id, planned_at, place) DO NOTHING
    RETURNING target_id, planned_at
""")
_ENROL = text("""
    INSERT INTO target_standing (target_id, known_until, standing, is_settled)
    SELECT target_id, to_timestamp(0), '{}', true FROM unnest(CAST(:ids AS uuid[])) AS failing (target_id)
    ORDER BY target_id
    ON CONFLICT (target_id) DO NOTHING
""")
_LOCK = text("""
    SELECT target_id, known_until, standing, is_settled FROM target_standing
    WHERE target_id = ANY(CAST(:ids AS uuid[])) ORDER BY target_id FOR UPDATE
""")
_UNSETTLED = text("""
    SELECT target_id FROM target_standing
    WHERE target_id = ANY(CAST(:ids AS uuid[])) AND NOT is_settled
""")
_SAVE = text("""
    UPDATE target_standing SET known_until = :known_until, standing = CAST(:standing AS jsonb),
           is_settled = :is_settled
    WHERE target_id = :target_id
""")
_FINDINGS = text("""
    SELECT place, started_at, outcome FROM probe_result
    WHERE target_id = :target_id AND planned_at > CAST(:since AS timestamptz) - interval '1 minute'
      AND started_at >= :since AND revision = :revision
""")
_TOLD_UNTIL = text("SELECT code, told_until FROM place")
_RUNS = text("""
    SELECT target_id, down_since, up_since, outage_id FROM target_run
    WHERE target_id = :target_id AND (CAST(:since AS timestamptz) IS NULL OR down_since >= :since)
    ORDER BY down_since
""")
_SAVE_RUN = text("""
    INSERT INTO target_run (target_id, down_since, up_since, outage_id)
    VALUES (:target_id, :down_since, :up_since, :outage_id)
    ON CONFLICT (target_id, down_since) DO UPDATE
    SET up_since = excluded.up_since, outage_id = excluded.outage_id
""")
_CHANGE_RUN = text("""
    UPDATE target_run SET down_since = :down_since, up_since = :up_since
    WHERE target_id = :target_id AND down_since = :was
""")
_FORGET_RUN = text("DELETE FROM target_run WHERE target_id = :target_id AND down_since = :down_since")
_RESULT = (
    "SELECT target_id, planned_at, place, revision, started_at, received_at, outcome, fault, took_ms, steps"
    " FROM probe_result WHERE target_id = :target_id"
)
_PAGE = text(f"""
    {_RESULT} AND (planned_at, place) < (CAST(:planned_at AS timestamptz), CAST(:place AS text))
    AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome)
    ORDER BY planned_at DESC, place DESC LIMIT :limit
""")
_AROUND = text(f"""
    {_RESULT} AND started_at BETWEEN :since AND :until
    AND planned_at BETWEEN CAST(:since AS timestamptz) - interval '1 minute' AND :until
    ORDER BY started_at, place LIMIT :limit
""")
_PURGE = text("""
    DELETE FROM probe_result WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM probe_result WHERE planned_at < :before LIMIT :limit))
""")
_PURGE_RUNS = text("DELETE FROM target_run WHERE up_since < :before")


@dataclass(frozen=True, slots=True)
class ResultShown:
    """A result as it is read: whence, and when it came."""

    place: str
    received_at: datetime
    result: ProbeResult
    took_ms: int


async def insert_results(
    tx: Tx, place: str, results: Sequence[ProbeResult], now: datetime
) -> set[tuple[UUID, datetime]]:
    """Keeps what a place found, once however often it is told. Target and plan of what is new."""
    rows = await tx.fetch_all(
        _INSERT,
        {
            "place": place,
            "now": now,
            "targets": [one.target_id for one in results],
            "planned": [one.planned_at for one in results],
            "revisions": [one.revision for one in results],
            "started": [one.started_at for one in results],
            "outcomes": [one.outcome.value for one in results],
            "faults": [one.fault.value if one.fault else None for one in results],
            "took": [one.took_ms for one in results],
            "steps": [_steps(one) for one in results],
        },
    )
    return {(row.target_id, row.planned_at) for row in rows}


def _steps(result: ProbeResult) -> str | None:
    if result.outcome is Outcome.up:
        return None
    return orjson.dumps([asdict(step) for step in result.steps]).decode()


async def list_unsettled(tx: Tx, ids: Collection[UUID]) -> set[UUID]:
    """Those of the targets with which something is wrong."""
    return {row.target_id for row in await tx.fetch_all(_UNSETTLED, {"ids": list(ids)})}


async def lock_standings(tx: Tx, ids: Collection[UUID]) -> dict[UUID, KnownUntil]:
    """What is known of each of these targets, locked in their order; one of which nothing was known yet is
    settled.
    """
    await tx.execute(_ENROL, {"ids": list(ids)})
    rows = await tx.fetch_all(_LOCK, {"ids": list(ids)})
    return {
        row.target_id: KnownUntil(STANDING.validate_python(row.standing), row.known_until, row.is_settled)
        for row in rows
    }


async def save_standing(tx: Tx, target_id: UUID, known: KnownUntil) -> None:
    """What is known of a target whose standing was locked."""
    await tx.execute(
        _SAVE,
        {
            "target_id": target_id,
            "known_until": known.known_until,
            "standing": STANDING.dump_json(known.standing).decode(),
            "is_settled": known.is_settled,
        },
    )


async def list_findings(tx: Tx, target_id: UUID, revision: int, since: datetime) -> list[Finding]:
    """All that was found of a target, as it is at this revision, from an instant on."""
    asked = {"target_id": target_id, "revision": revision, "since": since}
    rows = await tx.fetch_all(_FINDINGS, asked)
    return [Finding(row.place, row.started_at, Outcome(row.outcome)) for row in rows]


async def told_until(tx: Tx) -> Mapping[str, datetime | None]:
    """Up to when each place has told all it will tell."""
    return {row.code: row.told_until for row in await tx.fetch_all(_TOLD_UNTIL)}


async def list_runs(tx: Tx, target_id: UUID, since: datetime | None) -> list[RecordedRun]:
    """The runs on record that began at an instant or later, in order; all of them without one."""
    rows = await tx.fetch_all(_RUNS, {"target_id": target_id, "since": since})
    return [RecordedRun(row.down_since, row.up_since, row.outage_id) for row in rows]


async def save_run(tx: Tx, target_id: UUID, run: RecordedRun) -> None:
    """A run that is on record from now on."""
    await tx.execute(_SAVE_RUN, {"target_id": target_id, **asdict(run)})


async def change_run(tx: Tx, target_id: UUID, before: RecordedRun, after: RecordedRun) -> None:
    """The other bounds of a run that is on record."""
    bounds = {"down_since": after.down_since, "up_since": after.up_since}
    await tx.execute(_CHANGE_RUN, {"target_id": target_id, "was": before.down_since} | bounds)


async def forget_run(tx: Tx, target_id: UUID, run: RecordedRun) -> None:
    """It was none, or is a part of another."""
    await tx.execute(_FORGET_RUN, {"target_id": target_id, "down_since": run.down_since})


def _result(row: Row[Any]) -> ResultShown:
    steps = tuple(
        replace(StepResult(**step), fault=Fault(step["fault"]) if step["fault"] else None)
        for step in row.steps or ()
    )
    result = ProbeResult(
        row.target_id,
        row.revision,
        row.planned_at,
        row.started_at,
        Outcome(row.outcome),
        steps,
        Fault(row.fault) if row.fault else None,
    )
    return ResultShown(row.place, row.received_at, result, row.took_ms)


async def list_results(
    tx: Tx, target_id: UUID, before: tuple[datetime, str], outcome: Outcome | None, limit: int
) -> list[ResultShown]:
    """At most `limit` results of a target, the latest first, those before a plan and place."""
    asked = {"target_id": target_id, "planned_at": before[0], "place": before[1], "limit": limit}
    return [_result(row) for row in await tx.fetch_all(_PAGE, asked | {"outcome": outcome})]


async def list_results_around(
    tx: Tx, target_id: UUID, since: datetime, until: datetime, limit: int
) -> list[ResultShown]:
    """The first results of a target between two instants, at most `limit`."""
    asked = {"target_id": target_id, "since": since, "until": until, "limit": limit}
    return [_result(row) for row in await tx.fetch_all(_AROUND, asked)]


async def purge(tx: Tx, now: datetime, kept: timedelta, limit: int) -> int:
    """Forgets results older than they are kept, at most `limit` at once; returns how many."""
    before = {"before": now - kept}
    await tx.execute(_PURGE_RUNS, before)
    return (await tx.execute(_PURGE, before | {"limit": limit})).rowcount
