"""The weather as others read it: page, calendar and feed hold their formats whatever the words in them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from chassis.languages import Language, language_of
from services.availability.model.weather import Facts
from services.availability.weather.calendar import calendar_of
from services.availability.weather.drawing import LANGUAGES, drawn
from services.availability.weather.feed import NAMESPACE, feed_of
from services.availability.weather.names import CALENDARS, FEEDS, PAGES
from services.availability.weather.page import page_of
from services.availability.weather.state import WeatherShown, writable
from services.availability.weather.words import duration, instant
from tests.unit.availability.skies import (
    CANCELLED,
    EVERY,
    HOSTILE,
    NOW,
    OFFERINGS,
    OVER,
    PLANNED,
    PORTAL_DOWN,
    SERVICE_DOWN,
    TOLD_AT,
    URGENT,
    shown,
)

ATOM = {"a": NAMESPACE}
FULL = Facts(OFFERINGS, (PORTAL_DOWN, SERVICE_DOWN, OVER), EVERY)
ATTACKED = Facts(
    tuple(replace(each, name=HOSTILE) for each in OFFERINGS),
    (replace(SERVICE_DOWN, title=HOSTILE),),
    tuple(replace(each, title=HOSTILE, description=HOSTILE) for each in EVERY),
)


class Reading(HTMLParser):
    """What a page is made of: tags that are open, and every address in it."""

    VOID = frozenset({"meta", "link"})

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        told = dict(attrs)
        assert not [name for name in told if name.startswith("on") or name == "style"]
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.addresses += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def events(file: bytes) -> dict[str, object]:
    """The events of a calendar by UID, as another program's library reads them."""
    return {str(each["UID"]): each for each in Calendar.from_ical(file).walk("VEVENT")}


