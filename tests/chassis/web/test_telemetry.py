"""A request continues the caller's trace; log lines tell their trace, and nothing forges a line."""

import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from sqlalchemy import text

from chassis.db import Database, Scope
from chassis.telemetry import configure_logs, configure_traces, get_logger, tracer
from tests.chassis.web.conftest import Authority, caller_of

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    configure_traces("test", None).add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged during the test."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    configure_logs("notes-api", "INFO")
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    yield stream
    root.handlers, root.level = before
    structlog.reset_defaults()


def _logged(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def _of_trace(spans: InMemorySpanExporter) -> list[ReadableSpan]:
    return [
        span
        for span in spans.get_finished_spans()
        if span.context is not None and f"{span.context.trace_id:032x}" == TRACE_ID
    ]


async def test_the_callers_trace_goes_on_into_the_outbox(
    client: httpx.AsyncClient, authority: Authority, db: Database, spans: InMemorySpanExporter
) -> None:
    spans.clear()
    headers = authority.headers(caller_of()) | {"Idempotency-Key": "t1", "traceparent": PARENT}
    await client.post("/v1/notes", json={"body": "traced"}, headers=headers)
    (span,) = _of_trace(spans)
    assert (span.name, span.kind) == ("POST /v1/notes", SpanKind.SERVER)
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 201
    async with db.transaction(Scope.machine()) as tx:
        said = (
            await tx.execute(text("SELECT traceparent FROM outbox ORDER BY id DESC LIMIT 1"))
        ).scalar_one()
    assert said.split("-")[1] == TRACE_ID


async def test_probes_are_not_traced(client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    spans.clear()
    await client.get("/livez", headers={"traceparent": PARENT})
    assert _of_trace(spans) == []


async def test_a_fault_is_logged_under_its_trace(
    client: httpx.AsyncClient, authority: Authority, lines: io.StringIO
) -> None:
    headers = authority.headers(caller_of()) | {"traceparent": PARENT}
    await client.get("/v1/fault", headers=headers)
    (line,) = [line for line in _logged(lines) if line["event"] == "fault"]
    assert (line["trace_id"], line["route"], line["level"]) == (TRACE_ID, "/v1/fault", "error")
    assert "RuntimeError" in str(line["exception"])


async def test_a_fault_of_the_database_tells_no_values(
    client: httpx.AsyncClient, authority: Authority, lines: io.StringIO, spans: InMemorySpanExporter
) -> None:
    spans.clear()
    headers = authority.headers(caller_of()) | {"traceparent": PARENT}
    at_commit = [
        await client.post("/v1/plain-notes", json={"body": "hunter2"}, headers=headers) for _ in range(2)
    ]
    at_once = await client.post("/v1/written-while-reading", json={"body": "hunter2"}, headers=headers)
    assert [answer.status_code for answer in (*at_commit, at_once)] == [200, 500, 500]
    traced = "".join(span.to_json() for span in _of_trace(spans))
    for fault in ("UniqueViolation", "ReadOnlySQLTransaction"):
        assert fault in traced
        assert fault in lines.getvalue()
    assert "hunter2" not in lines.getvalue() + traced


def test_lines_carry_their_trace(lines: io.StringIO) -> None:
    configure_traces("test", None)
    with tracer().start_as_current_span("work") as span:
        get_logger("x").info("done", customers=3)
    (line,) = _logged(lines)
    assert line["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert (line["event"], line["customers"], line["service"]) == ("done", 3, "notes-api")


def test_nothing_forges_a_line_or_moves_a_terminal(lines: io.StringIO) -> None:
    get_logger("x").warning('name é\n{"event": "forged"}\x1b[2J\x9b\u2028\u202e\x7f\r')
    logging.getLogger("foreign").warning("said %s", "a\nb\x85c")
    raw = lines.getvalue()
    assert raw.count("\n") == 2
    assert not set(raw) & set("\x1b\x9b\u2028\u202e\x7f\r\x85")
    assert "é" in raw
    assert [line["event"] for line in _logged(lines)][1] == "said a\nb\x85c"


def test_secrets_are_not_logged(lines: io.StringIO) -> None:
    get_logger("x").info("login", password="hunter2", headers={"Authorization": "Bearer hunter2"})
    assert "hunter2" not in lines.getvalue()
