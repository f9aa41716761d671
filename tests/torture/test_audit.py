"""The judge sees each broken promise, and only that one."""

from uuid import UUID, uuid4

import pytest

from tests.torture.audit import Fact, Verdict, judge

TOKENS = [uuid4() for _ in range(6)]
SAID = [Fact(token, "ab"[position % 2], position // 2 + 1) for position, token in enumerate(TOKENS)]
APPLIED = list(SAID)
CLEAN = dict.fromkeys(judge([], [], []).broken(), 0)


def _judge(applied: list[Fact], said: list[Fact] = SAID, acknowledged: list[UUID] = TOKENS[:4]) -> Verdict:
    return judge(acknowledged, said, applied)


def test_nothing_broken_is_clean() -> None:
    verdict = _judge(APPLIED)
    assert verdict.is_clean
    assert (verdict.acknowledged, verdict.committed, verdict.applied) == (4, 6, 6)


@pytest.mark.parametrize(
    ("applied", "said", "broken"),
    [
        (APPLIED[1:], SAID, {"acknowledged but lost": 1, "committed without effect": 1}),
        (APPLIED[:5], SAID, {"committed without effect": 1}),
        (APPLIED, SAID[:5], {"effect without commit": 1}),
        (APPLIED, SAID[1:], {"effect without commit": 1, "acknowledged but lost": 1}),
        ([*APPLIED, Fact(TOKENS[0], "a", 4)], SAID, {"applied twice": 1}),
        (
            [Fact(TOKENS[2], "a", 1), Fact(TOKENS[0], "a", 2), Fact(TOKENS[4], "a", 3), *APPLIED[1::2]],
            SAID,
            {"out of order per (producer, key)": 1},
        ),
    ],
)
def test_each_broken_promise_is_seen(applied: list[Fact], said: list[Fact], broken: dict[str, int]) -> None:
    verdict = _judge(applied, said)
    assert verdict.broken() == CLEAN | broken
    assert not verdict.is_clean
