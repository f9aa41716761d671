"""An image holds what runs in it and nothing else, of the very pins that everything is tested with."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT

IMAGES = ROOT / "deploy" / "images"
IMAGE_LOCKS = ("requirements.lock", "build.lock")
EXTRAS = ("kafka", "dev")
Pins = dict[str, frozenset[str]]


def pins(text: str) -> Pins:
    """Of each `name==version` of a lock the digests it may have."""
    entries = re.findall(r"^([\w.-]+==[^\s;]+)[^\n]*((?:\n +--hash=\S+(?: \\)?)+)", text, re.MULTILINE)
    return {pin: frozenset(re.findall(r"--hash=(\S+)", digests)) for pin, digests in entries}


def locked(name: str) -> Pins:
    """A lock of the images."""
    return pins((IMAGES / name).read_text("utf-8"))


def names(found: Pins) -> set[str]:
    """The distributions that are pinned."""
    return {pin.partition("==")[0] for pin in found}


def strangers(part: Pins, whole: Pins) -> list[str]:
    """What is pinned otherwise than in the whole, or to other digests."""
    return sorted(pin for pin, digests in part.items() if whole.get(pin) != digests)


def needed(requirements: list[str]) -> set[str]:
    """The distributions that these need on this machine, and those that they need in their turn."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(each) for each in requirements]
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), extra)
            if key not in found:
                found.add(key)
                waiting += _needs(*key)
    return {name for name, _ in found}


def _needs(name: str, extra: str) -> Iterator[Requirement]:
    for each in map(Requirement, requires(name) or []):
        if each.marker is None or each.marker.evaluate({"extra": extra}):
            yield each


@pytest.mark.parametrize("name", IMAGE_LOCKS)
def test_every_pin_of_an_image_is_one_that_is_tested(name: str) -> None:
    assert locked(name)
    assert strangers(locked(name), pins((ROOT / "requirements.lock").read_text("utf-8"))) == []


def test_an_image_holds_all_that_livret_needs_to_run() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert needed(project["dependencies"]) - names(locked("requirements.lock")) == set()


def test_an_image_holds_nothing_that_only_tests_need() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for_tests = needed([each for extra in EXTRAS for each in project["optional-dependencies"][extra]])
    assert names(locked("requirements.lock")) & (for_tests - needed(project["dependencies"])) == set()
    assert names(locked("build.lock")) == {"setuptools"}


def test_another_version_and_another_digest_would_be_seen() -> None:
    two = "a==1 \\\n    --hash=sha256:01 \\\n    --hash=sha256:02\n    # via b\n"
    whole = pins(two + "b==2 ; x \\\n    --hash=sha256:03\n")
    assert len(whole) == 2
    assert strangers({"a==1": frozenset({"sha256:01", "sha256:02"})}, whole) == []
    assert strangers({"a==1": frozenset({"sha256:01"}), "b==3": whole["b==2"]}, whole) == ["a==1", "b==3"]


def test_the_image_is_given_what_it_is_made_of() -> None:
    written = (IMAGES / "Dockerfile").read_text("utf-8")
    let_in = (IMAGES / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    copied = [line.split()[1:-1] for line in written.splitlines() if re.match(r"COPY (?!--from)", line)]
    sources = {source for line in copied for source in line}
    assert sources == {line.removeprefix("!") for line in let_in if line.startswith("!")}
    assert all((ROOT / source).exists() for source in sources)
