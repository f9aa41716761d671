"""What of a file is on record already."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from chassis.db import Tx
from services.availability.model.imports import Interruption

_OUTAGES = text("""
    SELECT source_key, starts_at, ends_at, environment, offering_code FROM outage
    WHERE source = 'import' AND source_key = ANY(CAST(:keys AS text[]))
    ORDER BY detected_at, outage_id
""")
_EXCLUSIONS = text("""
    SELECT kind, starts_at, ends_at, environment, reason FROM exclusion
    WHERE withdrawn_at IS NULL AND scope = 'all' AND maintenance_id IS NULL
""")

Words = tuple[Any, ...]
OnRecord = dict[Words, Words]
"""What names an interruption, and what is said of it: an outage is its key's, an exclusion all it says."""


def name_of(line: Interruption) -> Words:
    """What a line is known again by."""
    if line.exclusion is None:
        return (line.key,)
    return (line.exclusion.value, line.starts_at, line.ends_at, line.environment, line.title)


def told(line: Interruption) -> Words:
    """What is on record of a line once it was imported."""
    if line.exclusion is None:
        return (line.starts_at, line.ends_at, line.environment, line.offering_code)
    return name_of(line)


async def list_outages(tx: Tx, keys: Iterable[str]) -> OnRecord:
    """The outages that were imported under these keys, as they stand, whatever was corrected since."""
    rows = await tx.fetch_all(_OUTAGES, {"keys": sorted(set(keys))})
    return {(row.source_key,): tuple(row)[1:] for row in rows}


async def list_exclusions(tx: Tx) -> OnRecord:
    """The exclusions that hold for everybody."""
    return {tuple(row): tuple(row) for row in await tx.fetch_all(_EXCLUSIONS)}
