"""Every worked case of the booklet, run against the rule that decides it: which clause said no, too."""

from collections import Counter

import pytest

from contracts.booklet.loader import load_booklet
from contracts.booklet.model import Case, Clause, Verdict
from services.cli.booklet import rule_named, run_case

BOOKLET = load_booklet()
DECIDED = [clause for clause in BOOKLET.clauses.values() if clause.rules]


@pytest.mark.parametrize("case", BOOKLET.cases, ids=lambda case: f"{case.clause}: {case.name}")
def test_the_rule_decides_the_case_as_the_booklet_says(case: Case) -> None:
    assert run_case(case).failure is None


@pytest.mark.parametrize("clause", DECIDED, ids=lambda clause: clause.id)
def test_a_decided_clause_has_a_case_that_keeps_it_and_one_that_breaks_it(clause: Clause) -> None:
    verdicts = {case.verdict for case in BOOKLET.cases if case.clause == clause.id}

    assert verdicts == set(Verdict)


@pytest.mark.parametrize("clause", DECIDED, ids=lambda clause: clause.id)
def test_each_rule_of_a_clause_has_a_case_and_names_the_clause_or_its_ruling(clause: Clause) -> None:
    tried = {case.rule for case in BOOKLET.cases if case.clause == clause.id}

    assert tried == set(clause.rules)
    for rule in clause.rules:
        docstring = rule_named(rule).__doc__ or ""
        assert any(name in docstring for name in (clause.id, *clause.rulings)), rule


def test_case_names_are_unique_within_their_clause() -> None:
    names = Counter((case.clause, case.name) for case in BOOKLET.cases)

    assert [name for name, count in names.items() if count > 1] == []
