"""Maintenance as a calendar (RFC 5545) that other programs subscribe to.

An event keeps its UID for ever; each change of the maintenance is a higher SEQUENCE, and DTSTAMP is the
instant of its announcement as it stands.
"""

from datetime import timedelta

from icalendar import Calendar, Event

from chassis.languages import Language
from services.availability.weather.state import MaintenanceShown, WeatherShown
from services.availability.weather.words import LABELS, PHASES, maintenance_title, usable

MEDIA_TYPE = "text/calendar"
_LOOK_AGAIN = timedelta(minutes=15)


def calendar_of(weather: WeatherShown, language: Language) -> bytes:
    """Every maintenance that the weather tells, cancelled ones as cancelled."""
    made = Calendar()
    made.add("prodid", f"-//Livret//Weather//{language.upper()}")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", LABELS[language]["calendar"])
    made.add("refresh-interval", _LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT15M")
    for shown in weather.notices:
        made.add_component(_event(shown, language))
    written: bytes = made.to_ical()
    return written


def uid_of(shown: MaintenanceShown) -> str:
    """What identifies a maintenance for ever, whatever becomes of it."""
    return f"{shown.maintenance_id}@livret"


def _event(shown: MaintenanceShown, language: Language) -> Event:
    told = [shown.description, usable(shown, language), f"({PHASES[language][shown.phase]})"]
    made = Event()
    made.add("uid", uid_of(shown))
    made.add("sequence", shown.revision - 1)
    made.add("dtstamp", shown.announced_at)
    made.add("last-modified", shown.changed_at or shown.announced_at)
    made.add("dtstart", shown.started_at or shown.starts_at)
    ends_at = shown.ended_at or shown.ends_at
    if ends_at is not None and ends_at > (shown.started_at or shown.starts_at):
        made.add("dtend", ends_at)
    made.add("summary", maintenance_title(shown, language), parameters={"LANGUAGE": language})
    made.add("description", "\n".join(filter(None, told)))
    made.add("status", "CANCELLED" if shown.cancelled_at else "CONFIRMED")
    made.add("categories", ["MAINTENANCE"])
    made.add("class", "PUBLIC")
    made.add("transp", "TRANSPARENT")
    return made
