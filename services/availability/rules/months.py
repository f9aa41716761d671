"""Whether a closed month is revised, which of its revisions is read, and what is said of each (6-h)."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from services.availability.model.months import Change, Evidence, ExplainedOutage, Figures, Happened
from services.availability.refusals.months import MonthNotClosed, RevisionUnknown

SENTENCE = 500
"""The longest explanation that is said."""


def next_revision(last: int, closed: Figures, found: Figures) -> int | None:
    """6-h: the revision that a later correction makes; None where it changes nothing of the month. What was
    closed before stays as it is.
    """
    return None if closed == found else last + 1


def revision_to_show(last: int | None, asked: int | None = None) -> int:
    """6-h: a closed month is read in any of its revisions (None: its last). Refused where there is none."""
    if last is None:
        raise MonthNotClosed
    if asked is not None and not 1 <= asked <= last:
        raise RevisionUnknown(detail=f"The last is revision {last}.")
    return asked or last


def changes(closed: Evidence, found: Evidence) -> tuple[Change, ...]:
    """6-h: what is on record otherwise than a closed month had it, the contract first."""
    contract = () if closed.covered == found.covered else (Change("contract", Happened.changed),)
    cuts = _changed(
        "exclusion",
        {each.exclusion_id: (each.revision, each.reason, None) for each in closed.exclusions},
        {each.exclusion_id: (each.revision, each.reason, None) for each in found.exclusions},
    )
    return (*contract, *_changed("outage", _outages(closed), _outages(found)), *cuts)


def closing_sentence(found: Evidence) -> str:
    """What is said of a month's first revision."""
    if found.shown is None:
        return "Closed without a rate: the contract covers none of the reference period."
    counted = sum(1 for each in found.outages if each.counted_seconds)
    return (
        f"Closed at {found.shown} %, {'kept' if found.kept else 'not kept'}: {found.unavailable_seconds} s of"
        f" {found.reference_seconds} s unavailable, by {counted} of {len(found.outages)} outages on record."
    )


def revision_sentence(closed: Evidence, found: Evidence, changed: Sequence[Change]) -> str:
    """6-h: what is said of a later revision: what is otherwise on record, the old figures and the new."""
    figures = f"The rate was {_figures(closed)} and is {_figures(found)}.{_turned(closed, found)}"
    told = "; ".join(_told(each) for each in changed) or "the booklet's terms are others"
    room = SENTENCE - len(figures) - len("Corrected: . ")
    if len(told) > room:
        told = f"{told[: room - 1]}…"
    return f"Corrected: {told}. {figures}"


_Seen = tuple[int, str, int | None]
"""A record's revision, its title, and for an outage the seconds it adds."""


def _outages(evidence: Evidence) -> dict[UUID, _Seen]:
    return {each.outage.outage_id: _seen(each) for each in evidence.outages}


def _seen(each: ExplainedOutage) -> _Seen:
    return each.outage.revision, each.outage.title, each.counted_seconds


def _changed(record: str, before: Mapping[UUID, _Seen], after: Mapping[UUID, _Seen]) -> tuple[Change, ...]:
    return tuple(_changes_of(record, before, after))


def _changes_of(record: str, before: Mapping[UUID, _Seen], after: Mapping[UUID, _Seen]) -> Iterator[Change]:
    for record_id in (*before, *(each for each in after if each not in before)):
        old, new = before.get(record_id), after.get(record_id)
        if old == new:
            continue
        what = Happened.added if old is None else Happened.removed if new is None else Happened.changed
        title = (new or old or (0, "", None))[1]
        yield Change(
            record,
            what,
            record_id,
            title,
            revision_before=old[0] if old else None,
            revision_after=new[0] if new else None,
            counted_before=old[2] if old else None,
            counted_after=new[2] if new else None,
        )


def _figures(evidence: Evidence) -> str:
    if evidence.shown is None:
        return "none"
    return f"{evidence.shown} % ({evidence.unavailable_seconds} s of {evidence.reference_seconds} s)"


def _turned(closed: Evidence, found: Evidence) -> str:
    if closed.kept == found.kept or found.kept is None:
        return ""
    return f" The commitment is {'kept after all' if found.kept else 'not kept after all'}."


def _told(change: Change) -> str:
    if change.record_id is None:
        return "the contract covers another part of the month"
    named = f"{change.record} {change.title[:80]!r} ({change.record_id})"
    seconds = f", {change.counted_before or 0} s then and {change.counted_after or 0} s now"
    return f"{named} {change.what.value}{seconds if change.record == 'outage' else ''}"
