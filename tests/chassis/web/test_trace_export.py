"""Traces leave by OTLP over HTTP when an endpoint is set, the last ones at the end of the process."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

PROGRAM = """
import sys
from chassis.telemetry import configure_traces, tracer
configure_traces("probe", sys.argv[1])
with tracer().start_as_current_span("a span of the probe"):
    pass
"""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector's address, and what it was sent."""
    taken: list[bytes] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", taken
    server.shutdown()
    server.server_close()


def test_spans_reach_the_collector(collector: tuple[str, list[bytes]]) -> None:
    endpoint, taken = collector
    subprocess.run([sys.executable, "-c", PROGRAM, endpoint], check=True, timeout=240)
    sent = b"".join(taken)
    assert b"a span of the probe" in sent
    assert b"service.name" in sent
