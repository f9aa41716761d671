"""A month's availability over many intervals, against PostgreSQL multiranges over the same rows.

    python -m tests.bench.availability [--most 1000000]

Both merge the outages (`range_agg`), keep what lies in the reference period, take the exclusions off and sum
up; they must agree before they are compared. Ours has its intervals in memory, PostgreSQL its rows in a table
it has just read; each figure is the best of a few runs, the two in turn. Last, how fast `livret availability`
reads JSON lines.
"""

import argparse
import asyncio
import io
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import asyncpg

from chassis.clock import monotonic
from services.availability.model.rates import ExclusionKind, Interval, Month, Terms
from services.availability.rules.exclusions import excluded
from services.availability.rules.intervals import instant_of
from services.availability.rules.rates import reckoned, unavailable
from services.availability.rules.reference import bounds_of, month_of, reference_windows
from services.cli.availability import read_facts
from tests.bench.ground import cluster, rate, show
from tests.support.postgres import EMPTY

ROUNDS = 3
LINES = 100_000
TERMS = Terms(Decimal(99), 48 * 3600)
MONTH = month_of(2026, 5)
TABLES = ("outage", "exclusion", "reference")
SAME = """
    SELECT coalesce(sum(upper(part) - lower(part)), 0)
      FROM unnest((SELECT range_agg(during) FROM outage) * (SELECT range_agg(during) FROM reference)
                  - (SELECT range_agg(during) FROM exclusion)) AS part
"""


@dataclass(frozen=True)
class Rows:
    """What is measured: outages, and a tenth as many exclusions, all over a month."""

    outages: list[Interval]
    exclusions: list[Interval]


def rows_of(count: int, month: Month) -> Rows:
    """So many intervals, short enough that they make about as many pieces as they can."""
    since, until = bounds_of(month)
    chance = random.Random(count)
    longest = max(2, (until - since) // count)

    def some(number: int) -> list[Interval]:
        starts = [chance.randrange(since, until) for _ in range(number)]
        return [(start, start + chance.randrange(1, longest)) for start in starts]

    return Rows(some(count), some(max(1, count // 10)))


def ours(rows: Rows, month: Month) -> int:
    """The month's unavailable seconds, from rows to rate."""
    left_out = excluded({ExclusionKind.force_majeure: rows.exclusions}, *bounds_of(month))
    found = reckoned(month, unavailable(rows.outages, left_out), reference_windows(month), TERMS)
    return found.unavailable_seconds


async def fill(connection: asyncpg.Connection, rows: Rows, month: Month) -> None:
    """The same rows, in tables."""
    for table, intervals in zip(
        TABLES, (rows.outages, rows.exclusions, reference_windows(month)), strict=True
    ):
        await connection.execute(f"DROP TABLE IF EXISTS {table}")
        await connection.execute(f"CREATE TABLE {table} (during int8range NOT NULL)")
        records = [(asyncpg.Range(start, end),) for start, end in intervals]
        await connection.copy_records_to_table(table, records=records, columns=["during"])
        await connection.execute(f"ANALYZE {table}")


async def compare(connection: asyncpg.Connection, count: int) -> None:
    """Both, in turn, over so many intervals."""
    rows = rows_of(count, MONTH)
    await fill(connection, rows, MONTH)
    if ours(rows, MONTH) != await connection.fetchval(SAME):
        raise AssertionError("the two do not agree on the unavailability")
    mine, theirs = [], []
    for _ in range(ROUNDS):
        began = monotonic()
        ours(rows, MONTH)
        mine.append(monotonic() - began)
        began = monotonic()
        await connection.fetchval(SAME)
        theirs.append(monotonic() - began)
    ratio = min(theirs) / min(mine)
    compared = f"= {ratio:.2f} x PostgreSQL's range_agg ({min(theirs) * 1e3:,.1f} ms)"
    show(f"a month over {count:,} intervals", f"{min(mine) * 1e3:,.1f} ms", compared)


def lines_read() -> None:
    """How fast the command reads its lines."""
    text = "".join(
        f'{{"kind":"outage","start":"{instant_of(start).isoformat()}","end":"{instant_of(end).isoformat()}"}}\n'
        for start, end in rows_of(LINES, MONTH).outages
    )
    began = monotonic()
    stated = read_facts(io.BytesIO(text.encode()), [MONTH])
    taken = monotonic() - began
    if len(stated.outages) != LINES:
        raise AssertionError("lines were left out")
    show("JSON lines read by livret availability", rate(LINES, taken))


async def measure(most: int) -> None:
    """All figures."""
    ours(rows_of(10, MONTH), MONTH)
    with cluster() as servers:
        connection = await asyncpg.connect(servers.make(EMPTY).admin_url)
        count = 1_000
        while count <= most:
            await compare(connection, count)
            count *= 10
        await connection.close()
    lines_read()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.availability", description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000)
    asyncio.run(measure(parser.parse_args(arguments).most))
    return 0


if __name__ == "__main__":
    sys.exit(main())
