"""A member of a consumer group on Apache Kafka, which replaces its client when that fails or stalls."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaConnectionError,
    KafkaError,
    RebalanceInProgressError,
)

from chassis.bus import PARTITIONS, Record
from chassis.clock import monotonic
from chassis.telemetry import get_logger

STALL_SECONDS = 30.0
_ASK_SECONDS = 8.0
_CLOSE_SECONDS = 5.0
_log = get_logger(__name__)


async def quietly(closing: Coroutine[Any, Any, None]) -> None:
    """Closes a client; one that cannot reach its broker must neither hang nor raise."""
    with suppress(KafkaError, TimeoutError, OSError):
        await asyncio.wait_for(closing, _CLOSE_SECONDS)


async def positions(
    bootstrap: str, group: str, topics: Sequence[str]
) -> dict[TopicPartition, tuple[int, int]]:
    """Of each partition: where the group goes on, and where the log ends. TimeoutError from a mute broker."""
    places = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            await reader.start()
            ends = await reader.end_offsets(places)
            return {place: (await reader.committed(place) or 0, end) for place, end in ends.items()}
    finally:
        await quietly(reader.stop())


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
            await quietly(client.stop())

    async def _watch(self, has_records: bool) -> None:
        """Replaces a client that is behind and has not moved since the last look."""
        if has_records:
            self._progress_at, self._seen = monotonic(), {}
        if monotonic() - self._progress_at < STALL_SECONDS:
            return
        self._progress_at = monotonic()
        with suppress(KafkaConnectionError, TimeoutError):
            seen = await positions(self._bootstrap, self._group, self._topics)
            stuck, self._seen = self._stands_still(seen), seen
            if stuck:
                _log.warning("consumer_replaced", group=self._group)
                await self._replace()

    def _stands_still(self, seen: Mapping[TopicPartition, tuple[int, int]]) -> bool:
        """Of our own partitions, since another member's fault is not ours; of all, when we have none."""
        mine = self._client.assignment() if self._client else frozenset()
        return any(
            end > at and self._seen.get(place, (-1, 0))[0] == at
            for place, (at, end) in seen.items()
            if place in mine or not mine
        )


def _record(record: Any) -> Record:
    headers = tuple((name, value or b"") for name, value in record.headers)
    return Record(record.topic, record.partition, record.offset, record.key, headers, record.value)
