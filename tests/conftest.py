"""Registers the fixtures of tests/support, and takes the network away from the unit tests.

Hypothesis makes up its examples from the same seed in every run, and none has a time to keep to, so that a
busy machine fails no test. `make fuzz` makes up others (`--hypothesis-profile explore`).
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket, enable_socket

_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("same", _PATIENT, derandomize=True, database=None)
settings.register_profile("explore", _PATIENT)
settings.load_profile("same")

pytest_plugins = [
    "tests.support.postgres",
    "tests.support.kafka",
    "tests.support.versitygw",
    "tests.support.objects",
]

os.environ.setdefault("LIVRET_SEALING_KEYS", "dGhlIGtleSB0aGF0IGFsbCBvZiB0aGUgdGVzdHMgaGE=")
"""Processes that tests start have it too."""
_UNIT = Path(__file__).parent / "unit"
_BROKERS = {"kafka", "stoppable_kafka"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Under `--dist loadgroup` one test process has all tests that use a broker, and so the only broker."""
    for item in items:
        if _BROKERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.kafka)
            item.add_marker(pytest.mark.xdist_group("kafka"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A unit test that opens a socket fails; an event loop's own pair of Unix sockets is let through."""
    if _UNIT in item.path.parents:
        disable_socket(allow_unix_socket=True)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """The tests of the other rooms use real servers."""
    if _UNIT in item.path.parents:
        enable_socket()
