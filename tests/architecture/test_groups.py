"""Tests of one group run in one process: some count what their neighbours did; a broker starts once."""

import pytest

pytestmark = pytest.mark.xdist_group("together")


def test_a_group_is_seen_when_tests_are_shared_out(request: pytest.FixtureRequest) -> None:
    """The name that tests are shared out by ends with the group; without `-n` nothing is shared out."""
    shared_out = hasattr(request.config, "workerinput")
    assert request.node.nodeid.endswith("@together") == shared_out
