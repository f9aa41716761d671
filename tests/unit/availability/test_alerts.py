"""Which alerts a matcher means, and what one that is told leads to."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.availability.model.alerts import Comparison, Deed, Episode, Matcher, Told
from services.availability.refusals.probes import AlertMatcherUnusable
from services.availability.rules.alerts import OVERTAKEN_FOR, begins_at, deed_of, is_like, matches, may_match

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def told(since: int, until: int | None = None) -> Told:
    return Told("f", ago(since), None if until is None else ago(until), {})


def episode(since: int, until: int | None = None, told_minutes_ago: int = 1) -> Episode:
    return Episode(ago(since), None if until is None else ago(until), ago(told_minutes_ago))


@pytest.mark.parametrize(
    ("pattern", "value", "is_meant"),
    [
        ("critical", "critical", True),
        ("critical|page", "page", True),
        ("critical|page", "pager", False),
        ("portal-.*", "portal-", True),
        ("portal-.+", "portal-", False),
        ("portal-.+", "portal-web", True),
        (".*-web", "portal-web-x", False),
        ("a.c", "abc", True),
        ("a.c", "ac", False),
        (r"a\.c", "abc", False),
        (r"a\.c", "a.c", True),
        (".*a.*b.*", "xxaxxbxx", True),
        ("", "", True),
        ("", "x", False),
        (".*", "", True),
    ],
)
def test_a_pattern_means_the_whole_value(pattern: str, value: str, is_meant: bool) -> None:
    assert is_like(value, pattern) is is_meant


@given(
    st.lists(st.sampled_from(["a", "b", ".", ".*", ".+", "|", r"\."]), max_size=8).map("".join),
    st.text("ab.", max_size=12),
)
def test_a_pattern_means_what_a_regular_expression_means(pattern: str, value: str) -> None:
    assert is_like(value, pattern) == (re.fullmatch(pattern, value, re.DOTALL) is not None)


def test_a_pattern_takes_no_longer_for_many_wildcards() -> None:
    assert not is_like("a" * 4_000, ".*a" * 60 + "b")


@pytest.mark.parametrize("pattern", ["(a|b)", "a{2}", "[ab]", "^a", "a$", "a*", "a+", "a?", r"\d"])
def test_more_than_words_and_wildcards_is_refused(pattern: str) -> None:
    with pytest.raises(AlertMatcherUnusable):
        may_match(Matcher("service", Comparison.like, pattern))


def test_words_and_wildcards_may_stand_in_a_pattern_and_anything_in_a_word() -> None:
    may_match(Matcher("service", Comparison.unlike, r"portal-.*|a\.b|x.+y."))
    may_match(Matcher("service", Comparison.equal, "(a+)+b"))


def test_a_label_is_compared_in_four_ways() -> None:
    found = [matches(Matcher("l", how, "a|b"), "a") for how in Comparison]
    assert found == [False, True, True, False]


@pytest.mark.parametrize(
    ("sent", "last", "deed"),
    [
        (told(10), None, Deed.begin),
        (told(10), episode(10), Deed.nothing),
        (told(5), episode(10), Deed.nothing),
        (told(2), episode(10, 5), Deed.begin),
        (told(10), episode(10, 5), Deed.nothing),
        (told(10), episode(10, 5, told_minutes_ago=6), Deed.begin),
        (told(10, 5), None, Deed.begin_and_end),
        (told(10, 5), episode(10), Deed.end),
        (told(10, 5), episode(4), Deed.nothing),
        (told(10, 5), episode(10, 5), Deed.nothing),
        (told(4, 3), episode(10, 5), Deed.begin_and_end),
        (told(5, 5), None, Deed.nothing),
    ],
)
def test_what_a_told_alert_leads_to(sent: Told, last: Episode | None, deed: Deed) -> None:
    assert deed_of(sent, last, NOW) is deed


def test_what_fires_on_although_it_was_resolved_goes_on_from_there() -> None:
    late = NOW + OVERTAKEN_FOR
    assert begins_at(told(10), episode(10, 5, told_minutes_ago=0), late) is None
    assert begins_at(told(10), episode(10, 5, told_minutes_ago=1), late) == ago(5)
