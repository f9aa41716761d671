"""Criticality is a total function: each of the thirty-two combinations of facts has its one answer."""

from itertools import product

import pytest

from services.ticketing.model.clocks import Criticality, NoAnomaly
from services.ticketing.rules.criticality import criticality_of

ONE, TWO, THREE = Criticality

# What departs and can be reproduced: (essential, inoperative, workaround) -> criticality.
REPRODUCED = {
    (True, True, False): ONE,
    (True, True, True): TWO,
    (False, True, True): TWO,
    (False, True, False): THREE,
    (True, False, True): THREE,
    (True, False, False): THREE,
    (False, False, True): THREE,
    (False, False, False): THREE,
}


@pytest.mark.parametrize(("facts", "expected"), REPRODUCED.items(), ids=str)
def test_a_reproduced_anomaly(facts: tuple[bool, bool, bool], expected: Criticality) -> None:
    essential, inoperative, workaround = facts
    assert (
        criticality_of(
            departs=True,
            reproducible=True,
            essential=essential,
            inoperative=inoperative,
            workaround=workaround,
        )
        is expected
    )


@pytest.mark.parametrize("facts", list(product((True, False), repeat=4)), ids=str)
def test_what_is_no_anomaly_says_why(facts: tuple[bool, bool, bool, bool]) -> None:
    reproducible, essential, inoperative, workaround = facts
    rest = {"essential": essential, "inoperative": inoperative, "workaround": workaround}
    follows = criticality_of(departs=False, reproducible=reproducible, **rest)
    assert follows is NoAnomaly.as_documented
    assert criticality_of(departs=True, reproducible=False, **rest) is NoAnomaly.not_reproducible
