"""The bus on Apache Kafka: where one machine is outgrown.

The producer is idempotent and waits for all replicas; one batch of a partition is on its way at a time, so
that what is in the log is always a beginning of what was to be published. Consumers acknowledge by explicit
offsets and own nothing: the inbox is the truth, the group's offsets only say where to go on.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaConnectionError,
    KafkaError,
    RebalanceInProgressError,
    for_code,
)

from chassis.bus import PARTITIONS, Record, partition_of, topic_of
from chassis.clock import monotonic
from chassis.telemetry import get_logger
from contracts.envelope import Envelope, to_headers

PUBLISH_SECONDS = 15.0
STALL_SECONDS = 30.0
_CLOSE_SECONDS = 5.0
_BATCH_BYTES = 512 * 1024
_DEFAULT_OF_BROKER = -1
_log = get_logger(__name__)


class PublishFailed(Exception):
    """The broker did not confirm all of it in time."""


class KafkaBus:
    """The brokers at `bootstrap`, `host:port[,host:port]`. `prefix` parts several portals on one cluster."""

    def __init__(self, bootstrap: str, prefix: str = "", publish_seconds: float = PUBLISH_SECONDS) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._publish_seconds = publish_seconds
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """See `Bus.publish`. After any failure the producer is thrown away: it may be fenced or fatal."""
        parted: dict[TopicPartition, list[Envelope]] = defaultdict(list)
        for envelope in envelopes:
            place = TopicPartition(self._prefix + topic_of(envelope.producer), partition_of(envelope.key))
            parted[place].append(envelope)
        try:
            async with asyncio.timeout(self._publish_seconds):
                producer = await self._started_producer()
                await _all_of(_send(producer, place, part) for place, part in parted.items())
        except BaseException:
            await self._drop_producer()
            raise

    def consumer(self, group: str, topics: Sequence[str]) -> "KafkaConsumer":
        """See `Bus.consumer`."""
        return KafkaConsumer(self._bootstrap, self._prefix + group, [self._prefix + each for each in topics])

    async def create_topics(self, producers: Iterable[str]) -> None:
        """See `Bus.create_topics`. Raises the broker's error for one that could not be created."""
        topics = [
            NewTopic(self._prefix + topic_of(each), PARTITIONS, _DEFAULT_OF_BROKER, {}) for each in producers
        ]
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await admin.start()
        try:
            answer = await admin.create_topics(topics)
        finally:
            await admin.close()
        for name, code, *_ in answer.topic_errors:
            error = for_code(code)
            if code and error.__name__ != "TopicAlreadyExistsError":
                raise error(f"topic {name} was not created")

    async def lag(self, group: str, topics: Sequence[str]) -> Mapping[str, int]:
        """See `Bus.lag`."""
        behind: dict[str, int] = {}
        named = [self._prefix + each for each in topics]
        for place, (at, end) in (await positions(self._bootstrap, self._prefix + group, named)).items():
            topic = place.topic.removeprefix(self._prefix)
            behind[topic] = behind.get(topic, 0) + end - at
        return behind

    async def purge(self) -> int:
        """Kafka's own retention does it."""
        return 0

    async def close(self) -> None:
        """See `Bus.close`."""
        await self._drop_producer()

    async def _started_producer(self) -> AIOKafkaProducer:
        """The one producer of all relays of this process; only one that has started is kept."""
        async with self._starting:
            if self._producer is None:
                producer = self._new_producer()
                try:
                    await producer.start()
                except BaseException:
                    await _quietly(producer.stop())
                    raise
                self._producer = producer
            return self._producer

    def _new_producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            max_batch_size=_BATCH_BYTES,
            request_timeout_ms=int(self._publish_seconds * 1000),
            retry_backoff_ms=50,
        )

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await _quietly(producer.stop())


async def _send(producer: AIOKafkaProducer, place: TopicPartition, part: Sequence[Envelope]) -> None:
    """Appends one partition's events, batch after batch, each only when the one before is durable."""
    for batch in _batches(producer, part):
        confirmed = await producer.send_batch(batch, place.topic, partition=place.partition)
        await confirmed


def _batches(producer: AIOKafkaProducer, part: Sequence[Envelope]) -> Iterator[Any]:
    batch = producer.create_batch()
    for envelope in part:
        if not _add(batch, envelope):
            yield batch
            batch = producer.create_batch()
            if not _add(batch, envelope):
                raise PublishFailed(
                    f"event {envelope.id} is larger than a batch may be ({_BATCH_BYTES} bytes)"
                )
    batch.close()
    yield batch


def _add(batch: Any, envelope: Envelope) -> bool:
    """False when the batch is full."""
    added = batch.append(
        timestamp=int(envelope.time.timestamp() * 1000),
        key=envelope.key.encode(),
        value=envelope.data,
        headers=to_headers(envelope),
    )
    return added is not None


