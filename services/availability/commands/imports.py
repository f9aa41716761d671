"""Interruptions of a file are put on record, line by line; what is there already stays as it is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from chassis.refusals import Refusal
from services.availability.commands import exclusions
from services.availability.commands.outages import open_outage
from services.availability.model.imports import Interruption, LineFate, LineOutcome
from services.availability.model.records import NewExclusion, NewOutage, OutageSource
from services.availability.refusals.rates import ExclusionUnattributed
from services.availability.rules.outage_lines import Read
from services.availability.store import imported
from services.availability.store.ordering import take_turn


async def import_interruptions(
    tx: Tx, lines: Sequence[Read], by: UUID | None, now: datetime
) -> list[LineOutcome]:
    """One outcome a line, in the file's order. A line that is refused hinders no other. Outages are known
    again by their key, exclusions by all they say; `by` is the person who answers for them.
    """
    await take_turn(tx)
    read = [line for line in lines if isinstance(line, Interruption)]
    known = await imported.list_outages(tx, [line.key for line in read if line.exclusion is None])
    known |= await imported.list_exclusions(tx)
    outcomes = []
    for line in lines:
        if isinstance(line, LineOutcome):
            outcomes.append(line)
            continue
        outcome = await _import(tx, line, known, by, now)
        if outcome.fate is LineFate.created:
            known[imported.name_of(line)] = imported.told(line)
        outcomes.append(outcome)
    return outcomes


async def _import(
    tx: Tx, line: Interruption, known: imported.OnRecord, by: UUID | None, now: datetime
) -> LineOutcome:
    there = known.get(imported.name_of(line))
    if there == imported.told(line):
        return LineOutcome(line.line, LineFate.unchanged, key=line.key)
    if there is not None:
        reason = "an outage of this key is on record otherwise: correct that one"
        return LineOutcome(line.line, LineFate.refused, reason, line.key)
    try:
        await _record(tx, line, by, now)
    except Refusal as refused:
        reason = f"{refused.sentence} {refused.detail or ''}".strip()
        return LineOutcome(line.line, LineFate.refused, reason, line.key)
    return LineOutcome(line.line, LineFate.created, key=line.key)


async def _record(tx: Tx, line: Interruption, by: UUID | None, now: datetime) -> None:
    """Raises the refusals of the record; each is raised before anything is written."""
    if line.exclusion is None:
        new = NewOutage(
            line.title,
            OutageSource.imported,
            line.starts_at,
            line.ends_at,
            offering_code=line.offering_code,
            environment=line.environment,
            source_key=line.key,
            by=by,
        )
        await open_outage(tx, new, now)
        return
    if by is None:
        raise ExclusionUnattributed
    asked = NewExclusion(line.exclusion, line.starts_at, line.ends_at, line.title, line.environment)
    await exclusions.record(tx, asked, by, now)
