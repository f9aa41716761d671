"""One trace from what was done to what it led to, and waiting for one's own writes."""

import asyncio
from uuid import UUID, uuid4

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import after
from chassis.db import Tx
from chassis.hears import Batch, Context
from chassis.telemetry import configure_traces, tracer
from contracts.envelope import Envelope
from contracts.events import Event
from contracts.events.tenancy import CompanyRegistered
from tests.chassis.delivery.probe import MANY, Probe, apply

TYPE = CompanyRegistered.WIRE


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    """What is traced in this process."""
    exporter = InMemorySpanExporter()
    configure_traces("probe", None).add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


async def test_the_consumers_span_is_a_child_of_the_one_that_said_it(
    probe: Probe, spans: InMemorySpanExporter
) -> None:
    seen: list[trace.SpanContext] = []

    async def look(tx: Tx, event: Event, envelope: Envelope, context: Context) -> None:
        seen.append(trace.get_current_span().get_span_context())
        await apply(tx, event, envelope, context)

    probe.hears = {CompanyRegistered: look}
    with tracer().start_as_current_span("request") as request:
        (envelope,) = await probe.say("a")
    await probe.drain()
    said = request.get_span_context()
    assert envelope.traceparent is not None
    assert envelope.traceparent.startswith(f"00-{said.trace_id:032x}-{said.span_id:016x}-")
    assert [each.trace_id for each in seen] == [said.trace_id]
    (child,) = [each for each in spans.get_finished_spans() if each.context == seen[0]]
    assert child.parent is not None
    assert child.parent.span_id == said.span_id


async def test_a_batch_is_linked_to_each_that_said_it(probe: Probe, spans: InMemorySpanExporter) -> None:
    probe.hears = MANY
    said = []
    for _ in range(2):
        with tracer().start_as_current_span("request") as request:
            await probe.say("a")
            said.append(request.get_span_context().trace_id)
    spans.clear()
    await probe.drain()
    (span,) = [each for each in spans.get_finished_spans() if each.name == f"handle {TYPE}"]
    assert [link.context.trace_id for link in span.links] == said
    assert isinstance(MANY[CompanyRegistered], Batch)


async def test_a_request_that_builds_on_an_event_waits_for_it(probe: Probe) -> None:
    envelopes = await probe.say("a", 2)
    header = after.header_of(envelopes)
    assert header == f"{TYPE}/{envelopes[1].id}"
    with pytest.raises(after.NotKnownYet) as refused:
        await after.require_known(probe.db, header, wait_seconds=0.1)
    assert (refused.value.status, refused.value.retry_after) == (409, 1)
    waiting = asyncio.create_task(after.require_known(probe.db, header, wait_seconds=120))
    await probe.relay()
    while not await probe.receive():
        pass
    assert not await after.handled(probe.db, after.parse(header)), "it has come, and is not handled yet"
    assert not waiting.done()
    await probe.drain()
    await waiting
    assert await probe.of_key("a") == [1, 2]


async def test_an_event_that_the_service_does_not_hear_is_not_waited_for(probe: Probe) -> None:
    await after.require_known(probe.db, f"livret.catalog.ServicePublished.v1/{uuid4()}", wait_seconds=0)


NO_ID = UUID(int=7)


@pytest.mark.parametrize(
    "header",
    ["x", "livret.tenancy.CompanyRegistered.v1", f"{TYPE}/{'0' * 36}", f"{TYPE}/{NO_ID}," * 11],
    ids=["a word", "no id", "no such id", "too many"],
)
def test_a_header_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(after.AfterUnreadable):
        after.parse(header)
