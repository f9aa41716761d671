"""Stages against what they promise: order per key, one handler each, never more than it takes at once."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.inbox.stages import Placing, staged

SIZES = {"single": 1, "small": 2, "large": 50}
placings = st.lists(st.tuples(st.sampled_from(sorted(SIZES)), st.integers(0, 4)), max_size=60)


def _staged(drawn: list[tuple[str, int]]) -> list[list[tuple[int, str, int]]]:
    made = [Placing((n, name, key), name, SIZES[name], key) for n, (name, key) in enumerate(drawn)]
    return [stage.items for stage in staged(made)]


@given(placings)
def test_each_event_once_and_each_key_in_order(drawn: list[tuple[str, int]]) -> None:
    placed = [item for stage in _staged(drawn) for item in stage]
    assert sorted(n for n, _, _ in placed) == list(range(len(drawn)))
    for key in range(5):
        numbers = [n for n, _, of in placed if of == key]
        assert numbers == sorted(numbers)


@given(placings)
def test_a_stage_has_one_handler_and_no_more_than_it_takes(drawn: list[tuple[str, int]]) -> None:
    for stage in _staged(drawn):
        assert len({name for _, name, _ in stage}) == 1
        assert len(stage) <= SIZES[stage[0][1]]


def test_interleaved_types_of_many_keys_become_one_batch_each() -> None:
    drawn = [(name, key) for key in range(20) for name in ("large", "wide")]
    made = [Placing((name, key), name, 50, key) for name, key in drawn]
    assert [len(stage.items) for stage in staged(made)] == [20, 20]
