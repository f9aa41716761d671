"""A customer's month reckoned with its evidence: the commitment's, and the rates that only inform (R5)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.availability.model.months import (
    Evidence,
    Figures,
    Forecast,
    InformativeRate,
    Known,
    KnownExclusion,
    KnownOutage,
    LeftOut,
    Piece,
    Step,
)
from services.availability.model.rates import (
    PRODUCTION,
    Exclusion,
    ExclusionKind,
    Facts,
    Interval,
    Month,
    MonthRate,
    Outage,
    Span,
    Terms,
)
from services.availability.rules.exclusions import counts, excluded, stated_intervals
from services.availability.rules.explained import Frame, explained, interval_of, plain
from services.availability.rules.forecast import lost_at, outlook
from services.availability.rules.intervals import instant_of, merged, second_of, total
from services.availability.rules.rates import allowed_seconds, reckoned, unavailable, unavailable_within
from services.availability.rules.reference import bounds_of, reference_windows


def evidence_of(
    month: Month, known: Known, terms: Terms, covered: tuple[Span, ...], until: datetime
) -> Evidence:
    """6-e, 6-h: all that makes the month's rate for those whose contract covers that part of it and whom
    these records touch, up to `until`: a month that still runs is reckoned over what has passed of it.
    """
    until, known = max(month.starts_at, min(until, month.ends_at)), of_portal(known)
    reference = reference_windows(month, covered, until)
    frame = Frame(month, reference_windows(month, None, until), reference, second_of(until))
    found = reckoned(month, unavailable_within(month, facts_of(known), until), reference, terms)
    allowed = allowed_seconds(total(reference_windows(month, covered)), terms)
    return Evidence(
        month=month.name,
        starts_at=month.starts_at,
        ends_at=month.ends_at,
        until=until,
        covered=covered,
        reference=_spans(reference),
        reference_seconds=found.reference_seconds,
        unavailable_seconds=found.unavailable_seconds,
        allowed_seconds=allowed,
        committed_rate=terms.committed_rate,
        rate_numerator=None if found.rate is None else found.rate.numerator,
        rate_denominator=None if found.rate is None else found.rate.denominator,
        shown=found.shown,
        kept=found.kept,
        lost_at=lost_at(found.retained, allowed),
        retained=_spans(found.retained),
        outages=explained(known, frame),
        exclusions=known.exclusions,
        formula=tuple(_formula(found, len(reference), terms)),
    )


def of_portal(known: Known) -> Known:
    """6-f, R5: what concerns the commitment: production alone, and no outage of a service while one can log
    in, which is no unavailability of the portal.
    """
    return Known(
        tuple(each for each in known.outages if each.offering_code is None and counts(each.environment)),
        tuple(each for each in known.exclusions if counts(each.environment)),
    )


def touching(known: Known, month: Month) -> Known:
    """6-e: what of it went on at some instant of the month."""

    def touches(each: KnownOutage | KnownExclusion) -> bool:
        return each.starts_at < month.ends_at and (each.ends_at is None or each.ends_at > month.starts_at)

    return Known(tuple(filter(touches, known.outages)), tuple(filter(touches, known.exclusions)))


def facts_of(known: Known) -> Facts:
    """What is on record of the portal, as the rules of rates take it."""
    return Facts(
        tuple(Outage(each.starts_at, each.ends_at, each.environment) for each in known.outages),
        tuple(plain(each) for each in known.exclusions),
    )


def figures_of(evidence: Evidence) -> Figures:
    """What a month was closed on."""
    return Figures(
        evidence.reference_seconds,
        evidence.unavailable_seconds,
        tuple(_seconds(span) for span in evidence.retained),
        tuple(_grounds_of(evidence)),
    )


def _grounds_of(evidence: Evidence) -> Iterator[LeftOut]:
    """6-d: what was down and did not count, by the type and the reason of what left it out."""
    grounds = {each.exclusion_id: (each.kind, each.reason) for each in evidence.exclusions}
    found: dict[tuple[ExclusionKind, str], list[Interval]] = {}
    for outage in evidence.outages:
        for piece in outage.pieces:
            if piece.exclusion_id is not None:
                found.setdefault(grounds[piece.exclusion_id], []).append(_seconds(piece))
    for (kind, reason), intervals in sorted(found.items()):
        yield LeftOut(kind, reason, tuple(merged(intervals)))


def _seconds(span: Span | Piece) -> Interval:
    return second_of(span.starts_at), second_of(span.ends_at)


def forecast(
    month: Month, known: Known, terms: Terms, covered: tuple[Span, ...], now: datetime, until: datetime
) -> Forecast:
    """6-a: the whole month, if what goes on now lasts until `until`: at least now, and what lies beyond the
    month's end is no matter.
    """
    until = min(max(now, until), month.ends_at).astimezone(UTC)
    seen = outlook(month, facts_of(of_portal(known)), terms, now, until, covered)
    told = seen.forecast
    return Forecast(
        until, told.reference_seconds, told.unavailable_seconds, told.shown, told.kept, seen.lost_at
    )


def informative(
    month: Month,
    known: Known,
    named: tuple[str | None, str],
    terms: Terms,
    covered: tuple[Span, ...],
    until: datetime,
) -> InformativeRate:
    """R5, 6-f: the rate of a service (None: the portal) in an environment, from its own outages and the
    exclusions of that environment; no commitment is measured by it.
    """
    code, environment = named
    until = max(month.starts_at, min(until, month.ends_at))
    down = [
        interval_of(each, second_of(until))
        for each in known.outages
        if (each.offering_code, each.environment) == named
    ]
    left_out = [
        replace(plain(each), environment=PRODUCTION)
        for each in known.exclusions
        if each.environment == environment
    ]
    found = reckoned(
        month,
        unavailable(down, _left_out(left_out, month, until)),
        reference_windows(month, covered, until),
        terms,
    )
    return InformativeRate(code, environment, found.reference_seconds, found.unavailable_seconds, found.shown)


def services_told(outages: Sequence[KnownOutage], in_use: Sequence[str]) -> list[tuple[str | None, str]]:
    """R5, 6-f: what has an informative rate of its own: each service in use, and whatever else was down that
    is not the portal in production. In order of name.
    """
    found = {(code, PRODUCTION) for code in in_use}
    found |= {(each.offering_code or "", each.environment) for each in outages}
    found.discard(("", PRODUCTION))
    return [(code or None, environment) for code, environment in sorted(found)]


def _left_out(exclusions: Sequence[Exclusion], month: Month, until: datetime) -> list[Interval]:
    return excluded(stated_intervals(exclusions, until), *bounds_of(month))


def _spans(intervals: Sequence[Interval]) -> tuple[Span, ...]:
    return tuple(Span(instant_of(start), instant_of(end)) for start, end in intervals)


def _formula(found: MonthRate, windows: int, terms: Terms) -> Iterator[Step]:
    prt, ti = found.reference_seconds, found.unavailable_seconds
    yield Step("6-c", "PRT", f"{windows} windows of the reference period, as far as covered (R5)", f"{prt} s")
    parts = " + ".join(str(end - start) for start, end in found.retained[:20]) or "0"
    rest = f" + {len(found.retained) - 20} more" if len(found.retained) > 20 else ""
    yield Step("6-d", "ΣTI", f"{parts}{rest}: down inside PRT, overlaps once, exclusions left out", f"{ti} s")
    if found.rate is None:
        yield Step("6-e", "TD", "PRT is empty: there is no rate (R5)", "")
        return
    exact = f"{found.rate.numerator}/{found.rate.denominator}"
    yield Step("6-e", "TD", f"({prt} - {ti}) / {prt} x 100", f"{exact} = {found.shown} %, rounded down")
    verdict = "kept" if found.kept else "not kept"
    yield Step("6-a", "TD >=", f"{terms.committed_rate} %, judged on the exact value", verdict)
