"""Every "no" that stands on a clause stands on one that the booklet has."""

from importlib import import_module
from pathlib import Path

import pytest

from chassis.refusals import Refusal
from contracts.booklet.loader import load_booklet

SERVICES = Path(__file__).parents[2] / "services"
MODULES = sorted(
    ".".join(("services", *path.relative_to(SERVICES).with_suffix("").parts))
    for pattern in ("*/*refusals.py", "*/refusals/[a-z]*.py")
    for path in SERVICES.glob(pattern)
)


def test_there_are_refusals_to_look_at() -> None:
    assert {"services.tenancy.refusals", "services.availability.refusals.records"} <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_each_refusal_names_a_clause_of_the_booklet_or_none(module: str) -> None:
    clauses = load_booklet().clauses
    refusals = [found for found in vars(import_module(module)).values() if _is_refusal(found)]

    assert refusals
    assert [refusal for refusal in refusals if refusal.clause and refusal.clause not in clauses] == []


def _is_refusal(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, Refusal)
