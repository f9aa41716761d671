"""How the runs of a target that are on record are kept right when a place tells later what it found (R5)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from services.availability.model.standing import RecordedRun, Run


def on_record(
    runs: Iterable[Run], recorded: Iterable[RecordedRun]
) -> tuple[list[tuple[Run, list[RecordedRun]]], list[RecordedRun]]:
    """Each run with its parts that are on record, in order; and what is on record of none: it is no run any
    more. `recorded` are in order; each is a part of the first run that it overlaps.
    """
    parts = [(run, list[RecordedRun]()) for run in runs]
    of_none: list[RecordedRun] = []
    for known in recorded:
        next((its for run, its in parts if _overlap(run, known)), of_none).append(known)
    return parts, of_none


def kept_right(
    run: Run, parts: Sequence[RecordedRun], settled: Collection[UUID] = frozenset()
) -> list[RecordedRun]:
    """R5: a run's parts as they are to stand: together they are the run, from its first failed probe to its
    first successful one. Each lasts until the next begins; what follows an outage that a person has settled
    begins where that ends.
    """
    between = [_border(*each, settled) for each in pairwise(parts)]
    return [
        replace(part, down_since=since, up_since=until)
        for part, since, until in zip(parts, [run.starts_at, *between], [*between, run.ends_at], strict=True)
    ]


def _border(part: RecordedRun, following: RecordedRun, settled: Collection[UUID]) -> datetime:
    stands = part.outage_id in settled and following.outage_id not in settled
    return part.up_since if stands and part.up_since else following.down_since


def _overlap(run: Run, known: RecordedRun) -> bool:
    return (run.ends_at is None or known.down_since < run.ends_at) and (
        known.up_since is None or run.starts_at < known.up_since
    )
