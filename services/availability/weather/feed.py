"""Interruptions and maintenance as an Atom feed (RFC 4287): an entry keeps its id, and is updated."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring  # nosec B405

from chassis.languages import Language
from services.availability.weather.names import FEEDS, PAGES
from services.availability.weather.state import InterruptionShown, MaintenanceShown, WeatherShown
from services.availability.weather.words import (
    LABELS,
    PHASES,
    instant,
    interruption_title,
    maintenance_title,
    usable,
)

MEDIA_TYPE = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def feed_of(weather: WeatherShown, language: Language) -> bytes:
    """The feed, what changed last first."""
    register_namespace("", NAMESPACE)
    entries = [_of_maintenance(each, language) for each in weather.notices]
    interruptions = [*weather.interruptions, *weather.past_interruptions]
    entries += [_of_interruption(each, weather, language) for each in interruptions]
    entries.sort(key=lambda entry: entry[0], reverse=True)
    feed = Element(_name("feed"), {_LANGUAGE: language})
    _text(feed, "id", _feed_id(weather.origin, language))
    _text(feed, "title", LABELS[language]["title"])
    _text(feed, "updated", _instant(entries[0][0] if entries else weather.changed_at))
    _text(SubElement(feed, _name("author")), "name", "Livret")
    SubElement(feed, _name("link"), {"rel": "self", "type": MEDIA_TYPE, "href": FEEDS[language]})
    SubElement(feed, _name("link"), {"rel": "alternate", "type": "text/html", "href": PAGES[language]})
    feed.extend([entry for _, entry in entries])
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _of_maintenance(shown: MaintenanceShown, language: Language) -> tuple[datetime, Element]:
    ends_at = shown.ended_at or shown.ends_at
    slot = instant(shown.started_at or shown.starts_at, language)
    lines = [
        f"{slot} – {instant(ends_at, language)}" if ends_at else slot,
        PHASES[language][shown.phase],
        usable(shown, language),
        shown.description,
    ]
    entry = _entry(str(shown.maintenance_id), maintenance_title(shown, language), lines)
    _link(entry, f"m-{shown.maintenance_id}", language)
    return _dated(entry, shown.announced_at, shown.changed_at or shown.announced_at)


def _of_interruption(
    shown: InterruptionShown, weather: WeatherShown, language: Language
) -> tuple[datetime, Element]:
    ends = instant(shown.ends_at, language) if shown.ends_at else LABELS[language]["going_on"]
    lines = [f"{instant(shown.starts_at, language)} – {ends}"]
    entry = _entry(str(shown.outage_id), interruption_title(shown, weather, language), lines)
    _link(entry, f"o-{shown.outage_id}", language)
    changed_at = shown.changed_at or shown.ends_at or shown.starts_at
    return _dated(entry, min(shown.starts_at, changed_at), changed_at)


def _entry(entry_id: str, title: str, lines: list[str]) -> Element:
    entry = Element(_name("entry"))
    _text(entry, "id", f"urn:uuid:{entry_id}")
    _text(entry, "title", title)
    _text(entry, "content", "\n".join(filter(None, lines))).set("type", "text")
    return entry


def _link(entry: Element, place: str, language: Language) -> None:
    href = f"{PAGES[language]}#{place}"
    SubElement(entry, _name("link"), {"rel": "alternate", "type": "text/html", "href": href})


def _dated(entry: Element, published_at: datetime, updated_at: datetime) -> tuple[datetime, Element]:
    _text(entry, "published", _instant(published_at))
    _text(entry, "updated", _instant(updated_at))
    return updated_at, entry


def _feed_id(origin: str, language: Language) -> str:
    """One for each portal and language, the same for ever."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{origin}#weather.{language}')}"


def _text(parent: Element, name: str, text: str) -> Element:
    element = SubElement(parent, _name(name))
    element.text = text
    return element


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
