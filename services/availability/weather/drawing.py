"""Everything that is drawn from one state of the weather, by the name of its object."""

from collections.abc import Mapping

from chassis.languages import Language
from chassis.reference import asset
from services.availability.weather import calendar, feed
from services.availability.weather.names import CALENDARS, FEEDS, OWN_STYLE, PAGES, SHARED_STYLE
from services.availability.weather.page import page_of, style
from services.availability.weather.state import WeatherShown

HTML, CSS, JSON = "text/html; charset=utf-8", "text/css; charset=utf-8", "application/json"
SOON, LATER = "public, max-age=10", "public, max-age=300"
"""How long a cache may keep what changes each minute, and what changes with the record."""
LANGUAGES: tuple[Language, ...] = ("fr", "en")


def drawn(weather: WeatherShown) -> Mapping[str, tuple[bytes, str]]:
    """Each object but the state, by name: content and media type. The pages are those of a fresh state."""
    found: dict[str, tuple[bytes, str]] = {}
    for language in LANGUAGES:
        found[CALENDARS[language]] = (calendar.calendar_of(weather, language), calendar.MEDIA_TYPE)
        found[FEEDS[language]] = (feed.feed_of(weather, language), feed.MEDIA_TYPE)
        found[PAGES[language]] = (page_of(weather, language), HTML)
    found[SHARED_STYLE] = (asset(SHARED_STYLE), CSS)
    found[OWN_STYLE] = (style(), CSS)
    return found
