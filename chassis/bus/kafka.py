"""The bus on Apache Kafka: where one machine is outgrown.

The producer is idempotent and waits for all replicas; one batch of a partition is on its way at a time, so
that what is in the log is always a beginning of what was to be published. Consumers acknowledge by explicit
offsets and own nothing: the inbox is the truth, the group's offsets only say where to go on.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

from chassis.bus import PARTITIONS, partition_of, topic_of
from chassis.bus.kafka_consumer import KafkaConsumer, positions, quietly
from contracts.envelope import Envelope, to_headers

PUBLISH_SECONDS = 15.0
_CREATE_MS = 20_000
_BATCH_BYTES = 512 * 1024
_DEFAULT_OF_BROKER = -1


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

    def consumer(self, group: str, topics: Sequence[str]) -> KafkaConsumer:
        """See `Bus.consumer`."""
        return KafkaConsumer(self._bootstrap, self._prefix + group, [self._prefix + each for each in topics])

    async def create_topics(self, producers: Iterable[str]) -> None:
        """See `Bus.create_topics`. Raises the broker's error for one that could not be created."""
        topics = [
            NewTopic(self._prefix + topic_of(each), PARTITIONS, _DEFAULT_OF_BROKER, {}) for each in producers
        ]
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=_CREATE_MS)
        try:
            await admin.start()
            answer = await admin.create_topics(topics)
        finally:
            await quietly(admin.close())
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
                    await quietly(producer.stop())
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
            await quietly(producer.stop())


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
