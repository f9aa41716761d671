"""Companies are imported from a file: received, checked line by line, then brought in, in steps.

Each step is one transaction that holds the import's row among what is due: a worker that dies gives it
back, and the next one goes on with the lines that were not brought in yet.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row

from chassis.db import Database, Scope, Tx
from contracts.events import Event
from contracts.events.tenancy import CompanyActivated
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.standing import company_standing
from services.tenancy.model import ImportState, JudgedLine
from services.tenancy.refusals import ImportNotReady
from services.tenancy.rules.import_lines import judged, outcome_of
from services.tenancy.rules.registration import may_have_companies
from services.tenancy.rules.spreadsheet import Sheet, opened
from services.tenancy.store import imports as store
from services.tenancy.store.customers import load_kind

CHUNK = 2000
FAILURES_MAXIMUM = 8


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """A file and what to do with it: `repair` accepts suggestions, `activate` activates its companies."""

    file_name: str
    content: bytes
    mapping: Mapping[str, str]
    dry_run: bool = True
    repair: bool = False
    activate: bool = False


async def receive_import(
    tx: Tx, customer_id: UUID, asked: ImportAsked, by: UUID | None, at: Instants
) -> UUID:
    """Takes a file in; workers check it, and bring it in unless it is a dry run.

    Raises at once what concerns the whole file: FileTooLarge, FileUnreadable, ColumnsUnknown.
    """
    may_have_companies(await load_kind(tx, customer_id))
    await asyncio.to_thread(opened, asked.content, asked.mapping)
    import_id = uuid4()
    row = {
        "customer_id": customer_id,
        "import_id": import_id,
        "file_name": asked.file_name,
        "content": asked.content,
        "mapping": dict(asked.mapping),
        "dry_run": asked.dry_run,
        "repair": asked.repair,
        "activate": asked.activate,
        "state": ImportState.received,
        "lines": 0,
        "applied": 0,
        "received_at": at.business,
        "received_by": by,
    }
    await store.insert_import(tx, row)
    await store.enqueue(tx, customer_id, import_id, at.system)
    return import_id


async def run_import(tx: Tx, customer_id: UUID, import_id: UUID, at: Instants) -> None:
    """Brings in what a dry run has checked: the very lines of its report."""
    job = await store.lock_import(tx, customer_id, import_id)
    if job.state != ImportState.checked:
        raise ImportNotReady
    await store.save_import_state(tx, customer_id, import_id, ImportState.running)
    await store.enqueue(tx, customer_id, import_id, at.system)


async def work_import_once(db: Database, at: Instants, only: UUID | None = None) -> bool:
    """One step of one import that is due; False when none is. A step that fails is tried again later."""
    claimed: Row[Any] | None = None
    try:
        async with db.transaction(Scope.machine()) as tx:
            claimed = await store.claim(tx, at.system, only)
            if claimed is None:
                return False
            await tx.rescope(Scope.customer(claimed.customer_id))
            await _step(tx, claimed, at)
    except Exception as fault:
        if claimed is None:
            raise
        await _put_off(db, claimed, fault, at)
    return True


async def _step(tx: Tx, claimed: Row[Any], at: Instants) -> None:
    job = await store.lock_import(tx, claimed.customer_id, claimed.import_id)
    if job.state == ImportState.received:
        await _check(tx, job, at.business)
        more = not job.dry_run
        events: list[Event] = []
    else:
        events, more = await _bring_in(tx, job, at.business)
    if more:
        await store.defer(tx, job.import_id, at.system, 0)
    else:
        await store.dequeue(tx, job.import_id)
    await tx.emit_many(events)


async def _check(tx: Tx, job: Row[Any], now: datetime) -> None:
    """Judges every line of the file and writes the report: what would be created, changed, refused."""
    sheet, lines = await asyncio.to_thread(_read, job.content, job.mapping, job.repair)
    for start in range(0, len(lines), CHUNK):
        part = lines[start : start + CHUNK]
        known = await store.find_known(tx, job.customer_id, [line.company.siret for line in part])
        outcomes = [outcome_of(line, known.get(line.company.siret)) for line in part]
        await store.insert_lines(tx, job.customer_id, job.import_id, part, outcomes)
    await store.save_import_state(
        tx,
        job.customer_id,
        job.import_id,
        ImportState.checked if job.dry_run else ImportState.running,
        columns={column: sheet.heading(column) for column in sheet.columns},
        lines=len(lines),
        ended_at=now if job.dry_run else None,
    )


def _read(content: bytes, mapping: Mapping[str, str], repair: bool) -> tuple[Sheet, list[JudgedLine]]:
    sheet = opened(content, mapping)
    return sheet, list(judged(sheet, repair))


async def _bring_in(tx: Tx, job: Row[Any], now: datetime) -> tuple[list[Event], bool]:
    """The next lines; says which companies are new, changed, and active now, and whether lines are left."""
    customer_id = job.customer_id
    applied = await store.apply_lines(tx, customer_id, job.import_id, job.activate, CHUNK, now)
    events: list[Event] = [company_standing(row) for row in (*applied.created, *applied.changed)]
    if job.activate:
        known = await store.activate_by_siret(tx, customer_id, applied.known_sirets, now)
        active = [row.company_id for row in applied.created] + known
        events += [
            CompanyActivated(customer_id=customer_id, company_id=company_id, activated_at=now)
            for company_id in active
        ]
    more = applied.lines == CHUNK
    if not more:
        await store.save_import_state(tx, customer_id, job.import_id, ImportState.done, ended_at=now)
    return events, more


async def _put_off(db: Database, claimed: Row[Any], fault: Exception, at: Instants) -> None:
    """Tries the step again with a growing delay; after so many failures the import is given up."""
    failures = claimed.failures + 1
    async with db.transaction(Scope.customer(claimed.customer_id)) as tx:
        if failures < FAILURES_MAXIMUM:
            later = at.system + timedelta(seconds=2**failures)
            await store.defer(tx, claimed.import_id, later, failures)
            return
        await store.save_import_state(
            tx,
            claimed.customer_id,
            claimed.import_id,
            ImportState.failed,
            fault=f"{type(fault).__name__}: it was tried {failures} times.",
            ended_at=at.business,
        )
        await store.dequeue(tx, claimed.import_id)
