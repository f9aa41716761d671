"""The names of the weather's objects: as they are stored, served and linked to."""

from collections.abc import Mapping

from chassis.languages import Language

STATE = "weather.json"
"""What everything else is drawn from; the export stores it last."""
PAGES: Mapping[Language, str] = {"fr": "index.html", "en": "index.en.html"}
CALENDARS: Mapping[Language, str] = {"fr": "maintenance.ics", "en": "maintenance.en.ics"}
FEEDS: Mapping[Language, str] = {"fr": "weather.atom", "en": "weather.en.atom"}
SHARED_STYLE, OWN_STYLE = "pages.css", "weather.css"
