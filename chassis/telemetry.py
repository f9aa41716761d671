"""Logs and traces: what a process tells about itself. Metric names are in `chassis.metrics`.

Logs are JSON, one object a line, with the trace and span in which they were written; no character that
could forge a line or move a terminal's cursor leaves as itself. Traces are OpenTelemetry's, sent only
when an endpoint is set; ids exist either way, so that a problem document can name its trace.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

_TRACER = "livret"
_SECRET = re.compile(r"password|secret|token|authorization|cookie", re.IGNORECASE)
# C0, DEL, C1, line and paragraph separators, and the marks that turn the direction of text around.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")

EventDict = MutableMapping[str, Any]


def tracer() -> trace.Tracer:
    """The tracer of everything here."""
    return trace.get_tracer(_TRACER)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose keyword arguments become fields of the line."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def current_trace_id() -> str | None:
    """The id of the trace we are in, 32 hexadecimal digits."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def current_traceparent() -> str | None:
    """The W3C `traceparent` of the span we are in, to be carried by what follows from it."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


def configure_traces(service: str, endpoint: str | None) -> TracerProvider:
    """Sets this process's tracer provider, once; a second call only gives the first one back.

    `endpoint` is the OTLP/HTTP address that takes traces, `http://collector:4318/v1/traces`.
    """
    present = trace.get_tracer_provider()
    if isinstance(present, TracerProvider):
        return present
    resource = Resource.create({"service.name": service, "service.namespace": "livret"})
    provider = TracerProvider(resource=resource)
    if endpoint:
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    return provider


def configure_logs(service: str, level: str = "INFO") -> None:
    """Sends every log line of the process, those of libraries included, to standard error as JSON."""
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _named(service),
        _add_trace,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _hide_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "aiokafka", "alembic"):
        logging.getLogger(noisy).setLevel(max(root.level, logging.WARNING))


def render(_logger: object, _method: str, event: EventDict) -> str:
    """One line of JSON, readable in French, every dangerous character escaped."""
    line = json.dumps(event, ensure_ascii=False, default=str)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", line)


def _named(service: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    return add


def _add_trace(_logger: object, _method: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
        event["span_id"] = f"{context.span_id:016x}"
    return event


def _hide_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        if _SECRET.search(name):
            event[name] = "***"
        elif isinstance(value, Mapping):
            event[name] = {k: "***" if _SECRET.search(str(k)) else v for k, v in value.items()}
    return event
