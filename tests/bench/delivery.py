"""Delivery on each bus: how late an effect is, how many a second, against the bare parts of this machine.

python -m tests.bench.delivery [--events 20000] [--seconds 10] [--bus postgres|kafka|both]
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from chassis import inbox, outbox
from chassis.bus import partition_of, topic_of
from chassis.bus.kafka import KafkaBus
from chassis.clock import Clock, monotonic, system_now
from chassis.db import Database, Scope
from chassis.hears import Context
from chassis.settings import Settings
from contracts.envelope import Envelope, to_headers
from contracts.events import Event
from contracts.events.tenancy import CompanyDeactivated
from services.roster import load
from tests.bench.ground import against, broker, cluster, percentile, rate, show
from tests.bench.line import COMPANIES, CUSTOMER, Line, activation, built, laid
from tests.support.postgres import TestCluster

BATCH = 1_000
STEADY = 1_000
SHARE_OF_HIGHEST = 0.8


async def end_to_end(servers: TestCluster, name: str, address: str, events: int, seconds: float) -> float:
    """Outbox to committed effect: latency at two rates and the highest rate; returns that."""
    async with laid(await built(servers), address) as line, line.running():
        await line.emit(BATCH)
        await line.arrived(BATCH)
        line.latencies.clear()
        said = await line.emit_steadily(STEADY, seconds)
        await line.arrived(said)
        _show_latency(f"{name}: commit to effect at {STEADY:,}/s", line)
        began = monotonic()
        await asyncio.gather(*(_writer(line, events // 4) for _ in range(4)))
        await line.arrived(events // 4 * 4)
        highest = events / (monotonic() - began)
        line.latencies.clear()
        said = await line.emit_steadily(SHARE_OF_HIGHEST * highest, seconds, at_once=100)
        await line.arrived(said)
        _show_latency(f"{name}: commit to effect at {SHARE_OF_HIGHEST * highest:,.0f}/s sustained", line)
    return highest


async def _writer(line: Line, events: int) -> None:
    for first in range(0, events, 100):
        await line.emit(min(100, events - first), first)


def _show_latency(what: str, line: Line) -> None:
    p50, p99 = (1000 * percentile(line.latencies, share) for share in (0.5, 0.99))
    show(what, f"p50 {p50:.0f} p99 {p99:.0f} ms")
    line.latencies.clear()


async def handled(servers: TestCluster, service: str, said: Sequence[Event]) -> float:
    """How many a second a service's own handlers take from its inbox."""
    hears = load(service).hears
    db = Database.create(servers.make(service).app_url, pool_size=8)
    envelopes = await _envelopes(servers, said)
    for first in range(0, len(envelopes), BATCH):
        await inbox.store(db, envelopes[first : first + BATCH])
    context = Context(service, Clock(), Settings())

    async def worker() -> None:
        idle = 0
        while idle < 3:
            idle = 0 if await inbox.work_once(db, hears, context) else idle + 1

    began = monotonic()
    await asyncio.gather(*(worker() for _ in range(3)))
    taken = monotonic() - began
    standing = await inbox.standing(db)
    await db.close()
    if standing.pending or standing.held or standing.dead:
        raise AssertionError(f"not all was handled: {standing}")
    return len(said) / taken


async def _envelopes(servers: TestCluster, said: Sequence[Event]) -> list[Envelope]:
    """The events as an outbox would write them."""
    db = Database.create(servers.make("chassis").app_url, pool_size=1)
    made: list[Envelope] = []
    for first in range(0, len(said), BATCH):
        async with db.transaction(Scope.machine()) as tx:
            made += await outbox.append(tx.connection, said[first : first + BATCH])
    await db.close()
    return made


async def bare_insert(servers: TestCluster, envelopes: Sequence[Envelope]) -> float:
    """The same rows into a table like the outbox, a thousand a commit, by asyncpg alone."""
    database = servers.make("chassis")
    connection = await asyncpg.connect(database.app_url)
    columns = [outbox.columns_of(envelopes[n : n + BATCH]) for n in range(0, len(envelopes), BATCH)]
    began = monotonic()
    for part in columns:
        await connection.execute(
            "INSERT INTO outbox (event_id, type, source, key, subject, time, traceparent, data)"
            " SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],"
            " $6::timestamptz[], $7::text[], $8::text[])",
            *part.values(),
        )
    taken = monotonic() - began
    await connection.close()
    return len(envelopes) / taken


async def bare_kafka(address: str, envelopes: Sequence[Envelope]) -> float:
    """The same records produced and consumed by aiokafka alone, with the same guarantees."""
    name = f"bare{uuid4().hex[:8]}"
    await KafkaBus(address).create_topics([name])
    topic = topic_of(name)
    producer = AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=True, acks="all", linger_ms=5)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=address, auto_offset_reset="earliest")
    await producer.start()
    await consumer.start()
    began = monotonic()
    reading = asyncio.create_task(_read(consumer, len(envelopes)))
    sent: list[Any] = []
    for each in envelopes:
        record = {"value": each.data, "key": each.key.encode(), "headers": to_headers(each)}
        sent.append(await producer.send(topic, partition=partition_of(each.key), **record))
    await asyncio.gather(*sent)
    await reading
    taken = monotonic() - began
    await producer.stop()
    await consumer.stop()
    return len(envelopes) / taken


async def _read(consumer: AIOKafkaConsumer, count: int) -> None:
    seen = 0
    while seen < count:
        polled = await consumer.getmany(timeout_ms=200, max_records=BATCH)
        seen += sum(len(records) for records in polled.values())


async def measure(buses: Sequence[str], events: int, seconds: float) -> None:
    """Everything, each figure beside what it is compared with."""
    with cluster() as servers:
        at = system_now()
        said = [activation(COMPANIES[n % len(COMPANIES)], at) for n in range(events)]
        envelopes = await _envelopes(servers, said)
        inserted = await bare_insert(servers, envelopes)
        show("bare batched INSERT of the same rows", f"{inserted:,.0f}/s")
        projected = await handled(servers, "metering", said)
        compared = against(projected, inserted, "the bare INSERT")
        show("batch projection, inbox to effect (metering; aim 10,000/s)", f"{projected:,.0f}/s", compared)
        commands = [
            CompanyDeactivated(customer_id=CUSTOMER, company_id=company, deactivated_at=at)
            for company in COMPANIES[: max(200, events // 10)]
        ]
        show(
            "command per event (catalogue ends a company's services)",
            rate_of(await handled(servers, "catalog", commands)),
        )
        if "postgres" in buses:
            highest = await end_to_end(servers, "PostgreSQL bus", "postgres", events, seconds)
            show(
                "PostgreSQL bus: outbox to effect, highest",
                rate_of(highest),
                against(highest, inserted, "the bare INSERT"),
            )
        if "kafka" in buses:
            with broker() as address:
                bare = await bare_kafka(address, envelopes)
                show("bare aiokafka, produce and consume", rate_of(bare))
                highest = await end_to_end(servers, "Kafka bus", f"kafka://{address}", events, seconds)
                show(
                    "Kafka bus: outbox to effect, highest",
                    rate_of(highest),
                    against(highest, bare, "bare aiokafka"),
                )


def rate_of(a_second: float) -> str:
    """A rate as it is printed."""
    return rate(round(a_second * 1000), 1000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.delivery", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--bus", choices=["postgres", "kafka", "both"], default="both")
    asked = parser.parse_args(arguments)
    buses = ["postgres", "kafka"] if asked.bus == "both" else [asked.bus]
    asyncio.run(measure(buses, asked.events, asked.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
