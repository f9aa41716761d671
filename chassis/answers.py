"""What every answer of an API carries, whatever its route: one ASGI middleware around the whole app.

It opens the server's span from the caller's `traceparent`, measures, turns a fault into a problem that
names its trace, says after which event the caller's next request is to be read, and adds the headers that
keep browsers from guessing. Bodies are not looked at.
"""

from collections.abc import Sequence
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from prometheus_client import Histogram
from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import after, metrics
from chassis.clock import monotonic
from chassis.operations import route_of
from chassis.problems import Fault, render
from chassis.telemetry import get_logger, tracer
from contracts.envelope import Envelope

_UNTRACED = frozenset({"/livez", "/readyz", "/metrics"})
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""What browsers are told of every answer that does not say otherwise: it is data, neither page nor script."""


_log = get_logger(__name__)


def say_after(headers: MutableHeaders, emitted: Sequence[Envelope]) -> None:
    """Names what this work said: who brings that back is answered from after it."""
    value = after.header_of(emitted)
    if value is not None:
        headers[after.HEADER] = value


class Answers:
    """The middleware; one per service, outermost."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service
        self.series: dict[tuple[str, str, int], Histogram] = {}
        self.in_flight = metrics.IN_FLIGHT.labels(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        began = monotonic()
        self.in_flight.inc()
        try:
            if get_route_path(scope) in _UNTRACED:
                await self._attempt(answer, receive)
            else:
                await self._trace(answer, receive)
        finally:
            self.in_flight.dec()
            self._measured(answer).observe(monotonic() - began)

    def _measured(self, answer: "_Answer") -> Histogram:
        """The series of this answer; looked up once for each, as the library's own way takes a lock."""
        name = (_method(answer.scope), route_of(answer.scope), answer.status)
        if name not in self.series:
            self.series[name] = metrics.REQUESTS.labels(self.service, *map(str, name))
        return self.series[name]

    async def _trace(self, answer: "_Answer", receive: Receive) -> None:
        scope = answer.scope
        context = propagate.extract(Headers(scope=scope))
        with tracer().start_as_current_span(_method(scope), context, SpanKind.SERVER) as span:
            await self._attempt(answer, receive)
            route = route_of(scope)
            span.update_name(f"{_method(scope)} {route}")
            span.set_attributes(
                {
                    "http.request.method": _method(scope),
                    "http.route": route,
                    "http.response.status_code": answer.status,
                    "livret.service": self.service,
                }
            )

    async def _attempt(self, answer: "_Answer", receive: Receive) -> None:
        try:
            await self.app(answer.scope, receive, answer.send)
        except Exception as fault:  # the last door: nothing leaves without a trace
            self._report(fault, answer)
            if answer.started:
                raise
            await render(Fault())(answer.scope, receive, answer.send)

    def _report(self, fault: Exception, answer: "_Answer") -> None:
        metrics.FAULTS.labels(self.service).inc()
        span = trace.get_current_span()
        span.set_status(Status(StatusCode.ERROR, type(fault).__name__))
        span.record_exception(fault)
        scope = answer.scope
        _log.error("fault", method=_method(scope), route=route_of(scope), exc_info=fault)


class _Answer:
    """The way out of one request: remembers its status and adds what every answer carries."""

    __slots__ = ("_send", "scope", "started", "status")

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self._send = send
        self.started = False
        self.status = 500

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            self._complete(MutableHeaders(scope=message))
        await self._send(message)

    def _complete(self, headers: MutableHeaders) -> None:
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        state: dict[str, Any] = self.scope.get("state") or {}
        if "allowance" in state:
            headers.update(state["allowance"].headers())
        if "tx" in state and self.status < 400:
            say_after(headers, state["tx"].emitted)


def _method(scope: Scope) -> str:
    """The method, or `_OTHER`: what a stranger invents does not become a label."""
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return scope["method"] if scope["method"] in known else "_OTHER"
