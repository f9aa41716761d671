"""What a service's API document says holds, whoever asks and whatever is sent: no fault of ours, no status,
content type or shape that is not declared.

`make fuzz` asks more (LIVRET_FUZZ_EXAMPLES) from another seed (LIVRET_FUZZ_SEED) each time.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest

from chassis.auth import Role
from chassis.operations import Operation, operations_of
from tests.isolation.firms import STAFF, Firm
from tests.isolation.matrix import COLUMNS, Line, read_matrix
from tests.safety.asking import Asker, Made
from tests.safety.conftest import Town
from tests.support.callers import token_of

pytestmark = [pytest.mark.xdist_group("safety"), pytest.mark.timeout(900)]

MADE = Made(
    examples=int(os.environ.get("LIVRET_FUZZ_EXAMPLES", "3")),
    seed=int(os.environ.get("LIVRET_FUZZ_SEED", "0")),
)
LINES = read_matrix()
ASKED: set[Line] = set()
REACHED: set[Line] = set()
"""Operations that were asked at all, and those that did what was asked for somebody."""
OF_ITS_OWN = frozenset({"customer", "company", "activation"})
"""Of these a caller's own is used; of what might end a caller, such as a credential, somebody else's."""


def token_as(role: Role | None, firm: Firm) -> str | None:
    """A token of this role, of the firm's where it is a customer's."""
    if role is None:
        return None
    caller = firm.callers.get(role) or STAFF.get(role)
    return token_of(caller or replace(STAFF[Role.publisher_admin], role=role))


def ids_of(firm: Firm) -> Mapping[str, UUID]:
    """One id of each kind."""
    return {kind: ids[0 if kind in OF_ITS_OWN else -1] for kind, ids in firm.ids.items()}


def faults_of(asker: Asker, operation: Operation, line: Line, firm: Firm) -> list[str]:
    """What is wrong with any answer; who may not is asked with one request of each kind only."""
    found: list[str] = []
    for number, case in enumerate(asker.cases(operation, line, ids_of(firm))):
        for role in COLUMNS:
            if role in line.may or number < 2:
                answered = asker.answered(case, token_as(role, firm))
                found += [f"{line} as {role}: {each}" for each in answered.faults]
                REACHED.update({line} if answered.status < 300 else ())
    ASKED.add(line)
    return found


@pytest.mark.parametrize("line", LINES, ids=str)
async def test_every_answer_is_one_that_the_document_declares(line: Line, town: Town) -> None:
    app = town.portal.app(line.service)
    operation = next(each for each in operations_of(app) if each.operation_id == line.operation_id)
    asker = Asker(app, town.addresses[line.service], MADE)
    found = await asyncio.to_thread(faults_of, asker, operation, line, town.firm)
    assert not found, f"{len(found)} answers, the first of them:\n{found[0]}"


async def test_half_of_the_operations_were_asked_for_something_they_do() -> None:
    if len(ASKED) < len(LINES):
        pytest.skip("not every operation was asked in this run")
    assert len(REACHED) > len(LINES) / 2, sorted(map(str, set(LINES) - REACHED))
