"""The weather (6-g): how each service stands at an instant, and where each maintenance stands."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from services.availability.model.weather import (
    Facts,
    Freshness,
    Interruption,
    Maintenance,
    Notice,
    Phase,
    Standing,
    Status,
    Weather,
)

RECENT = timedelta(days=30)
"""How long what is over is still told."""

_OVER = frozenset({Phase.ended, Phase.cancelled, Phase.lapsed})


def weather_of(facts: Facts, now: datetime) -> Weather:
    """6-g: what can be consulted at any time: how everything stands, interruptions, maintenance that goes on
    and that is planned. What was over thirty days ago is told no more.
    """
    notices = sorted((notice_of(each, now) for each in facts.maintenance), key=_by_start)
    ongoing, past = _parted(facts.interruptions, now)
    portal = status_of(None, facts, now)
    services = (
        replace(status_of(each.code, facts, now), code=each.code, name=each.name)
        for each in sorted(facts.offerings, key=lambda offering: offering.name.casefold())
    )
    return Weather(
        as_of=now,
        portal=portal,
        services=tuple(services),
        interruptions=ongoing,
        maintenance=tuple(each for each in notices if each.phase in (Phase.going_on, Phase.late)),
        planned=tuple(each for each in notices if each.phase is Phase.planned),
        past_interruptions=past,
        past_maintenance=tuple(
            each for each in reversed(notices) if each.phase in _OVER and _over_at(each) > now - RECENT
        ),
    )


def status_of(code: str | None, facts: Facts, now: datetime) -> Standing:
    """5-a: the portal (None) or a service is open around the clock, outside of maintenance. What interrupts
    or blocks the portal does so to each service. An interruption while blocking maintenance goes on is that
    maintenance, until its announced end.
    """
    blocking = [each for each in facts.maintenance if each.blocking and _goes_on(each, now)]
    down = [
        each for each in facts.interruptions if each.offering_code in (None, code) and _is_open(each, now)
    ]
    overrun = any(each.ends_at is not None and each.ends_at <= now for each in blocking)
    if down and (overrun or not blocking):
        return Standing(Status.interrupted, min(each.starts_at for each in down))
    if blocking:
        return Standing(Status.maintenance, min(_began(each) for each in blocking))
    return Standing(Status.operational)


def notice_of(maintenance: Maintenance, now: datetime) -> Notice:
    """6-g: where a maintenance stands at an instant, and whether it went past its announced end."""
    ended = maintenance.ended_at or now
    overran = maintenance.started_at is not None and maintenance.ends_at is not None
    since = maintenance.ends_at if overran and maintenance.ends_at and maintenance.ends_at < ended else None
    return Notice(maintenance, _phase_of(maintenance, now), since)


def freshness_of(told_at: datetime, good_until: datetime, now: datetime) -> Freshness:
    """6-g: a state that was told at one instant of real time is shown at any later one, while the service is
    down too; past the time it is good for it says how old it is, and that updates have stopped.
    """
    return Freshness(max(now - told_at, timedelta(0)), now > good_until)


def _phase_of(maintenance: Maintenance, now: datetime) -> Phase:
    if maintenance.cancelled_at is not None:
        return Phase.cancelled
    if maintenance.ended_at is not None:
        return Phase.ended
    if maintenance.started_at is not None:
        return Phase.going_on
    if maintenance.ends_at is not None and maintenance.ends_at <= now:
        return Phase.lapsed
    return Phase.planned if now < maintenance.starts_at else Phase.late


def _goes_on(maintenance: Maintenance, now: datetime) -> bool:
    return _phase_of(maintenance, now) is Phase.going_on


def _began(maintenance: Maintenance) -> datetime:
    return maintenance.started_at or maintenance.starts_at


def _by_start(notice: Notice) -> tuple[datetime, str]:
    return _began(notice.maintenance), str(notice.maintenance.maintenance_id)


def _over_at(notice: Notice) -> datetime:
    """When a maintenance that is over was over."""
    over = notice.maintenance
    return over.cancelled_at or over.ended_at or over.ends_at or over.starts_at


def _is_open(interruption: Interruption, now: datetime) -> bool:
    return interruption.ends_at is None or interruption.ends_at > now


def _parted(
    interruptions: Iterable[Interruption], now: datetime
) -> tuple[tuple[Interruption, ...], tuple[Interruption, ...]]:
    """Those that go on, the oldest first, and those ended lately, the latest first."""
    by_start = sorted(interruptions, key=lambda each: (each.starts_at, str(each.outage_id)))
    ongoing = tuple(each for each in by_start if _is_open(each, now))
    past = (each for each in reversed(by_start) if each.ends_at is not None)
    return ongoing, tuple(each for each in past if now - RECENT < (each.ends_at or now) <= now)
