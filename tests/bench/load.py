"""A load generator that costs little beside what it measures: raw HTTP/1.1 on a few kept connections."""

import asyncio
from dataclasses import dataclass, field

from chassis.clock import monotonic


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the bytes that are sent."""

    port: int
    payload: bytes

    @classmethod
    def make(
        cls, port: int, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> "Call":
        """A request to a local server."""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return cls(port, "\r\n".join([*lines, "", ""]).encode() + body)


@dataclass(slots=True)
class Figures:
    """How many were answered in which time, and how long each took."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


async def load(call: Call, seconds: float, connections: int = 8) -> Figures:
    """Sends this request on all connections, each time as soon as the answer has come. Only 2xx counts."""
    figures = Figures()
    began = monotonic()
    until = began + seconds
    await asyncio.gather(*(_connection(call, until, figures) for _ in range(connections)))
    figures.seconds = monotonic() - began
    return figures


async def _connection(call: Call, until: float, figures: Figures) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", call.port)
    while (began := monotonic()) < until:
        writer.write(call.payload)
        await _answer(reader)
        figures.latencies.append(monotonic() - began)
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    body = await reader.readexactly(length)
    if not head.startswith(b"HTTP/1.1 2"):
        raise AssertionError(f"{head.decode()}{body.decode()}")
