"""Tests that share a broker, or what one leaves for another, run in one process: pytest-xdist must see the
groups that they name. With pytest 9.2 it does not, and nothing else fails.
"""

import pytest


@pytest.mark.xdist_group("seen")
def test_a_group_is_seen_where_tests_are_shared_out(request: pytest.FixtureRequest) -> None:
    shared_out_by_group = getattr(request.config.option, "loadgroup", False)
    assert request.node.nodeid.endswith("@seen") == shared_out_by_group
