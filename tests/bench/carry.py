"""A process that carries events over the PostgreSQL bus at a steady rate, to be measured beside.

python -m tests.bench.carry LOG SAID HEARD RATE SECONDS
"""

import asyncio
import sys

from tests.bench.ground import percentile
from tests.bench.line import Places, laid


async def carry(places: Places, a_second: float, seconds: float) -> None:
    """Says events at this rate, has them handled, and prints how many arrived and how late."""
    async with laid(places, "postgres") as line, line.running():
        said = await line.emit_steadily(a_second, seconds, at_once=50)
        await line.arrived(said)
    late = 1000 * percentile(line.latencies, 0.99)
    print(f"{said / seconds:,.0f} events/s, handled with a p99 of {late:.0f} ms")


if __name__ == "__main__":
    log, said_by, heard_by, a_second, seconds = sys.argv[1:]
    asyncio.run(carry(Places(log, said_by, heard_by), float(a_second), float(seconds)))
