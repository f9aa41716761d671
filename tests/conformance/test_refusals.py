"""Every "no" that stands on a clause stands on one that the booklet has."""

from importlib import import_module
from pathlib import Path

import pytest

from chassis.refusals import Refusal
from contracts.booklet.loader import load_booklet

SERVICES = Path(__file__).parents[2] / "services"
MODULES = sorted(f"services.{path.parent.name}.{path.stem}" for path in SERVICES.glob("*/*refusals.py"))


def test_there_are_refusals_to_look_at() -> None:
    assert "services.tenancy.refusals" in MODULES


@pytest.mark.parametrize("module", MODULES)
def test_each_refusal_names_a_clause_of_the_booklet_or_none(module: str) -> None:
    clauses = load_booklet().clauses
    refusals = [found for found in vars(import_module(module)).values() if _is_refusal(found)]

    assert refusals
    assert [refusal for refusal in refusals if refusal.clause and refusal.clause not in clauses] == []


def _is_refusal(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, Refusal)
