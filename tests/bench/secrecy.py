"""Whether the time of a refused login tells that an account exists: the kinds in turn, sample by sample.

    python -m tests.bench.secrecy [--samples 60] [--plant]

Three kinds of attempt with a wrong password: a known account, an unknown one of the same portal, one of a
portal that is not. Printed is the ratio of their median times, with the interval in which it lies for 95 of a
hundred resamplings. `--plant` takes away the Argon2id that is worked for nobody, to show what would be seen.
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Mapping, Sequence
from statistics import median

from services.tenancy.passwords import Hasher
from tests.bench.ground import cluster, show
from tests.bench.logins import anew
from tests.integration.tenancy.portal import Portal, opened

RESAMPLED = 2000
KNOWN = "known account"


class Telling(Hasher):
    """A hasher that answers at once for nobody: the fault that this looks for."""

    async def matches(self, kept: str | None, presented: str) -> bool:
        return False if kept is None else await super().matches(kept, presented)


async def seconds_of(portal: Portal, slug: str, identifier: str) -> float:
    """The time of one refused attempt, with nobody else at the door."""
    began = time.perf_counter()
    answer = await portal.log_in(slug, identifier, "none of anybody's passwords")
    took = time.perf_counter() - began
    if answer.status_code != 401:
        raise RuntimeError(f"answered {answer.status_code}, not 401")
    return took


async def sampled(portal: Portal, samples: int) -> Mapping[str, list[float]]:
    """So many times of each kind; the kinds in another order each time, so that all meet the same weather."""
    slug = (await portal.new_firm()).slug
    kinds = {
        KNOWN: (slug, "claire"),
        "unknown account": (slug, "nobody"),
        "unknown portal": ("no-such-portal", "claire"),
    }
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(samples + 3):
        await anew(portal.db)
        for kind in random.sample(list(kinds), len(kinds)):
            took = await seconds_of(portal, *kinds[kind])
            if number >= 3:
                times[kind].append(took)
    return times


def interval(of: Sequence[float], to: Sequence[float], resampled: int = RESAMPLED) -> tuple[float, float]:
    """Where the ratio of the medians lies in 95 of a hundred resamplings of the pairs."""
    drawn = random.Random(7)
    pairs = list(zip(of, to, strict=True))
    ratios = []
    for _ in range(resampled):
        chosen = drawn.choices(pairs, k=len(pairs))
        ratios.append(median(one for one, _ in chosen) / median(other for _, other in chosen))
    ratios.sort()
    return ratios[int(resampled * 0.025)], ratios[int(resampled * 0.975)]


def tell(times: Mapping[str, Sequence[float]]) -> None:
    """The figures: each kind's median, and its ratio to the known account's."""
    known = times[KNOWN]
    show(f"refused login, {KNOWN}", f"{1000 * median(known):.1f} ms")
    for kind, found in times.items():
        if kind == KNOWN:
            continue
        low, high = interval(found, known)
        ratio = median(found) / median(known)
        apart = "not told apart" if low <= 1 <= high else f"told apart by {abs(1 - ratio):.1%}"
        against = f"{ratio:.3f} of a known account's ({low:.3f} to {high:.3f}): {apart}"
        show(f"refused login, {kind}", f"{1000 * median(found):.1f} ms", against)


async def measure(samples: int, plant: bool) -> None:
    """One tenancy in this process, on a PostgreSQL of its own, with Argon2id as in life."""
    with cluster() as servers:
        async with opened(servers.make("tenancy")) as portal:
            portal.app.state.hasher = Telling() if plant else Hasher()
            tell(await sampled(portal, samples))


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.secrecy", description=__doc__)
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--plant", action="store_true", help="take the dummy's Argon2id away")
    asked = parser.parse_args(arguments)
    asyncio.run(measure(asked.samples, asked.plant))
    return 0


if __name__ == "__main__":
    sys.exit(main())
