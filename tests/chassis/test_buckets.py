"""A bucket of a real S3 server: what it keeps besides, and what is said where it cannot be had."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any

import httpx
import obstore
import pytest
from obstore.exceptions import BaseError, GenericError, PermissionDeniedError
from obstore.store import S3Store

from chassis.objects import Objects
from tests.support.objects import ObjectServer

LONG = 120
"""Seconds after which something is taken to hang; nothing here is meant to take nearly as long."""


async def names(listed: AsyncIterator[str]) -> list[str]:
    return sorted([name async for name in listed])


async def failures(objects: Objects) -> list[BaseException | Any]:
    """What reading, writing and listing come to, all at once."""
    acts: list[Awaitable[Any]] = [
        objects.get("state"),
        objects.put("state", b"other", "text/plain"),
        names(objects.list()),
    ]
    async with asyncio.timeout(LONG):
        return await asyncio.gather(*acts, return_exceptions=True)


async def test_a_browser_is_told_the_media_type(bucket: str) -> None:
    objects = Objects.at(bucket)
    await objects.put("état.json", b"{}", "application/json")

    assert isinstance(objects._store, S3Store)
    address = await obstore.sign_async(objects._store, "GET", "état.json", timedelta(minutes=5))
    async with httpx.AsyncClient() as client:
        answer = await client.get(address)
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert answer.headers["content-type"] == "application/json"


async def test_stores_of_one_bucket_stand_apart(bucket: str) -> None:
    await Objects.at(f"{bucket}/production").put("state", b"1", "text/plain")

    assert await Objects.at(f"{bucket}/staging").get("state") is None
    assert await names(Objects.at(f"{bucket}/staging").list()) == []
    assert await names(Objects.at(bucket).list()) == ["production/state"]


async def test_a_bucket_that_is_not_there_is_no_empty_one(bucket: str) -> None:
    read, written, listed = await failures(Objects.at("s3://no-such-bucket"))

    assert isinstance(read, FileNotFoundError)
    assert isinstance(written, FileNotFoundError)
    assert isinstance(listed, BaseError)
    assert all("NoSuchBucket" in str(failure) for failure in (read, written, listed))


async def test_with_a_wrong_secret_nothing_is_read_or_written(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Objects.at(bucket)
    await mine.put("state", b"mine", "text/plain")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")

    read, written, listed = await failures(Objects.at(bucket))
    assert isinstance(read, PermissionDeniedError)
    assert isinstance(written, PermissionDeniedError)
    assert isinstance(listed, BaseError)
    kept = await mine.get("state")
    assert kept is not None
    assert kept.content == b"mine"


async def test_an_account_that_is_not_known_is_no_absent_object(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")

    for failure in await failures(Objects.at(bucket)):
        assert isinstance(failure, (BaseError, OSError))


async def test_a_server_that_has_gone_is_said_to_be_and_is_back_with_what_it_held(
    stoppable_objects: ObjectServer,
) -> None:
    objects = Objects.at(stoppable_objects.new_bucket())
    await objects.put("state", b"before", "text/plain")
    stoppable_objects.kill()

    for failure in await failures(objects):
        assert isinstance(failure, GenericError)
    stoppable_objects.start()
    found = await objects.get("state")
    assert found is not None
    assert found.content == b"before"


async def test_a_server_that_goes_while_it_is_written_to_keeps_the_one_before_whole(
    stoppable_objects: ObjectServer,
) -> None:
    objects = Objects.at(stoppable_objects.new_bucket())
    await objects.put("state", b"before", "text/plain")
    stoppable_objects.freeze()
    writing = asyncio.create_task(objects.put("state", bytes(20_000_000), "text/plain"))
    await asyncio.sleep(0.2)
    stoppable_objects.kill()

    async with asyncio.timeout(LONG):
        with pytest.raises(GenericError):
            await writing
    stoppable_objects.start()
    found = await objects.get("state")
    assert found is not None
    assert found.content == b"before"


@pytest.mark.slow
async def test_a_silent_server_is_not_waited_for_without_end(stoppable_objects: ObjectServer) -> None:
    objects = Objects.at(stoppable_objects.new_bucket())
    stoppable_objects.freeze()

    for failure in await failures(objects):
        assert isinstance(failure, GenericError)
