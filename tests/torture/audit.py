"""Compares what was acknowledged, committed and applied. Pure: three lists in, counts out."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Fact:
    """An event on one side: the `n`th of its name to be committed, or the `n`th to be applied."""

    token: UUID
    name: str
    n: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many events there were, and how many broke each promise."""

    acknowledged: int
    committed: int
    applied: int
    acknowledged_but_lost: int
    committed_without_effect: int
    effect_without_commit: int
    applied_twice: int
    out_of_order: int

    @property
    def is_clean(self) -> bool:
        """True when no promise was broken."""
        return not any(self.broken().values())

    def broken(self) -> dict[str, int]:
        """Each promise and how often it was broken."""
        return {
            "acknowledged but lost": self.acknowledged_but_lost,
            "committed without effect": self.committed_without_effect,
            "effect without commit": self.effect_without_commit,
            "applied twice": self.applied_twice,
            "out of order per (producer, key)": self.out_of_order,
        }


def judge(acknowledged: Iterable[UUID], said: Iterable[Fact], applied: Iterable[Fact]) -> Verdict:
    """The verdict. A rolled-back or unanswered write owes nothing; one that was answered owes its effect."""
    promised, effects = set(acknowledged), list(applied)
    committed = {fact.token: fact for fact in said}
    times = Counter(fact.token for fact in effects)
    return Verdict(
        acknowledged=len(promised),
        committed=len(committed),
        applied=len(effects),
        acknowledged_but_lost=len(promised - times.keys()) + len(promised & times.keys() - committed.keys()),
        committed_without_effect=len(committed.keys() - times.keys()),
        effect_without_commit=len(times.keys() - committed.keys()),
        applied_twice=sum(count - 1 for count in times.values()),
        out_of_order=_inversions(committed, effects),
    )


def _inversions(committed: dict[UUID, Fact], effects: Iterable[Fact]) -> int:
    """Effects that came after one committed later under the same name; repetitions count elsewhere."""
    by_name: dict[str, list[Fact]] = defaultdict(list)
    for effect in effects:
        if effect.token in committed:
            by_name[effect.name].append(effect)
    inversions = 0
    for applied in by_name.values():
        highest, met = 0, set()
        for effect in sorted(applied, key=lambda fact: fact.n):
            n = committed[effect.token].n
            inversions += n < highest and effect.token not in met
            highest = max(highest, n)
            met.add(effect.token)
    return inversions
