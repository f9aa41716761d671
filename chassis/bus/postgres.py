"""The bus on PostgreSQL: a log with gapless offsets, for one machine, without a broker.

Publishing locks the partitions it appends to, in sorted order, and takes offsets from their counters: what a
reader sees of a partition is always its beginning, whole. A consumer holds the partitions it reads by row
locks, in a transaction that stays open until it acknowledges; when it dies its locks die with it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from importlib.resources import files
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.bus import PARTITIONS, Record, partition_of, topic_of
from chassis.clock import monotonic, system_now
from chassis.db import Database
from contracts.envelope import Envelope, to_headers

KEPT = timedelta(days=7)
POLL_SECONDS = 0.05
_PURGED_AT_ONCE = 10_000
_PARTITIONS_AT_ONCE = 12

_PREPARING = text("SELECT pg_advisory_xact_lock(hashtext('livret.bus.prepare'))")
_CREATE = text(
    "INSERT INTO bus_partition (topic, partition)"
    " SELECT topic, partition FROM unnest(CAST(:topics AS text[])) AS topic,"
    " generate_series(0, CAST(:partitions AS integer) - 1) AS partition ORDER BY 1, 2 ON CONFLICT DO NOTHING"
)
_LOCK = text(
    "SELECT topic, partition, next_offset FROM bus_partition WHERE (topic, partition) IN"
    " (SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[])))"
    " ORDER BY topic, partition FOR UPDATE"
)
_APPEND = text(
    'INSERT INTO bus_record (topic, partition, "offset", key, headers, value, appended_at)'
    " SELECT topic, partition, place, key, CAST(headers AS json), value, :now"
    " FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:offsets AS bigint[]),"
    " CAST(:keys AS bytea[]), CAST(:headers AS text[]), CAST(:values AS bytea[]))"
    " AS new (topic, partition, place, key, headers, value)"
)
_ADVANCE = text(
    "UPDATE bus_partition AS p SET next_offset = new.next_offset"
    " FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:nexts AS bigint[]))"
    " AS new (topic, partition, next_offset) WHERE p.topic = new.topic AND p.partition = new.partition"
)
_JOIN = text(
    "INSERT INTO bus_offset (consumers, topic, partition, committed)"
    ' SELECT :group, p.topic, p.partition, coalesce((SELECT min(r."offset") FROM bus_record AS r'
    " WHERE r.topic = p.topic AND r.partition = p.partition), p.next_offset) FROM bus_partition AS p"
    " WHERE p.topic = ANY(CAST(:topics AS text[])) ORDER BY 2, 3 ON CONFLICT DO NOTHING"
)
_CLAIM = text(
    "SELECT o.topic, o.partition, o.committed FROM bus_offset AS o JOIN bus_partition AS p"
    " USING (topic, partition) WHERE o.consumers = :group AND o.topic = ANY(CAST(:topics AS text[]))"
    " AND p.next_offset > o.committed"
    " ORDER BY o.acknowledged_at, o.topic, o.partition LIMIT :limit FOR UPDATE OF o SKIP LOCKED"
)
_READ = text(
    'SELECT c.topic, c.partition, r."offset", r.key, CAST(r.headers AS text) AS headers, r.value'
    " FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:committed AS bigint[]))"
    " AS c (topic, partition, committed) CROSS JOIN LATERAL"
    ' (SELECT "offset", key, headers, value FROM bus_record AS r WHERE r.topic = c.topic'
    ' AND r.partition = c.partition AND r."offset" >= c.committed ORDER BY "offset" LIMIT :share) AS r'
    ' ORDER BY c.topic, c.partition, r."offset"'
)
_ACKNOWLEDGE = text(
    "UPDATE bus_offset AS o SET committed = new.committed, acknowledged_at = :now"
    " FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:committed AS bigint[]))"
    " AS new (topic, partition, committed)"
    " WHERE o.consumers = :group AND o.topic = new.topic AND o.partition = new.partition"
)
_LAG = text(
    "SELECT p.topic, sum(p.next_offset - coalesce(o.committed, 0))::bigint AS behind FROM bus_partition AS p"
    " LEFT JOIN bus_offset AS o ON o.topic = p.topic AND o.partition = p.partition AND o.consumers = :group"
    " WHERE p.topic = ANY(CAST(:topics AS text[])) GROUP BY p.topic"
)
_PURGE = text(
    "DELETE FROM bus_record WHERE ctid = ANY (ARRAY (SELECT r.ctid FROM bus_record AS r"
    " WHERE r.appended_at < :before AND NOT EXISTS (SELECT FROM bus_offset AS o WHERE o.topic = r.topic"
    ' AND o.partition = r.partition AND o.committed <= r."offset") LIMIT :limit))'
)


async def prepare(owner_url: str) -> None:
    """Makes the log's tables in its database, as their owner; what is there stays."""
    statements = (files("chassis.bus") / "log.sql").read_text(encoding="utf-8").split(";\n")
    engine = create_async_engine(make_url(owner_url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(_PREPARING)
            for statement in filter(str.strip, statements):
                await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()


class PostgresBus:
    """The log in one database. Consumers of this process are woken by what this process publishes."""

    def __init__(self, url: str, pool_size: int = 8) -> None:
        self._engine = Database.create(url, pool_size=pool_size, application_name="livret-bus").engine
        self._waiting: set[asyncio.Event] = set()

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """See `Bus.publish`; all of it or nothing. A topic that is not there yet is created."""
        if not envelopes:
            return
        async with self._engine.begin() as connection:
            await _append(connection, envelopes)
        for woken in self._waiting:
            woken.set()

    def consumer(self, group: str, topics: Sequence[str]) -> "PostgresConsumer":
        """See `Bus.consumer`."""
        woken = asyncio.Event()
        self._waiting.add(woken)
        return PostgresConsumer(self._engine, group, list(topics), woken, self._waiting)

    async def create_topics(self, producers: Iterable[str]) -> None:
        """See `Bus.create_topics`."""
        await _create_topics(self._engine, [topic_of(each) for each in producers])

    async def lag(self, group: str, topics: Sequence[str]) -> Mapping[str, int]:
        """See `Bus.lag`."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_LAG, {"group": group, "topics": list(topics)})).all()
        return {row.topic: row.behind for row in rows}

    async def purge(self) -> int:
        """See `Bus.purge`: records are kept 7 days, and until every group has acknowledged them."""
        parameters = {"before": system_now() - KEPT, "limit": _PURGED_AT_ONCE}
        async with self._engine.begin() as connection:
            return (await connection.execute(_PURGE, parameters)).rowcount

    async def close(self) -> None:
        """See `Bus.close`."""
        await self._engine.dispose()


class PostgresConsumer:
    """See `Consumer`. Between `receive` and `acknowledge` it holds one connection with its partitions."""

    def __init__(
        self,
        engine: AsyncEngine,
        group: str,
        topics: list[str],
        woken: asyncio.Event,
        waiting: set[asyncio.Event],
    ) -> None:
        self._engine, self._group, self._topics = engine, group, topics
        self._woken, self._waiting = woken, waiting
        self._joined = False
        self._holding: AsyncConnection | None = None
        self._next: dict[tuple[str, int], int] = {}

    async def receive(self, max_records: int, timeout: float) -> list[Record]:
        """See `Consumer.receive`."""
        await self._let_go()
        await self._join()
        until = monotonic() + timeout
        while True:
            self._woken.clear()
            if records := await self._read(max_records):
                return records
            remaining = until - monotonic()
            if remaining <= 0:
                return []
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), min(POLL_SECONDS, remaining))

    async def acknowledge(self) -> None:
        """See `Consumer.acknowledge`. Raises when the connection that held the partitions is lost."""
        if self._holding is None:
            return
        parameters = _columns(self._next) | {"group": self._group, "now": system_now()}
        try:
            await self._holding.execute(_ACKNOWLEDGE, parameters)
            await self._holding.commit()
        finally:
            await self._let_go()

    async def close(self) -> None:
        """See `Consumer.close`."""
        self._waiting.discard(self._woken)
        await self._let_go()

    async def _join(self) -> None:
        if self._joined:
            return
        await _create_topics(self._engine, self._topics)
        async with self._engine.begin() as connection:
            await connection.execute(_JOIN, {"group": self._group, "topics": self._topics})
        self._joined = True

    async def _read(self, max_records: int) -> list[Record]:
        self._holding = await self._engine.connect()
        try:
            claimed = await self._claim(self._holding)
            if claimed:
                parameters = _columns(claimed) | {"share": -(-max_records // len(claimed))}
                rows = (await self._holding.execute(_READ, parameters)).all()
                self._next = {(row.topic, row.partition): row.offset + 1 for row in rows}
                if rows:
                    return [_record(row) for row in rows]
        except BaseException:
            await self._let_go()
            raise
        await self._let_go()
        return []

    async def _claim(self, connection: AsyncConnection) -> dict[tuple[str, int], int]:
        parameters = {"group": self._group, "topics": self._topics, "limit": _PARTITIONS_AT_ONCE}
        rows = (await connection.execute(_CLAIM, parameters)).all()
        return {(row.topic, row.partition): row.committed for row in rows}

    async def _let_go(self) -> None:
        connection, self._holding, self._next = self._holding, None, {}
        if connection is not None:
            await connection.close()


async def _create_topics(engine: AsyncEngine, topics: list[str]) -> None:
    async with engine.begin() as connection:
        await connection.execute(_CREATE, {"topics": sorted(topics), "partitions": PARTITIONS})


async def _append(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    parted: dict[tuple[str, int], list[Envelope]] = defaultdict(list)
    for envelope in envelopes:
        parted[topic_of(envelope.producer), partition_of(envelope.key)].append(envelope)
    begins = await _lock(connection, sorted(parted))
    offsets: list[int] = []
    for place, part in parted.items():
        offsets.extend(range(begins[place], begins[place] + len(part)))
    placed = [(place, envelope) for place, part in parted.items() for envelope in part]
    await connection.execute(
        _APPEND,
        {
            "topics": [topic for (topic, _), _ in placed],
            "partitions": [partition for (_, partition), _ in placed],
            "offsets": offsets,
            "keys": [envelope.key.encode() for _, envelope in placed],
            "headers": [_headers(envelope) for _, envelope in placed],
            "values": [envelope.data for _, envelope in placed],
            "now": system_now(),
        },
    )
    nexts = {place: begins[place] + len(part) for place, part in parted.items()}
    await connection.execute(_ADVANCE, _columns(nexts, "nexts"))


async def _lock(connection: AsyncConnection, places: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """The next offset of each of these partitions, which are ours until the transaction ends."""
    parameters = {"topics": [topic for topic, _ in places], "partitions": [number for _, number in places]}
    rows = (await connection.execute(_LOCK, parameters)).all()
    if len(rows) < len(places):
        topics = sorted({topic for topic, _ in places})
        await connection.execute(_CREATE, {"topics": topics, "partitions": PARTITIONS})
        rows = (await connection.execute(_LOCK, parameters)).all()
    return {(row.topic, row.partition): row.next_offset for row in rows}


def _columns(numbers: Mapping[tuple[str, int], int], name: str = "committed") -> dict[str, Any]:
    return {
        "topics": [topic for topic, _ in numbers],
        "partitions": [partition for _, partition in numbers],
        name: list(numbers.values()),
    }


def _headers(envelope: Envelope) -> str:
    return orjson.dumps({name: value.decode() for name, value in to_headers(envelope)}).decode()


def _record(row: Row[Any]) -> Record:
    headers = tuple((name, str(value).encode()) for name, value in orjson.loads(row.headers).items())
    return Record(row.topic, row.partition, row.offset, row.key, headers, row.value)
