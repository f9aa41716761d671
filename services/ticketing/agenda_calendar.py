"""What is planned, as a calendar that other programs read, in French or English.

Instants are told in UTC, so that no change of the clocks moves them. An event keeps its UID when it moves or
is cancelled, and tells a later sequence: a calendar that has it already follows.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from icalendar import Calendar, Event

from chassis.languages import Language
from services.ticketing.model.agenda import Planned, PlannedKind, PlannedState

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
_KINDS: dict[Language, dict[PlannedKind, str]] = {
    "fr": {
        PlannedKind.remote_assistance: "Assistance à distance",
        PlannedKind.web_session: "Session web",
        PlannedKind.on_site: "Intervention sur site",
        PlannedKind.training: "Formation",
    },
    "en": {
        PlannedKind.remote_assistance: "Remote assistance",
        PlannedKind.web_session: "Web session",
        PlannedKind.on_site: "Intervention on site",
        PlannedKind.training: "Training",
    },
}
_NAMES: dict[Language, str] = {"fr": "Interventions planifiées", "en": "Planned interventions"}
_STATUS = {
    PlannedState.planned: "CONFIRMED",
    PlannedState.waiting: "TENTATIVE",
    PlannedState.done: "CONFIRMED",
    PlannedState.no_show: "CONFIRMED",
    PlannedState.cancelled: "CANCELLED",
}


def kind_told(kind: PlannedKind, language: Language) -> str:
    """A kind of intervention in words."""
    return _KINDS[language][kind]


def calendar_of(planned: Iterable[Planned], language: Language, now: datetime) -> bytes:
    """What is planned as iCalendar (RFC 5545)."""
    made = Calendar()
    made.add("prodid", f"-//Livret//Interventions//{language.upper()}")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", _NAMES[language])
    for each in planned:
        made.add_component(_event(each, language, now))
    written: bytes = made.to_ical()
    return written


def _event(planned: Planned, language: Language, now: datetime) -> Event:
    made = Event()
    made.add("uid", f"{planned.planned_id}@livret")
    made.add("dtstamp", now)
    made.add("dtstart", planned.starts_at)
    made.add("dtend", planned.ends_at)
    made.add("sequence", planned.revision)
    made.add("status", _STATUS[planned.state])
    made.add("summary", f"{kind_told(planned.kind, language)} - {planned.title}")
    if planned.place:
        made.add("location", planned.place)
    return made
