"""Months as the API shows them, and as a file."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from contracts.booklet.hours import calendar
from services.availability.model.months import Change, Evidence, ExplainedOutage, KnownExclusion, Why
from services.availability.rules.reference import PERIOD
from services.availability.schemas import months as shapes
from services.availability.store.months import Frozen
from services.availability.store.standing import Informing, Share, Standing, Tally, tally_of

CLAUSES = {
    Why.counted: "6-e",
    Why.counted_already: "6-e",
    Why.excluded: "6-d",
    Why.outside_month: "6-e",
    Why.outside_reference_period: "6-c",
    Why.outside_contract: "6-e",
}
HEADINGS = (
    "record", "id", "revision", "title", "kind", "starts_at", "ends_at", "seconds", "clause", "became",
    "exclusion_id",
)  # fmt: skip


def month_shown(standing: Standing, informing: Informing) -> shapes.MonthShown:
    """A month, with what is told beside it."""
    found = standing.evidence
    return shapes.MonthShown(
        **_figures(tally_of(found, standing.month, standing.state)),
        customer_id=standing.customer_id,
        closed=None if standing.frozen is None else _closed(standing.frozen),
        reckoned_until=found.until,
        committed_rate=str(found.committed_rate),
        rate_exact=_exact(found),
        lost=_lost(standing),
        covered=_spans(found.covered),
        reference=_spans(found.reference),
        retained=_spans(found.retained),
        outages=[_outage(each) for each in found.outages],
        exclusions=[_exclusion(each) for each in found.exclusions],
        formula=[shapes.StepShown.model_validate(each, from_attributes=True) for each in found.formula],
        informative=[
            shapes.Informative(
                offering_code=each.offering_code,
                environment=each.environment,
                reference_seconds=each.reference_seconds,
                unavailable_seconds=each.unavailable_seconds,
                rate=each.shown,
            )
            for each in informing.rates
        ],
        forecast=_forecast(informing),
    )


def figures_shown(tally: Tally) -> shapes.FiguresShown:
    """A month's figures alone."""
    return shapes.FiguresShown(**_figures(tally))


def share_shown(share: Share) -> shapes.CustomerMonth:
    """A customer among those of a month."""
    return shapes.CustomerMonth(customer_id=share.customer_id, name=share.name, **_figures(share.tally))


def revision_shown(row: Row[Any]) -> shapes.RevisionShown:
    """A revision without its evidence."""
    return shapes.RevisionShown(
        month=row.month,
        revision=row.revision,
        closed_at=row.closed_at,
        reference_seconds=row.reference_seconds,
        unavailable_seconds=row.unavailable_seconds,
        rate=row.shown,
        kept=row.kept,
        explanation=row.explanation,
        changes=[shapes.ChangeShown.model_validate(each) for each in row.changes],
    )


def evidence_lines(standing: Standing) -> Iterator[Sequence[str]]:
    """A month's evidence as lines of a file, times as in Paris: the formula, each piece of each outage, the
    exclusions, and the intervals retained, whose seconds sum up to the unavailability.
    """
    found = standing.evidence
    for step in found.formula:
        yield ("formula", "", "", step.expression, step.symbol, "", "", "", step.clause, step.value, "")
    for each in found.outages:
        yield from _piece_lines(each)
    for cut in found.exclusions:
        ends_at = _local(cut.ends_at)
        yield (
            *("exclusion", str(cut.exclusion_id), str(cut.revision), cut.reason, cut.kind.value),
            *(_local(cut.starts_at), ends_at, "", "6-d", "", ""),
        )
    for span in found.retained:
        seconds = int((span.ends_at - span.starts_at).total_seconds())
        bounds = (_local(span.starts_at), _local(span.ends_at))
        yield ("retained", "", "", "", "", *bounds, str(seconds), "6-e", "", "")


def _piece_lines(each: ExplainedOutage) -> Iterator[Sequence[str]]:
    outage = each.outage
    for piece in each.pieces:
        yield (
            *("outage", str(outage.outage_id), str(outage.revision), outage.title, outage.source),
            *(_local(piece.starts_at), _local(piece.ends_at), str(piece.seconds)),
            *(CLAUSES[piece.why], piece.why.value, str(piece.exclusion_id or "")),
        )


def _local(instant: datetime | None) -> str:
    return "" if instant is None else instant.astimezone(calendar(PERIOD).zone).isoformat()


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        "month": tally.month,
        "state": tally.state,
        "reference_seconds": tally.reference_seconds,
        "unavailable_seconds": tally.unavailable_seconds,
        "allowed_seconds": tally.allowed_seconds,
        "seconds_left": tally.seconds_left,
        "minutes_left": tally.seconds_left // 60,
        "rate": tally.shown,
        "kept": tally.kept,
    }


def _closed(frozen: Frozen) -> shapes.ClosedAs:
    return shapes.ClosedAs(
        revision=frozen.revision,
        closed_at=frozen.closed_at,
        explanation=frozen.explanation,
        changes=[_change(each) for each in frozen.changes],
    )


def _spans(spans: Sequence[Any]) -> list[shapes.SpanShown]:
    return [shapes.SpanShown(starts_at=span.starts_at, ends_at=span.ends_at) for span in spans]


def _exact(found: Evidence) -> shapes.ExactRate | None:
    if found.rate_numerator is None or found.rate_denominator is None:
        return None
    return shapes.ExactRate(numerator=str(found.rate_numerator), denominator=str(found.rate_denominator))


def _lost(standing: Standing) -> shapes.LossShown | None:
    loss = standing.loss
    if loss is None:
        return None
    restored = standing.evidence.lost_at is None
    return shapes.LossShown(lost_at=loss.lost_at, said_at=loss.said_at, restored=restored)


def _outage(each: ExplainedOutage) -> shapes.OutageExplained:
    parts: dict[tuple[Why, UUID | None], int] = {}
    for piece in each.pieces:
        place = (piece.why, piece.exclusion_id)
        parts[place] = parts.get(place, 0) + piece.seconds
    return shapes.OutageExplained(
        outage_id=each.outage.outage_id,
        revision=each.outage.revision,
        title=each.outage.title,
        source=each.outage.source,
        everybody=each.outage.everybody,
        starts_at=each.outage.starts_at,
        ends_at=each.outage.ends_at,
        seconds=sum(parts.values()),
        counted_seconds=each.counted_seconds,
        parts=[
            shapes.PartShown(why=why, clause=CLAUSES[why], exclusion_id=exclusion_id, seconds=seconds)
            for (why, exclusion_id), seconds in parts.items()
        ],
        pieces=[shapes.PieceShown.model_validate(piece, from_attributes=True) for piece in each.pieces],
    )


def _exclusion(each: KnownExclusion) -> shapes.ExclusionShown:
    return shapes.ExclusionShown.model_validate(each, from_attributes=True)


def _change(each: Change) -> shapes.ChangeShown:
    return shapes.ChangeShown.model_validate(each, from_attributes=True)


def _forecast(informing: Informing) -> shapes.ForecastShown | None:
    told = informing.forecast
    if told is None:
        return None
    return shapes.ForecastShown(
        until=told.until,
        reference_seconds=told.reference_seconds,
        unavailable_seconds=told.unavailable_seconds,
        rate=told.shown,
        kept=told.kept,
        lost_at=told.lost_at,
    )
