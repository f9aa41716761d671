"""`python -m tests.torture`: both buses in full, unless told otherwise. Exit 1 when a promise was broken.

The full form runs until at least 50,000 events and 100 kills on each bus; `--seconds` gives a short one.
"""

import argparse
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence

from chassis.embedded.account import CannotRun
from tests.torture.audit import Verdict
from tests.torture.director import Actor, Director
from tests.torture.setup import PLANTS
from tests.torture.stage import Stage, staged

BUSES = ("postgres", "kafka")
FULL_EVENTS, FULL_KILLS = 50_000, 100
_STALLED_SECONDS = 90.0
_TROUPE = {"writer": 3, "producer": 2, "consumer": 3}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the asked tortures one after another; 1 when one broke a promise, 2 when one could not run."""
    asked = _arguments().parse_args(argv)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    clean = True
    for bus in BUSES if asked.bus == "both" else (asked.bus,):
        try:
            clean &= torture(bus, asked)
        except CannotRun as refused:
            print(f"{bus}: {refused}", file=sys.stderr)
            return 2
    return 0 if clean else 1


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("--bus", choices=(*BUSES, "both"), default="both")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, help="how long at least (default 5)")
    length.add_argument("--seconds", type=float, help="a short form of exactly that long")
    parser.add_argument(
        "--events", type=int, help=f"how many at least (default {FULL_EVENTS:,}; short form 0)"
    )
    parser.add_argument("--kills", type=int, help=f"how many at least (default {FULL_KILLS}; short form 0)")
    parser.add_argument("--rate", type=int, default=400, help="events a second, at most")
    parser.add_argument("--names", type=int, default=40, help="keys")
    parser.add_argument("--seed", type=int, default=None, help="of the director's choices")
    parser.add_argument("--plant", choices=PLANTS, default=None, help="break this promise on purpose")
    return parser


def torture(bus: str, asked: argparse.Namespace) -> bool:
    """One bus from its first event to the verdict; True when all there was has arrived, and nothing broke."""
    seed = asked.seed if asked.seed is not None else random.randrange(10**6)
    settings = {"writers": _TROUPE["writer"], "names": asked.names, "rate": asked.rate, "plant": asked.plant}
    with staged(bus, **settings) as stage:
        director = Director(_actors(stage), stage.servers, random.Random(seed))
        began = time.monotonic()
        try:
            director.ensure_all()
            _kill_for_a_while(director, stage, asked)
            director.stop("writer")
            drained = _drain(director, stage, 20.0 if asked.plant else _STALLED_SECONDS)
        finally:
            director.stop()
        verdict = stage.verdict()
        _print(bus, seed, asked.plant, director, verdict, time.monotonic() - began)
        if not drained or not verdict.is_clean:
            stage.print_logs()
    return drained and verdict.is_clean and verdict.applied > 0


def _actors(stage: Stage) -> list[Actor]:
    troupe = [(role, number) for role, count in _TROUPE.items() for number in range(count)]
    return [Actor(role, number, stage.setup, stage.logs) for role, number in troupe]


def _kill_for_a_while(director: Director, stage: Stage, asked: argparse.Namespace) -> None:
    """Kills at random intervals until the time is over and both minima are reached."""
    short = asked.seconds is not None
    seconds = asked.seconds if short else 60 * (asked.minutes or 5)
    kills = asked.kills if asked.kills is not None else (0 if short else FULL_KILLS)
    events = asked.events if asked.events is not None else (0 if short else FULL_EVENTS)
    interval = max(0.5, seconds / kills) if kills else 2.0
    randomness = random.Random()
    until = time.monotonic() + seconds
    while time.monotonic() < until or director.kills.total() < kills or stage.progress()[0] < events:
        time.sleep(randomness.uniform(0.2, 2 * interval - 0.2))
        director.ensure_all()
        director.kill_someone()


def _drain(director: Director, stage: Stage, stalled_seconds: float) -> bool:
    """Lets everything arrive, undisturbed; False when nothing moves any more before it has."""
    progress, moved = stage.progress(), time.monotonic()
    while progress[1] < progress[0] or not stage.is_quiet():
        time.sleep(0.5)
        director.ensure_all()
        before, progress = progress, stage.progress()
        if progress != before:
            moved = time.monotonic()
        elif time.monotonic() - moved > stalled_seconds:
            return False
    return True


def _print(
    bus: str, seed: int, plant: str | None, director: Director, verdict: Verdict, seconds: float
) -> None:
    print(f"\nbus {bus}, seed {seed}, {seconds:.0f} s{f', planted: {plant}' if plant else ''}")
    rows: dict[str, int | str] = {
        "events acknowledged": verdict.acknowledged,
        "events committed": verdict.committed,
        "effects": verdict.applied,
        "kills": _counts(director.kills),
        "died by themselves": _counts(director.deaths),
        **verdict.broken(),
    }
    for name, value in rows.items():
        print(f"  {name:<34} {value:>9,}" if isinstance(value, int) else f"  {name:<34} {value}")
    print(f"  {'verdict':<34} {'clean' if verdict.is_clean else 'BROKEN'}", flush=True)


def _counts(by_whom: Counter[str]) -> str:
    parts = ", ".join(f"{count} {who}" for who, count in sorted(by_whom.items()))
    return f"{by_whom.total():>9,}" + (f" ({parts})" if parts else "")


if __name__ == "__main__":
    sys.exit(main())
