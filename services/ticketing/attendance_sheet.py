"""A training's attendance sheet as a table for a spreadsheet, and as a page to print: French or English."""

from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from chassis.languages import Language
from chassis.spreadsheet import MARK, csv_text
from contracts.booklet.hours import calendar
from services.ticketing.model.interventions import HalfDay, Presence, Sheet

_WORDS: dict[Language, dict[str, str]] = {
    "fr": {
        "sheet": "Feuille d'émargement",
        "number": "N°",
        "name": "Nom",
        "organisation": "Organisation",
        "day": "Jour",
        "half": "Demi-journée",
        "presence": "Présence",
        "recorded_at": "Constatée le",
        "recorded_by": "Constatée par",
        "morning": "matin",
        "afternoon": "après-midi",
        "present": "présent",
        "absent": "absent",
        "trainer": "Intervenant",
        "place": "Lieu",
        "time": "Horaires (heure de Paris)",
        "nobody": "Aucun participant.",
    },
    "en": {
        "sheet": "Attendance sheet",
        "number": "No.",
        "name": "Name",
        "organisation": "Organisation",
        "day": "Day",
        "half": "Half-day",
        "presence": "Presence",
        "recorded_at": "Recorded at",
        "recorded_by": "Recorded by",
        "morning": "morning",
        "afternoon": "afternoon",
        "present": "present",
        "absent": "absent",
        "trainer": "Trainer",
        "place": "Place",
        "time": "Time (in Paris)",
        "nobody": "No participant.",
    },
}
_DAYS: dict[Language, str] = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}
"""How the page to print writes a day; the table has what programs sort."""
_COLUMNS = (
    "number",
    "name",
    "organisation",
    "day",
    "half",
    "presence",
    "recorded_at",
    "recorded_by",
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""What a browser lets the page do: it has a style of its own, and nothing else."""


def headings(language: Language) -> list[str]:
    """The first line of the table."""
    return [_WORDS[language][name] for name in _COLUMNS]


def table_of(sheet: Sheet, language: Language) -> str:
    """One line for each participant and half-day, recorded or not; no cell runs as a formula."""
    words, known = _WORDS[language], _recorded(sheet)
    lines = [headings(language)]
    for participant in sheet.participants:
        for half_day in sheet.half_days:
            presence = known.get((participant.number, half_day))
            lines.append(
                [
                    str(participant.number),
                    participant.name,
                    participant.organisation,
                    half_day.day.isoformat(),
                    words[half_day.half],
                    "" if presence is None else words["present" if presence.present else "absent"],
                    "" if presence is None else presence.recorded_at.isoformat(),
                    "" if presence is None else _recorder(sheet, presence),
                ]
            )
    return MARK + csv_text(lines)


def page_of(sheet: Sheet, language: Language) -> str:
    """The sheet as HTML: what somebody wrote is text in it."""
    zone = calendar("support.open").zone
    return _template().render(
        language=language,
        word=_WORDS[language],
        sheet=sheet,
        starts_at=sheet.intervention.starts_at.astimezone(zone),
        ends_at=sheet.intervention.ends_at.astimezone(zone),
        recorded=_recorded(sheet),
        recorder=partial(_recorder, sheet),
        day_format=_DAYS[language],
        zone=zone,
    )


def _recorded(sheet: Sheet) -> dict[tuple[int, HalfDay], Presence]:
    return {(presence.number, presence.half_day): presence for presence in sheet.presences}


def _recorder(sheet: Sheet, presence: Presence) -> str:
    return sheet.names.get(presence.recorded_by, str(presence.recorded_by))


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(
        (files("services.ticketing") / "attendance_sheet.html").read_text(encoding="utf-8")
    )
