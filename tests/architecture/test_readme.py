"""The README speaks of the services that there are, and leaves none out."""

import re
from pathlib import Path

from services.roster import ROSTER

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def named(text: str) -> set[str]:
    """What a text names as `services/…`."""
    return set(re.findall(r"`services/([a-z_]+)`", text))


def pictured(text: str) -> set[str]:
    """The services that a text's picture of the portal puts behind its origin."""
    return set(re.findall(r"/api/([a-z_]+)/v1", text))


def test_every_service_has_its_line_and_its_place_in_the_picture() -> None:
    assert ROSTER.keys() - named(README) == set()
    assert ROSTER.keys() - pictured(README) == set()


def test_no_service_is_named_that_is_not_there() -> None:
    assert {name for name in named(README) if not (ROOT / "services" / name).exists()} == set()
    assert pictured(README) <= ROSTER.keys()


def test_a_service_that_is_not_there_would_be_seen() -> None:
    assert named("| `services/gone` | ended |") == {"gone"}
    assert pictured("─ /api/gone/v1 ─┐") == {"gone"}
