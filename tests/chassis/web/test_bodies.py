"""A body that is too large is refused before it is held in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest

MEGABYTE = 1024 * 1024


async def _pieces(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


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


async def test_a_body_that_grows_past_the_limit_unannounced_is_refused(client: httpx.AsyncClient) -> None:
    fits = await client.post("/v1/echo-size", content=_pieces(16, 64 * 1024))
    grows = await client.post("/v1/echo-size", content=_pieces(17, 64 * 1024))
    assert (fits.status_code, fits.json()) == (200, {"bytes": MEGABYTE})
    assert grows.status_code == 413
    assert grows.headers["content-type"] == "application/problem+json"


async def test_a_length_that_is_no_number_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/echo-size", content=b"x", headers={"Content-Length": "-1"})
    assert answer.status_code == 413
