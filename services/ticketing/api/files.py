"""Answers that are files: calendars, tables and pages to print, each in the portal's two languages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header, Response

from chassis.languages import language_of
from chassis.spreadsheet import attachment
from services.ticketing.agenda_calendar import MEDIA_TYPE, calendar_of
from services.ticketing.model.agenda import Planned

AcceptLanguage = Annotated[
    str | None, Header(max_length=500, description="French or English; French where neither is asked for.")
]
AS_CALENDAR: dict[str, Any] = {
    "content": {"text/calendar": {"schema": {"type": "string"}, "example": "BEGIN:VCALENDAR\r\n…"}}
}

CALENDAR_LINES = 2_000
"""How many lines a calendar file holds at most."""


def calendar_answer(
    planned: Iterable[Planned], accepted: str | None, now: datetime, file_name: str
) -> Response:
    """What is planned as an iCalendar file, which other programs subscribe to."""
    language = language_of(accepted)
    headers = attachment(file_name) | {"Content-Language": language, "Vary": "Accept-Language"}
    return Response(calendar_of(planned, language, now), headers=headers, media_type=MEDIA_TYPE)
