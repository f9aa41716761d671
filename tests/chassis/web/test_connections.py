"""A connection says what it wants soon and in few words, or it is closed; nothing else suffers."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chassis import bodies, connections
from chassis.bodies import BodyLimit
from tests.support.listening import listening


async def _size(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """Where an app listens that tells the size of bodies, less patient than in life."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(bodies, "PATIENCE_SECONDS", 0.4)
    app = BodyLimit(Starlette(routes=[Route("/", _size, methods=["GET", "POST"])]))
    async with listening(app) as address:
        yield int(address.rpartition(":")[2])


async def said(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """All that is answered to these pieces until the other side closes, which it does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        answer = await asyncio.wait_for(reader.read(), 15)
    except ConnectionError:
        answer = b""
    finally:
        writer.close()
    return answer


HEAD = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


async def test_an_ordinary_request_is_answered(port: int) -> None:
    answer = await said(port, POST + b"Content-Length: 2\r\n\r\nhi")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"2")


@pytest.mark.parametrize(
    "flood",
    [
        [f"X-{number}: {'a' * 1000}\r\n".encode() for number in range(2000)],
        [b"X-Long: ", *(b"a" * 1000 for _ in range(2000))],
    ],
    ids=["many", "one without an end"],
)
async def test_headers_without_measure_are_not_read_to_their_end(port: int, flood: list[bytes]) -> None:
    answer = await said(port, HEAD, *flood)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431")


async def test_headers_that_are_too_large_are_told_so(port: int) -> None:
    answer = await said(port, HEAD + b"X-Long: " + b"a" * connections.MAX_HEAD_BYTES)
    assert answer.startswith(b"HTTP/1.1 431")
    assert b"urn:livret:problem:headers-too-large" in answer


@pytest.mark.parametrize(
    "pieces", [[b""], [HEAD], [HEAD, b"X-A: 1\r\n"]], ids=["silent", "begun", "going on"]
)
async def test_a_connection_that_does_not_come_to_the_point_is_closed(port: int, pieces: list[bytes]) -> None:
    answer = await said(port, *pieces)
    assert answer == b""


async def test_a_second_request_is_awaited_no_longer(port: int) -> None:
    first = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await said(port, first, b"GET / HTTP/1.1\r\nX-", pause=0.1)
    assert answer.count(b"HTTP/1.1 200") == 1


async def test_time_between_two_requests_is_not_counted(port: int) -> None:
    first = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await said(port, first, HEAD + b"\r\n", pause=0.6)
    assert answer.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    "form", [b"Content-Length: 100\r\n\r\nx", b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"]
)
async def test_a_body_that_does_not_come_is_no_longer_awaited(port: int, form: bytes) -> None:
    answer = await said(port, POST + form)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"urn:livret:problem:body-too-slow" in answer


async def test_a_body_that_trickles_is_no_longer_awaited(port: int) -> None:
    trickle = [b"1\r\nx\r\n"] * 30
    answer = await said(port, POST + b"Transfer-Encoding: chunked\r\n\r\n", *trickle, pause=0.05)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408")


async def test_a_large_body_on_a_thin_line_is_taken(port: int) -> None:
    pieces = [b"x" * 4096] * 9
    begun = POST + b"Content-Length: 40960\r\n\r\n" + b"x" * 4096  # which gives two seconds for the rest
    answer = await said(port, begun, *pieces, pause=0.08)
    assert answer.endswith(b"40960")


async def test_what_is_no_request_is_a_problem_too(port: int) -> None:
    answer = await said(port, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in answer
    assert b"urn:livret:problem:request-unreadable" in answer


@pytest.mark.parametrize(
    "form",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"Content-Length: +5\r\n\r\nhello",
        b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"X : y\r\n\r\n",
        b"X: a\nb\r\n\r\n",
        b"X: a\x00b\r\n\r\n",
    ],
)
async def test_a_request_that_two_would_read_differently_is_refused(port: int, form: bytes) -> None:
    answer = await said(port, POST + form)
    assert answer.startswith(b"HTTP/1.1 400"), answer
