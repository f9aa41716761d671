"""How the runs of a target that are on record are kept right when a place tells later what it found (R5)."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from services.availability.model.standing import RecordedRun, Run


def overlapping(run: Run, recorded: Sequence[RecordedRun]) -> list[RecordedRun]:
    """Those on record, in order, that are this run or a part of it."""
    return [
        known
        for known in recorded
        if (run.ends_at is None or known.down_since < run.ends_at)
        and (known.up_since is None or run.starts_at < known.up_since)
    ]


def kept_right(run: Run, parts: Sequence[RecordedRun]) -> list[RecordedRun]:
    """R5: what is on record of a run as it is to stand, from its first failed probe to its first successful
    one. `parts` are `overlapping`: the first begins with the run, each lasts until the next begins, and the
    last ends with the run. What follows was seen in part may seem shorter than it was: so a start only moves
    back, and an end only of the same run.
    """
    kept = []
    for part, following in zip_longest(parts, parts[1:]):
        since = min(part.down_since, run.starts_at) if part is parts[0] else part.down_since
        if following is not None:
            until = following.down_since
        elif _lasts_longer(run, part) or (part is parts[0] and part.down_since == run.starts_at):
            until = run.ends_at
        else:
            until = part.up_since
        kept.append(replace(part, down_since=since, up_since=until))
    return kept


def _lasts_longer(run: Run, part: RecordedRun) -> bool:
    """Whether a part of this run was ended too early, or has not been ended yet."""
    return part.up_since is None or run.ends_at is None or run.ends_at > part.up_since
