"""Every "no" that the product can say is said in a test, which asserts which one it is.

A refusal is looked for by its slug, or by its class where a rule is tested without HTTP: in what tests and
the booklet's worked cases say, not in their comments.
"""

import ast
import pkgutil
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest

from chassis.refusals import Refusal
from tests.architecture.tree import PACKAGES, ROOT

REFUSED = re.compile(r"^\s+refused: ([a-z0-9-]+)$", re.MULTILINE)
ONLY_PARENTS = {"refused", "value-refused", "token-request-refused"}
"""Nobody raises these: others descend from them."""


@pytest.fixture(scope="module")
def refusals() -> Mapping[str, type[Refusal]]:
    """Every refusal of the tree by its slug."""
    for name in PACKAGES:
        package = import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith("__main__") and ".migrations" not in found.name:
                import_module(found.name)
    return {each.slug: each for each in ours()}


def _descendants(parent: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in parent.__subclasses__():
        yield child
        yield from _descendants(child)


def ours() -> list[type[Refusal]]:
    """All that are loaded, but for the tests' own and what the framework's statuses are turned into."""
    found = [each for each in _descendants(Refusal) if each.__module__.startswith(PACKAGES)]
    return [each for each in found if each.__qualname__ != "OfStatus"]


def words_of(text: str) -> set[str]:
    """Texts and names of a test file: `assert slug == "siret-taken"`, `pytest.raises(SiretTaken)`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            found.add(text.removeprefix("urn:livret:problem:"))
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


def said_in_tests() -> set[str]:
    """What all tests but this one say."""
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    cases = (ROOT / "contracts" / "booklet" / "cases").glob("*.yaml")
    refused = [set(REFUSED.findall(path.read_text("utf-8"))) for path in cases]
    return set().union(*refused, *(words_of(path.read_text("utf-8")) for path in files))


def names_of(refusal: type[Refusal]) -> set[str]:
    """What a test may call it: a token request is refused in a word of RFC 6749."""
    return {refusal.slug, refusal.__name__, getattr(refusal, "error", refusal.slug)}


def unsaid(refusals: Mapping[str, type[Refusal]], said: set[str]) -> list[str]:
    """The refusals that no test names."""
    return sorted(
        f"{each.__module__}.{each.__qualname__}: {slug}"
        for slug, each in refusals.items()
        if slug not in ONLY_PARENTS and not names_of(each) & said
    )


def test_no_two_refusals_share_a_slug(refusals: Mapping[str, type[Refusal]]) -> None:
    slugs = [each.slug for each in ours()]
    assert sorted(slugs) == sorted(refusals)


def test_every_refusal_is_said_in_a_test(refusals: Mapping[str, type[Refusal]]) -> None:
    assert len(refusals) > 50
    assert unsaid(refusals, said_in_tests()) == []


def test_one_that_is_not_said_would_be_seen() -> None:
    class NeverSaid(Refusal):
        slug = "never-said-anywhere"

    said = words_of('# never-said-anywhere\nassert slug == "siret-taken"\nwith raises(errors.Other): pass')
    assert said >= {"siret-taken", "raises", "Other"}
    assert [each.split(": ")[1] for each in unsaid({NeverSaid.slug: NeverSaid}, said)] == [
        "never-said-anywhere"
    ]
