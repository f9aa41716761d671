"""In which order, and with which others, the events of a lane are handled. Pure.

Order holds per (producer, key) only, so that events of different keys may pass each other: those for one
batch projection are gathered into few large batches, however their types are interleaved.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Stage(Generic[T]):
    """Events for one handler. Stages are worked one after another."""

    handler: Hashable
    items: list[T] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Placing(Generic[T]):
    """An event to be placed: its handler, how many that takes at once (1: no batch), and its key."""

    item: T
    handler: Hashable
    size: int
    key: Hashable


def staged(placings: Iterable[Placing[T]]) -> list[Stage[T]]:
    """The stages, such that no event stands before an earlier one of its key."""
    stages: list[Stage[T]] = []
    of_key: dict[Hashable, int] = {}
    of_handler: dict[Hashable, int] = {}
    for placing in placings:
        place = of_handler.get(placing.handler, -1)
        joins = (
            placing.size > 1
            and place >= of_key.get(placing.key, 0)
            and len(stages[place].items) < placing.size
        )
        if not joins:
            place = len(stages)
            stages.append(Stage(placing.handler))
            of_handler[placing.handler] = place
        stages[place].items.append(placing.item)
        of_key[placing.key] = place
    return stages
