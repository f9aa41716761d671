"""docs/security.md names files that exist, and every requirement of ASVS 5.0.0, levels 1 and 2, once."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT

MAP = ROOT / "docs" / "security.md"
STATES = {"kept", "partly", "operator", "not kept", "none"}
ROOMS = r"(?:chassis|contracts|deploy|services|tests)/[\w./-]+|pyproject\.toml|requirements\.lock|Makefile"

# How many requirements of each section are of level 1 or 2; in every section they come first.
SECTIONS = {
    1: {1: 2, 2: 9, 3: 11, 4: 3, 5: 2},
    2: {1: 3, 2: 3, 3: 4, 4: 1},
    3: {2: 2, 3: 4, 4: 6, 5: 5, 7: 2},
    4: {1: 3, 2: 1, 3: 2, 4: 4},
    5: {1: 1, 2: 3, 3: 2, 4: 3},
    6: {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    7: {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    8: {1: 2, 2: 3, 3: 1, 4: 1},
    9: {1: 3, 2: 4},
    10: {1: 2, 2: 2, 3: 4, 4: 11, 5: 5, 6: 2, 7: 3},
    11: {1: 2, 2: 3, 3: 3, 4: 4, 5: 1, 6: 1},
    12: {1: 3, 2: 2, 3: 4},
    13: {1: 1, 2: 5, 3: 2, 4: 5},
    14: {1: 2, 2: 4, 3: 3},
    15: {1: 3, 2: 3, 3: 7},
    16: {1: 1, 2: 5, 3: 4, 4: 3, 5: 3},
    17: {1: 1, 2: 4, 3: 2},
}
REQUIRED = [
    f"{chapter}.{section}.{number}"
    for chapter, sections in SECTIONS.items()
    for section, last in sections.items()
    for number in range(1, last + 1)
]


def rows(text: str) -> Iterator[tuple[list[str], str, str]]:
    """Of each row of the tables: the requirements it is about, how they stand, and where."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and re.match(r"\d", cells[0]):
            yield list(numbers(cells[0])), cells[1], cells[2]


def numbers(cell: str) -> Iterator[str]:
    """`1.2.6-1.2.8, 1.3.1` one by one."""
    for part in cell.split(", "):
        first, _, last = part.partition("-")
        section, _, number = first.rpartition(".")
        end = int((last or first).rpartition(".")[2])
        yield from (f"{section}.{each}" for each in range(int(number), end + 1))


def absent(text: str) -> list[str]:
    """The files named that are not there."""
    named = {match.rstrip(".") for match in re.findall(rf"`({ROOMS})`", text)}
    return sorted(name for name in named if not (ROOT / name).exists())


def test_every_file_named_is_there() -> None:
    assert absent(MAP.read_text("utf-8")) == []


def test_every_requirement_of_the_two_levels_stands_in_it_once() -> None:
    found = [number for listed, _, _ in rows(MAP.read_text("utf-8")) for number in listed]
    assert sorted(found) == sorted(REQUIRED)
    assert len(REQUIRED) == 253


def test_each_says_how_it_stands_and_where() -> None:
    for listed, state, where in rows(MAP.read_text("utf-8")):
        assert state in STATES, listed
        assert where, listed
        if state == "kept":
            assert re.search(rf"`(?:{ROOMS})`", where), f"{listed}: nothing is named that keeps it"


@pytest.mark.parametrize("cell", ["1.2.6-1.2.8, 1.3.1"])
def test_a_range_is_read(cell: str) -> None:
    assert list(numbers(cell)) == ["1.2.6", "1.2.7", "1.2.8", "1.3.1"]


def test_a_file_that_is_gone_would_be_seen() -> None:
    assert absent("kept by `chassis/nothing.py` and `chassis/edge.py`") == ["chassis/nothing.py"]
