"""The quota of requests that a program has at one process."""

from uuid import uuid4

import pytest

from chassis import ratelimit
from chassis.ratelimit import Quotas, QuotaSpent


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock, which a test sets."""
    now = [1000.0]
    monkeypatch.setattr(ratelimit, "monotonic", lambda: now[0])
    return now


def test_a_window_begins_with_the_first_request_and_is_whole_again_after_it(at: list[float]) -> None:
    quotas, program = Quotas(3, 60), uuid4()
    assert [quotas.take(program).remaining for _ in range(3)] == [2, 1, 0]
    at[0] += 59.5
    with pytest.raises(QuotaSpent) as spent:
        quotas.take(program)
    assert spent.value.retry_after == 1
    assert spent.value.headers == {"RateLimit-Policy": '"program";q=3;w=60', "RateLimit": '"program";r=0;t=1'}
    at[0] += 0.5
    assert quotas.take(program).remaining == 2


def test_each_program_has_its_own(at: list[float]) -> None:
    quotas = Quotas(1, 60)
    quotas.take(uuid4())
    assert quotas.take(uuid4()).remaining == 0


def test_no_more_are_remembered_than_fit(at: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "MAX_COUNTED", 10)
    quotas = Quotas(1, 60)
    for _ in range(50):
        quotas.take(uuid4())
    assert len(quotas._windows) == 10
