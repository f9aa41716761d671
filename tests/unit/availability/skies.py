"""Weathers to draw: the portal down, maintenance in every phase, and words that try to break out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.availability.model.weather import Facts, Interruption, Maintenance, Offering, Told
from services.availability.rules.weather import weather_of
from services.availability.weather.state import WeatherShown

NOW = datetime(2026, 5, 5, 21, 30, tzinfo=UTC)
TOLD_AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOSTILE = """<script>alert("1")</script> ]]> & 'DTEND:1;X,\\n' \x00\x1b[31m\r\nEND:VEVENT {{ 7*7 }}"""


def maintenance(number: int, starts_at: datetime, **changes: object) -> Maintenance:
    """A maintenance of two hours, announced three days before."""
    usual = Maintenance(
        maintenance_id=UUID(int=number),
        kind="planned",
        title="Nouvelle base",
        starts_at=starts_at,
        announced_at=starts_at - timedelta(days=3),
        ends_at=starts_at + 2 * HOUR,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


PLANNED = maintenance(1, NOW + 24 * HOUR, revision=2)
GOING_ON = maintenance(2, NOW - HOUR, started_at=NOW - HOUR, blocking=False)
OVERRUN = maintenance(3, NOW - 3 * HOUR, started_at=NOW - 3 * HOUR)
ENDED = maintenance(4, NOW - 50 * HOUR, started_at=NOW - 50 * HOUR, ended_at=NOW - 47 * HOUR)
CANCELLED = maintenance(5, NOW + 48 * HOUR, cancelled_at=NOW - HOUR, revision=3)
LAPSED = maintenance(6, NOW - 30 * HOUR)
LATE = maintenance(7, NOW - HOUR / 2)
URGENT = maintenance(
    8, NOW - HOUR / 4, kind="urgent", started_at=NOW - HOUR / 4, ends_at=None, announced_at=NOW - HOUR / 4
)
EVERY = (PLANNED, GOING_ON, OVERRUN, ENDED, CANCELLED, LAPSED, LATE, URGENT)

PORTAL_DOWN = Interruption(UUID(int=21), NOW - 2 * HOUR)
SERVICE_DOWN = Interruption(UUID(int=22), NOW - HOUR, offering_code="devis-factures", title="Panne des devis")
OVER = Interruption(UUID(int=23), NOW - 20 * HOUR, ends_at=NOW - 19 * HOUR)
OFFERINGS = (Offering("devis-factures", "Devis Factures"), Offering("notes", "Notes de frais"))


def shown(facts: Facts, now: datetime = NOW) -> WeatherShown:
    """These facts as they are told."""
    told = Told(weather_of(facts, now), 7, TOLD_AT, TOLD_AT - HOUR)
    return WeatherShown.of(told, "https://portal.example", timedelta(minutes=3))
