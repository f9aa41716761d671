"""The weather as a page: French or English, readable without a script, a colour or another host."""

from datetime import timedelta
from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from chassis.languages import Language
from services.availability.weather import words
from services.availability.weather.names import CALENDARS, FEEDS, PAGES
from services.availability.weather.state import WeatherShown

_OTHER: dict[Language, Language] = {"fr": "en", "en": "fr"}


def page_of(weather: WeatherShown, language: Language, age: timedelta | None = None) -> bytes:
    """The page; `age` where updates have stopped, since when."""
    other = _OTHER[language]
    drawn = _template().render(
        weather=weather,
        language=language,
        other=other,
        age=age,
        stopped="" if age is None else _ago(age, language),
        pages=PAGES,
        calendar=CALENDARS[language],
        feed=FEEDS[language],
        label=words.LABELS[language],
        colon=words.COLON[language],
        statuses=words.STATUSES[language],
        phases=words.PHASES[language],
        instant=partial(words.instant, language=language),
        duration=partial(words.duration, language=language),
        usable=partial(words.usable, language=language),
        maintenance_title=partial(words.maintenance_title, language=language),
        interruption_title=partial(words.interruption_title, weather=weather, language=language),
    )
    return drawn.encode()


def style() -> bytes:
    """The page's own style, over the one that all pages share."""
    return _file("weather.css").encode()


def _ago(age: timedelta, language: Language) -> str:
    told = words.duration(age, language)
    return told if language == "fr" else f"{told} ago"


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_file("page.html"))


def _file(name: str) -> str:
    return (files("services.availability.weather") / name).read_text(encoding="utf-8")
