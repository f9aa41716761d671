"""The project names no package registry and no path of the machine it was written on."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT, own_files

# Written in halves, so that this file does not name them itself.
HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("files", "pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("repo", "maven", "apache", "org"),
            ("repo1", "maven", "org"),
            ("proxy", "golang", "org"),
            ("deb", "debian", "org"),
            ("docker", "io"),
            ("ghcr", "io"),
            ("quay", "io"),
        )
    )
)
MACHINE = re.compile(r"(?<![\w.~-])/(?:work|home|root|Users|farm)/[\w.-]+")


def places_named(text: str) -> Iterator[str]:
    """Each registry host and each machine path in a text."""
    for pattern in (HOSTS, MACHINE):
        yield from (match.group() for match in pattern.finditer(text))


def test_no_file_names_a_registry_or_a_machine_path() -> None:
    faults = []
    for path in own_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        faults += [f"{path.relative_to(ROOT)}: {place}" for place in places_named(text)]
    assert faults == []


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https://" + "pypi" + ".org/simple",
        "FROM " + "ghcr" + ".io/astral-sh/uv",
        "cd " + "/work" + "/main && make",
        "DATA = '" + "/home" + "/someone/data'",
    ],
)
def test_a_place_would_be_seen(text: str) -> None:
    assert len(list(places_named(text))) == 1


@pytest.mark.parametrize(
    "text", ["services/work/main", "https://example.org/home/page", "~/work/x", "/var/lib/x"]
)
def test_a_relative_path_passes(text: str) -> None:
    assert list(places_named(text)) == []
