"""Which alerts are an outage, and what one that is told leads to: it counts by its own start and end (R5).

Notifications repeat, come late, and in another order than they were made: Alertmanager tells again until it
is answered, and two of them tell the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from services.availability.model.alerts import (
    AlertRoute,
    AlertRouteText,
    Comparison,
    Concerns,
    Deed,
    Episode,
    Matcher,
    Told,
)
from services.availability.refusals.probes import AlertMatcherUnusable

MAX_ENVIRONMENT = 64
OVERTAKEN_FOR = timedelta(minutes=5)
"""How long after its resolution a firing may still be an earlier notification that was overtaken: a delivery
is tried again no longer than Alertmanager's group interval."""
_SYNTAX = frozenset("[](){}^$?*+\\")


def concerns(labels: Mapping[str, str], routes: Iterable[AlertRoute]) -> Concerns | None:
    """What an alert is about; None where no route matches, or the one that does makes no outage."""
    for route in sorted(routes, key=lambda one: (one.text.position, one.route_id)):
        text = route.text
        if all(matches(matcher, labels.get(matcher.label, "")) for matcher in text.matchers):
            return Concerns(route.route_id, *_about(text, labels)) if text.opens else None
    return None


def _about(text: AlertRouteText, labels: Mapping[str, str]) -> tuple[str | None, str]:
    offering = labels.get(text.offering_label, "") if text.offering_label else ""
    environment = labels.get(text.environment_label, "") if text.environment_label else ""
    is_name = 0 < len(environment) <= MAX_ENVIRONMENT
    return offering or text.offering_code, environment if is_name else text.environment


def matches(matcher: Matcher, value: str) -> bool:
    """Whether a label's value is like the matcher says."""
    match matcher.comparison:
        case Comparison.equal:
            return value == matcher.value
        case Comparison.different:
            return value != matcher.value
        case Comparison.like:
            return is_like(value, matcher.value)
        case Comparison.unlike:
            return not is_like(value, matcher.value)


def may_match(matcher: Matcher) -> None:
    """Refuses a pattern that is more than words parted by `|` with the wildcards `.`, `.*` and `.+`: so that
    matching takes a time that is bounded by the lengths of both.
    """
    if matcher.comparison in (Comparison.like, Comparison.unlike):
        for word in matcher.value.split("|"):
            if any(part in _SYNTAX for kind, part in _parts(word) if kind == "letter"):
                raise AlertMatcherUnusable(detail=matcher.value)


def is_like(value: str, pattern: str) -> bool:
    """Whether the whole value is one of the pattern's words."""
    return any(_is_word(value, word) for word in pattern.split("|"))


def _parts(word: str) -> Iterator[tuple[str, str]]:
    """The letters of a word, `any` for `.`, and `some` for `.*`; `.+` is one of each."""
    at = 0
    while at < len(word):
        letter, next_letter = word[at], word[at + 1 : at + 2]
        if letter == "\\" and next_letter in set(".|*+\\-/"):
            yield "escaped", next_letter
            at += 1
        elif letter == "." and next_letter in ("*", "+") and next_letter:
            if next_letter == "+":
                yield "any", ""
            yield "some", ""
            at += 1
        else:
            yield ("any", "") if letter == "." else ("letter", letter)
        at += 1


def _is_word(value: str, word: str) -> bool:
    """The usual walk over wildcards: the last `some` takes one more letter whenever what follows fails."""
    parts = list(_parts(word))
    at = here = 0
    resume, taken = -1, 0
    while here < len(value):
        if at < len(parts) and _fits(parts[at], value[here]):
            at, here = at + 1, here + 1
        elif at < len(parts) and parts[at][0] == "some":
            resume, taken = at, here
            at += 1
        elif resume >= 0:
            taken += 1
            at, here = resume + 1, taken
        else:
            return False
    return all(kind == "some" for kind, _ in parts[at:])


def _fits(part: tuple[str, str], letter: str) -> bool:
    kind, wanted = part
    return kind == "any" or (kind != "some" and wanted == letter)


def deed_of(told: Told, last: Episode | None, now: datetime) -> Deed:
    """R5: what a told alert leads to, given the last episode known of it. Told again, it leads to nothing; a
    resolution that overtook its firing makes a whole episode; the start first told stays that of the episode.
    """
    if told.ends_at is not None:
        return _resolved(told.starts_at, told.ends_at, last)
    if last is None or (last.ends_at is not None and begins_at(told, last, now) is not None):
        return Deed.begin
    return Deed.nothing


def begins_at(told: Told, last: Episode | None, now: datetime) -> datetime | None:
    """R5: when the episode of a firing alert begins: at its own start, or where the one before ended if it
    fires on although it was resolved. None for a firing that its resolution overtook.
    """
    if last is None or last.ends_at is None or told.starts_at >= last.ends_at:
        return told.starts_at
    return last.ends_at if now - last.told_at > OVERTAKEN_FOR else None


def _resolved(starts_at: datetime, ends_at: datetime, last: Episode | None) -> Deed:
    if last is not None and last.ends_at is None:
        return Deed.end if ends_at > last.starts_at else Deed.nothing
    is_new = last is None or last.ends_at is None or starts_at >= last.ends_at
    return Deed.begin_and_end if is_new and ends_at > starts_at else Deed.nothing