async def _all_of(coroutines: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Runs all to their end, then raises the first failure."""
    outcomes = await asyncio.gather(*coroutines, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _quietly(closing: Coroutine[Any, Any, None]) -> None:
    """Closes a client; one that cannot reach its broker must neither hang nor raise."""
    with suppress(KafkaError, TimeoutError, OSError):
        await asyncio.wait_for(closing, _CLOSE_SECONDS)


async def positions(
    bootstrap: str, group: str, topics: Sequence[str]
) -> dict[TopicPartition, tuple[int, int]]:
    """Of each partition: where the group goes on, and where the log ends."""
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await reader.start()
    try:
        places = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        ends = await reader.end_offsets(places)
        return {place: (await reader.committed(place) or 0, end) for place, end in ends.items()}
    finally:
        await _quietly(reader.stop())


class KafkaConsumer:
    """See `Consumer`. Joins at the first `receive`; a client that fails or stalls is replaced."""

    def __init__(self, bootstrap: str, group: str, topics: list[str]) -> None:
        self._bootstrap, self._group, self._topics = bootstrap, group, topics
        self._client: AIOKafkaConsumer | None = None
        self._unacknowledged: dict[TopicPartition, tuple[int, int]] = {}
        self._progress_at = monotonic()
        self._seen: dict[TopicPartition, tuple[int, int]] = {}

    async def receive(self, max_records: int, timeout: float) -> list[Record]:
        """See `Consumer.receive`. Must be called regularly, with nothing assigned too."""
        try:
            client = await self._joined()
            self._go_back(client)
            # A getmany that is cancelled loses what it had fetched: it always runs to its end.
            polled = await asyncio.shield(
                asyncio.ensure_future(client.getmany(timeout_ms=int(timeout * 1000), max_records=max_records))
            )
        except KafkaError:
            await self._replace()
            raise
        await self._watch(bool(polled))
        self._unacknowledged = {
            place: (records[0].offset, records[-1].offset + 1) for place, records in polled.items() if records
        }
        return [_record(record) for records in polled.values() for record in records]

    async def acknowledge(self) -> None:
        """See `Consumer.acknowledge`."""
        offsets = {place: end for place, (_, end) in self._unacknowledged.items()}
        self._unacknowledged = {}
        if self._client is None or not offsets:
            return
        mine = {place: end for place, end in offsets.items() if place in self._client.assignment()}
        try:
            if mine:
                await self._client.commit(mine)
        except (CommitFailedError, IllegalStateError, RebalanceInProgressError):
            _log.info("acknowledgement_dropped", group=self._group)  # the records come again, to whom they go
        except KafkaError:
            await self._replace()
            raise

    async def close(self) -> None:
        """See `Consumer.close`."""
        await self._replace()

    async def _joined(self) -> AIOKafkaConsumer:
        if self._client is None:
            client = AIOKafkaConsumer(
                *self._topics,
                bootstrap_servers=self._bootstrap,
                group_id=self._group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                # Exactly one: after a broker's death the sticky one gave all partitions to one member.
                partition_assignment_strategy=(RoundRobinPartitionAssignor,),
                metadata_max_age_ms=10_000,
                session_timeout_ms=10_000,
                heartbeat_interval_ms=1_000,
                max_poll_interval_ms=300_000,
                retry_backoff_ms=100,
            )
            self._client = client
            await client.start()
            self._progress_at = monotonic()
        return self._client

    def _go_back(self, client: AIOKafkaConsumer) -> None:
        """What was received and not acknowledged is read again, as far as it is still ours."""
        for place, (begin, _) in self._unacknowledged.items():
            if place in client.assignment():
                client.seek(place, begin)
        self._unacknowledged = {}

    async def _replace(self) -> None:
        client, self._client, self._unacknowledged, self._seen = self._client, None, {}, {}
        if client is not None:
            await _quietly(client.stop())

    async def _watch(self, has_records: bool) -> None:
        """Replaces a client that is behind and has not moved since the last look."""
        if has_records:
            self._progress_at, self._seen = monotonic(), {}
        if monotonic() - self._progress_at < STALL_SECONDS:
            return
        self._progress_at = monotonic()
        with suppress(KafkaConnectionError, TimeoutError):
            seen = await asyncio.wait_for(
                positions(self._bootstrap, self._group, self._topics), _CLOSE_SECONDS
            )
            stuck, self._seen = self._stands_still(seen), seen
            if stuck:
                _log.warning("consumer_replaced", group=self._group)
                await self._replace()

    def _stands_still(self, seen: Mapping[TopicPartition, tuple[int, int]]) -> bool:
        """Of our own partitions, since another member's fault is not ours; of all, when we were given none."""
        mine = self._client.assignment() if self._client else frozenset()
        return any(
            end > at and self._seen.get(place, (-1, 0))[0] == at
            for place, (at, end) in seen.items()
            if place in mine or not mine
        )


def _record(record: Any) -> Record:
    headers = tuple((name, value or b"") for name, value in record.headers)
    return Record(record.topic, record.partition, record.offset, record.key, headers, record.value)
