"""A body that is too large is refused before it is held in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from chassis.bodies import BodyLimit
from tests.chassis.web.conftest import Authority, caller_of

MEGABYTE = 1024 * 1024


class Pieces:
    """A body without an announced length, which counts what was taken of it."""

    def __init__(self, count: int, size: int) -> None:
        self.count, self.size, self.taken = count, size, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.count):
            self.taken += 1
            yield b"x" * self.size


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/v1/echo-size", MEGABYTE, 200),
        ("/v1/echo-size", MEGABYTE + 1, 413),
        ("/v1/uploads", 4 * MEGABYTE, 200),
        ("/v1/uploads", 4 * MEGABYTE + 1, 413),
    ],
)
async def test_the_announced_length_decides(
    client: httpx.AsyncClient, path: str, size: int, status: int
) -> None:
    answer = await client.post(path, content=b"x" * size)
    assert answer.status_code == status
    if status == 413:
        assert answer.json()["type"] == "urn:livret:problem:body-too-large"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/tickets/42/attachments", 200), ("/v1/tickets/4/2/attachments", 413), ("/v1/tickets/42", 413)],
)
async def test_a_path_with_an_id_in_it_takes_more(path: str, status: int) -> None:
    sent: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        raise AssertionError("the body was read")

    async def send(message: Message) -> None:
        sent.append(message)

    limit = BodyLimit(app, default=10, larger={"/v1/tickets/*/attachments": 20})
    scope = {"type": "http", "path": path, "headers": [(b"content-length", b"15")]}
    await limit(scope, receive, send)
    assert sent[0]["status"] == status


async def test_a_body_announced_too_large_is_not_read_at_all() -> None:
    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError("the app was asked")

    async def receive() -> Message:
        raise AssertionError("the body was read")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", b"11")]
    await BodyLimit(never, default=10)({"type": "http", "path": "/", "headers": headers}, receive, send)
    assert sent[0]["status"] == 413


async def test_a_body_that_grows_past_the_limit_is_read_no_further(client: httpx.AsyncClient) -> None:
    fits, grows = Pieces(16, 64 * 1024), Pieces(1000, 64 * 1024)
    taken = await client.post("/v1/echo-size", content=fits)
    refused = await client.post("/v1/echo-size", content=grows)
    assert (taken.status_code, taken.json()) == (200, {"bytes": MEGABYTE})
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"
    assert grows.taken == 17


async def test_a_json_body_that_grows_past_the_limit_is_told_its_size_not_its_shape(
    client: httpx.AsyncClient, authority: Authority
) -> None:
    headers = authority.headers(caller_of()) | {"Content-Type": "application/json"}
    answer = await client.post("/v1/plain-notes", content=Pieces(17, 64 * 1024), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:livret:problem:body-too-large")


async def test_a_length_that_is_no_number_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/echo-size", content=b"x", headers={"Content-Length": "-1"})
    assert answer.status_code == 413
