"""When each target's turn is: on a fixed grid of its own, so that targets are spread over the interval and no
run drifts by how long the one before took.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from uuid import UUID

from contracts.booklet.windows import EPOCH

MILLISECOND = timedelta(milliseconds=1)
LATEST = timedelta(seconds=5)
"""A run that could not begin by then is skipped: told as of its plan it would say what was not so."""


def phase_of(target_id: UUID, place: str, interval_seconds: int) -> int:
    """The milliseconds into each interval at which a place's turn with a target is: always the same ones,
    evenly spread over targets, and others for each place.
    """
    digest = hashlib.blake2b(f"{place}/{target_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % (interval_seconds * 1000)


def next_turn(phase: int, interval_seconds: int, now: datetime) -> datetime:
    """The first instant of the grid after `now`."""
    interval = interval_seconds * 1000
    elapsed = (now - EPOCH) // MILLISECOND
    turns = (elapsed - phase) // interval + 1
    return EPOCH + (turns * interval + phase) * MILLISECOND


def may_begin(planned_at: datetime, now: datetime, interval_seconds: int) -> bool:
    """Whether a turn may still be taken: neither much later than planned, nor close to the next one."""
    return now - planned_at <= min(LATEST, timedelta(seconds=interval_seconds) / 2)


@dataclass(order=True, slots=True)
class Turn:
    """A target's next turn."""

    at: datetime
    target_id: UUID
    interval_seconds: int = field(compare=False)
    phase: int = field(compare=False)


class Schedule:
    """The turns of all targets of a place, the next one first."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._turns: list[Turn] = []

    def settle(self, intervals: dict[UUID, int], now: datetime) -> None:
        """Exactly these targets have turns from now on; those that had them keep theirs."""
        kept = [turn for turn in self._turns if intervals.get(turn.target_id) == turn.interval_seconds]
        known = {turn.target_id for turn in kept}
        for target_id, interval in intervals.items():
            if target_id not in known:
                phase = phase_of(target_id, self._place, interval)
                kept.append(Turn(next_turn(phase, interval, now), target_id, interval, phase))
        heapify(kept)
        self._turns = kept

    def next_at(self) -> datetime | None:
        """When the next turn is; None when there is nothing to do."""
        return self._turns[0].at if self._turns else None

    def take_due(self, now: datetime) -> list[Turn]:
        """The turns that have come, each target's next one being planned on its grid. Turns that went by
        while nobody asked count as taken by the one that is returned.
        """
        due: list[Turn] = []
        while self._turns and self._turns[0].at <= now:
            turn = heappop(self._turns)
            due.append(turn)
            following = next_turn(turn.phase, turn.interval_seconds, now)
            heappush(self._turns, Turn(following, turn.target_id, turn.interval_seconds, turn.phase))
        return due

    def missed(self, turn: Turn, now: datetime) -> int:
        """How many turns of a target went by between one that was due and now, besides it."""
        return max(0, (now - turn.at) // timedelta(seconds=turn.interval_seconds))
