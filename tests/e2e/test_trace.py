"""One trace from a request through the outbox and the bus into each consumer's span, and what that says."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from chassis import outbox
from chassis.auth import Role
from chassis.telemetry import configure_traces
from tests.e2e import town as steps
from tests.e2e.town import Town, answered
from tests.support.callers import once

DEACTIVATED = "handle livret.tenancy.CompanyDeactivated.v1"
SERVICE_DEACTIVATED = "handle livret.catalog.ServiceDeactivated.v1"
REGISTERED = "handle livret.tenancy.CompanyRegistered.v1"


@pytest.fixture(scope="module")
def _exported() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    configure_traces("test", None).add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


@pytest.fixture
def spans(_exported: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    """What ends during the test."""
    _exported.clear()
    yield _exported
    _exported.clear()


@dataclass(frozen=True)
class Firm:
    """A firm with one company, which has one service."""

    town: Town
    customer_id: UUID
    company_id: str

    async def deactivate(self, traceparent: str | None = None) -> httpx.Response:
        """Its company leaves: the catalogue hears it and says what ended, which metering hears."""
        headers = {"traceparent": traceparent} if traceparent else {}
        client = self.town.of("tenancy", Role.firm_admin, self.customer_id)
        answer = await client.post(f"/v1/companies/{self.company_id}/deactivation", headers=headers)
        assert answer.status_code == 200, answer.text
        await self.town.drain()
        return answer


async def _register(town: Town, customer_id: UUID, siret: str, traceparent: str | None = None) -> str:
    headers = once() | ({"traceparent": traceparent} if traceparent else {})
    client = town.of("tenancy", Role.firm_admin, customer_id)
    company = {"siret": siret, "name": "Garage Petit", "postcode": "69001"}
    answer = await client.post("/v1/companies", json=company, headers=headers)
    assert answer.status_code == 201, answer.text
    company_id: str = answer.json()["company_id"]
    return company_id


@pytest.fixture
async def firm(town: Town, spans: InMemorySpanExporter) -> Firm:
    """Ready to lose its company; nothing is on its way, no span is kept."""
    name = uuid4().hex[:12]
    customer_id = await steps.register_firm(town, portal=f"cabinet-{name}")
    company_id = await _register(town, customer_id, next(steps.sirets(1)))
    client = town.of("tenancy", Role.firm_admin, customer_id)
    await answered(client.post(f"/v1/companies/{company_id}/activation"), 200)
    await steps.publish(town, f"archive-{name}")
    await town.drain()
    order = {"offering_code": f"archive-{name}", "company_id": company_id}
    catalog = town.of("catalog", Role.firm_admin, customer_id)
    await answered(catalog.post("/v1/activations", json=order, headers=once()), 201)
    await town.drain()
    spans.clear()
    return Firm(town, customer_id, company_id)


def _trace() -> tuple[str, str]:
    """A trace id, and the traceparent of a caller that is in it."""
    trace_id = uuid4().hex
    return trace_id, f"00-{trace_id}-b7ad6b7169203331-01"


def _of_trace(spans: InMemorySpanExporter, trace_id: str) -> dict[tuple[str, str], ReadableSpan]:
    """The server's span and the consumers' of one trace, by service and name."""
    found = {}
    for span in spans.get_finished_spans():
        told = span.attributes or {}
        service = told.get("livret.service") or told.get("messaging.consumer.group.name")
        if service and span.context is not None and f"{span.context.trace_id:032x}" == trace_id:
            found[str(service), span.name] = span
    return found


def _is_child(span: ReadableSpan, parent: ReadableSpan) -> bool:
    return (
        span.parent is not None
        and parent.context is not None
        and span.parent.span_id == parent.context.span_id
    )


async def test_a_request_and_all_that_follows_from_it_are_one_trace(
    firm: Firm, spans: InMemorySpanExporter
) -> None:
    trace_id, parent = _trace()
    await firm.deactivate(parent)
    found = _of_trace(spans, trace_id)
    request = found["tenancy", "POST /v1/companies/{company_id}/deactivation"]
    assert (request.kind, request.parent and f"{request.parent.span_id:016x}") == (
        SpanKind.SERVER,
        "b7ad6b7169203331",
    )
    for service in ("catalog", "metering"):
        heard = found[service, DEACTIVATED]
        assert heard.kind is SpanKind.CONSUMER
        assert _is_child(heard, request)
    for service in ("metering", "availability"):
        assert _is_child(found[service, SERVICE_DEACTIVATED], found["catalog", DEACTIVATED])
    assert len(found) == 5


async def test_a_request_that_brings_no_trace_begins_one(firm: Firm, spans: InMemorySpanExporter) -> None:
    await firm.deactivate()
    (request,) = (span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER)
    assert request.parent is None
    assert request.context is not None
    found = _of_trace(spans, f"{request.context.trace_id:032x}")
    assert set(found) >= {("metering", DEACTIVATED), ("metering", SERVICE_DEACTIVATED)}


async def test_events_handled_together_are_linked_to_each_of_their_traces(
    firm: Firm, spans: InMemorySpanExporter
) -> None:
    traces = [_trace() for _ in range(3)]
    for (_, parent), siret in zip(traces, list(steps.sirets(4))[1:], strict=True):
        await _register(firm.town, firm.customer_id, siret, parent)
    await firm.town.drain()
    told = {trace_id for trace_id, _ in traces}
    for service in ("catalog", "metering"):
        handled = [
            span
            for span in spans.get_finished_spans()
            if span.name == REGISTERED
            and (span.attributes or {}).get("messaging.consumer.group.name") == service
        ]
        linked = {f"{link.context.trace_id:032x}" for span in handled for link in span.links}
        own = {f"{span.context.trace_id:032x}" for span in handled if span.context and not span.links}
        assert linked | own == told


async def test_a_trace_that_the_outbox_loses_is_seen(
    firm: Firm, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault these tests are there for: without the column the consumers are in traces of their own."""
    monkeypatch.setattr(outbox, "current_traceparent", lambda: None)
    trace_id, parent = _trace()
    await firm.deactivate(parent)
    assert {service for service, _ in _of_trace(spans, trace_id)} == {"tenancy"}
    assert any(span.name == DEACTIVATED for span in spans.get_finished_spans())
