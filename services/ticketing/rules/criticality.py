"""How grave an anomaly is: a total function of five facts, exactly one answer for each combination."""

from services.ticketing.model.clocks import Criticality, NoAnomaly


def criticality_of(
    *, departs: bool, reproducible: bool, essential: bool, inoperative: bool, workaround: bool
) -> Criticality | NoAnomaly:
    """The criticality of an anomaly, or why it is none.

    1-a: an essential feature cannot be reached or used, and no workaround can exist: 1.
    1-b: a feature, essential or not, is inoperative, and a workaround can exist: 2.
    1-c: every other reproducible case is 3; so also a feature that is not essential, inoperative without a
    workaround, surprising as that is.
    What follows the documentation is no anomaly, whatever else is true; nor is what nobody can reproduce.
    """
    if not departs:
        return NoAnomaly.as_documented
    if not reproducible:
        return NoAnomaly.not_reproducible
    if inoperative and workaround:
        return Criticality.two
    if inoperative and essential:
        return Criticality.one
    return Criticality.three