def as_xml(file: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(file)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", [Facts(), FULL, ATTACKED], ids=["empty", "full", "attacked"])
@pytest.mark.parametrize("age", [None, timedelta(minutes=12)], ids=["fresh", "stale"])
def test_a_page_is_well_formed_without_script_and_without_another_host(
    language: Language, facts: Facts, age: timedelta | None
) -> None:
    read = Reading(page_of(shown(facts), language, age))

    assert read.open == []
    assert not read.tags & {"script", "img", "iframe", "form", "object", "style"}
    assert len(read.ids) == len(set(read.ids))
    assert [each for each in read.addresses if ":" in each] == ["https://portal.example"]
    objects = {*drawn(shown(facts)), "weather.json"}
    assert {each for each in read.addresses if ":" not in each} <= objects
    assert ('alert("1")' in read.text) is (facts is ATTACKED)
    assert "49" not in re.sub(r"\d\d:\d\d|20\d\d", "", read.text)


def test_the_french_page_holds_french_typography() -> None:
    page = page_of(shown(FULL), "fr").decode()

    assert "<title>Météo des services\u00a0: interrompu</title>" in page
    assert "Portail\u00a0:\n<strong>interrompu</strong>, depuis le <time" in page
    assert "Maintenance planifiée\u00a0: Nouvelle base" in page
    assert "mardi 5 mai 2026 à 21\u00a0h\u00a030</time>" in page
    assert not re.findall(r"[^\s\u00a0;][:;!?]\s|\u0020[:;!?]", re.sub(r"<[^>]*>", "", page))


def test_the_page_says_how_everything_stands_and_since_when() -> None:
    text = " ".join(Reading(page_of(shown(FULL), "en")).text.split())

    assert "Portal: interrupted, since Tuesday 5 May 2026, 21:30." in text
    assert "Devis Factures" in text
    assert "Interruption (Devis Factures): Panne des devis" in text
    assert "Planned maintenance: Nouvelle base Wednesday 6 May 2026, 23:30" in text
    assert "Past its announced end by 1 hour." in text
    assert "Announced on Sunday 3 May 2026, 23:30." in text
    assert "cancelled" in text
    assert "Updates stopped" not in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Les mises à jour sont arrêtées depuis 12 minutes. L’état actuel est inconnu"),
        ("en", "Updates stopped 12 minutes ago. The present state is not known"),
    ],
)
def test_a_stale_page_says_how_old_it_is_and_claims_nothing(language: Language, said: str) -> None:
    text = " ".join(
        Reading(page_of(shown(Facts()), language, timedelta(minutes=12, seconds=59))).text.split()
    )

    assert said in text
    known = {
        "fr": "Portail : état actuel inconnu ; dernier état connu : en service",
        "en": "last known to be operational",
    }
    assert known[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_calendar_holds_every_maintenance_under_a_name_that_stays(language: Language) -> None:
    found = events(calendar_of(shown(FULL), language))

    assert set(found) == {f"{each.maintenance_id}@livret" for each in EVERY}
    moved = replace(PLANNED, starts_at=PLANNED.starts_at + timedelta(days=7), revision=3)
    assert set(events(calendar_of(shown(Facts(maintenance=(moved,))), language))) <= set(found)


def test_an_event_tells_its_slot_its_announcement_and_how_often_it_changed() -> None:
    event = events(calendar_of(shown(FULL), "en"))[f"{PLANNED.maintenance_id}@livret"]

    told = {name: event[name].dt for name in ("DTSTART", "DTEND", "DTSTAMP")}  # type: ignore[index]
    assert told == {"DTSTART": PLANNED.starts_at, "DTEND": PLANNED.ends_at, "DTSTAMP": PLANNED.announced_at}
    assert event["SEQUENCE"] == 1  # type: ignore[index]
    assert event["STATUS"] == "CONFIRMED"  # type: ignore[index]
    assert event["SUMMARY"] == "Planned maintenance: Nouvelle base"  # type: ignore[index]


def test_a_cancelled_one_stays_and_says_so_and_an_urgent_one_has_no_end() -> None:
    found = events(calendar_of(shown(FULL), "fr"))

    assert found[f"{CANCELLED.maintenance_id}@livret"]["STATUS"] == "CANCELLED"  # type: ignore[index]
    assert "DTEND" not in found[f"{URGENT.maintenance_id}@livret"]  # type: ignore[operator]


def test_no_word_breaks_out_of_an_event() -> None:
    file = calendar_of(shown(ATTACKED), "fr")

    assert file.count(b"BEGIN:VEVENT") == file.count(b"\r\nEND:VEVENT\r\n") == len(EVERY)
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    event = events(file)[f"{PLANNED.maintenance_id}@livret"]
    assert str(event["SUMMARY"]).endswith("END:VEVENT {{ 7*7 }}")  # type: ignore[index]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", [Facts(), FULL, ATTACKED], ids=["empty", "full", "attacked"])
def test_the_feed_has_all_that_an_atom_feed_must_have(language: Language, facts: Facts) -> None:
    feed = as_xml(feed_of(shown(facts), language))

    for holder in (feed, *feed.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"a:{name}", ATOM)) == 1
        updated = datetime.fromisoformat(str(holder.findtext("a:updated", None, ATOM)))
        assert updated.tzinfo is not None
        assert str(holder.findtext("a:id", None, ATOM)).startswith("urn:uuid:")
    names = [entry.findtext("a:id", None, ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert len(set(names)) == len(names) == len(facts.maintenance) + len(facts.interruptions)
    assert feed.findtext("a:author/a:name", None, ATOM)
    assert {link.get("rel") for link in feed.findall("a:link", ATOM)} == {"self", "alternate"}


def test_a_feed_is_as_new_as_its_newest_entry_and_tells_that_first() -> None:
    changed = NOW - timedelta(minutes=5)
    facts = replace(FULL, interruptions=(replace(PORTAL_DOWN, changed_at=changed),))
    feed = as_xml(feed_of(shown(facts), "en"))

    first = feed.find("a:entry", ATOM)
    assert first is not None
    assert first.findtext("a:id", None, ATOM) == f"urn:uuid:{PORTAL_DOWN.outage_id}"
    assert feed.findtext("a:updated", None, ATOM) == changed.isoformat().replace("+00:00", "Z")


def test_two_portals_have_two_feeds_and_each_keeps_its_name() -> None:
    one = shown(FULL)
    other = one.model_copy(update={"origin": "https://other.example"})
    later = one.model_copy(update={"told_at": TOLD_AT + timedelta(days=1), "number": 8})

    def name(weather: WeatherShown, language: Language) -> str | None:
        return as_xml(feed_of(weather, language)).findtext("a:id", None, ATOM)

    assert len({name(one, "fr"), name(one, "en"), name(other, "fr")}) == 3
    assert name(one, "fr") == name(later, "fr")


def test_calendar_and_feed_stay_the_same_byte_by_byte_while_nothing_changes() -> None:
    facts = replace(FULL, maintenance=(PLANNED, CANCELLED))
    one = drawn(shown(facts))
    later = drawn(shown(facts, NOW + timedelta(minutes=1)))

    for language in LANGUAGES:
        assert one[CALENDARS[language]] == later[CALENDARS[language]]
        assert one[FEEDS[language]] == later[FEEDS[language]]
        assert one[PAGES[language]] != later[PAGES[language]]


def test_the_state_is_read_back_as_it_was_told_also_with_fields_of_a_newer_one() -> None:
    weather = shown(FULL)
    document = weather.model_dump(mode="json")

    assert WeatherShown.model_validate(document) == weather
    assert WeatherShown.model_validate(document | {"newer": 1}) == weather


def test_characters_that_neither_xml_nor_a_calendar_carries_are_left_out() -> None:
    assert writable("a\x00b\x1b\ufffe\ud800c\n\té😀") == "abc\n\té😀"


@pytest.mark.parametrize(
    ("seconds", "french", "english"),
    [
        (0, "0 seconde", "0 second"),
        (59, "59 secondes", "59 seconds"),
        (60, "1 minute", "1 minute"),
        (7_199, "1 heure", "1 hour"),
        (7_200, "2 heures", "2 hours"),
        (172_800, "2 jours", "2 days"),
    ],
)
def test_a_duration_is_told_in_the_largest_unit_it_fills(seconds: int, french: str, english: str) -> None:
    assert duration(timedelta(seconds=seconds), "fr") == french
    assert duration(timedelta(seconds=seconds), "en") == english


@pytest.mark.parametrize(
    ("at", "language", "told"),
    [
        (datetime(2026, 8, 15, 22, 30, tzinfo=UTC), "fr", "dimanche 16 août 2026 à 0\u00a0h\u00a030"),
        (datetime(2026, 5, 1, 7, tzinfo=UTC), "fr", "vendredi 1er mai 2026 à 9\u00a0h\u00a000"),
        (datetime(2026, 2, 1, 22, 30, tzinfo=UTC), "en", "Sunday 1 February 2026, 23:30"),
    ],
    ids=["summer", "first of the month", "winter"],
)
def test_an_instant_is_told_in_local_time_of_either_season(
    at: datetime, language: Language, told: str
) -> None:
    assert instant(at, language) == told


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("de", "fr"),
        ("en-GB,en;q=0.9", "en"),
        ("de, fr;q=0.3, en;q=0.4", "en"),
        ("en;q=0", "fr"),
        ("en;q=x, fr;q=0.1", "fr"),
    ],
)
def test_the_language_is_the_one_preferred_and_french_otherwise(accepted: str | None, language: str) -> None:
    assert language_of(accepted) == language
