"""Answers that are files: calendars, tables and pages to print, each in the portal's two languages; and files
that callers gave, which are handed back as they came and never shown in a page.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from unicodedata import combining, normalize
from urllib.parse import quote

from fastapi import Response

from chassis.languages import language_of
from chassis.negotiation import in_language
from chassis.spreadsheet import attachment
from services.ticketing.agenda_calendar import MEDIA_TYPE, calendar_of
from services.ticketing.model.agenda import Planned

AS_CALENDAR: dict[str, Any] = {
    "content": {"text/calendar": {"schema": {"type": "string"}, "example": "BEGIN:VCALENDAR\r\n…"}}
}

_UNPLAIN = re.compile(r"[^A-Za-z0-9 ._()+=,-]")
CALENDAR_LINES = 2_000
"""How many lines a calendar file holds at most."""


def calendar_answer(
    planned: Iterable[Planned], accepted: str | None, now: datetime, file_name: str
) -> Response:
    """What is planned as an iCalendar file, which other programs subscribe to."""
    language = language_of(accepted)
    headers = attachment(file_name) | in_language(language)
    return Response(calendar_of(planned, language, now), headers=headers, media_type=MEDIA_TYPE)


def handed_back(name: str, media_type: str, sha256: str) -> dict[str, str]:
    """The headers of a file of a caller's: a browser saves it, under its name, and runs nothing of it.

    The name is told twice (RFC 6266): whole, for every program of today, and in ASCII for older ones.
    """
    letters = "".join(letter for letter in normalize("NFKD", name) if not combining(letter))
    plain = _UNPLAIN.sub("_", letters)
    digest = b64encode(bytes.fromhex(sha256)).decode()
    return {
        "Content-Type": media_type,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Repr-Digest": f"sha-256=:{digest}:",
    }
