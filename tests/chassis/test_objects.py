"""A store of objects: the same promises, be it a directory or a bucket of a real S3 server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.objects import Objects, StoreUnreadable

STORES = ("directory", "bucket")
PART = 5 * 1024 * 1024
"""More than this many bytes go to a server in several parts."""


@pytest.fixture(params=STORES)
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """A directory that its first use makes, with a name that a URL must quote; a bucket."""
    if request.param == "directory":
        return Objects.at((tmp_path / "a place" / "weather").as_uri())
    return Objects.at(request.getfixturevalue("bucket") + "/production/weather")


async def names(listed: AsyncIterator[str]) -> list[str]:
    return sorted([name async for name in listed])


async def test_what_was_put_is_found_and_the_rest_is_not(objects: Objects) -> None:
    await objects.put("weather.json", b"{}", "application/json")

    found = await objects.get("weather.json")
    assert found is not None
    assert found.content == b"{}"
    assert found.stored_at.tzinfo is not None
    assert await objects.get("index.html") is None


async def test_a_later_one_takes_the_place_of_the_one_before(objects: Objects) -> None:
    await objects.put("weather.json", b"a longer one", "application/json")
    await objects.put("weather.json", b"short", "application/json")

    found = await objects.get("weather.json")
    assert found is not None
    assert found.content == b"short"


async def test_a_name_may_have_spaces_accents_and_signs(objects: Objects) -> None:
    name = "été à Noël/ça va + 100 % & c'est #1?.txt"
    await objects.put(name, "Noël".encode(), "text/plain")

    found = await objects.get(name)
    assert found is not None
    assert found.content.decode() == "Noël"
    assert await names(objects.list()) == [name]
    assert await objects.get("ete a Noel/ca va + 100 % & c'est #1?.txt") is None


async def test_what_takes_several_parts_to_send_is_found_whole(objects: Objects) -> None:
    content = b"".join(bytes([number]) * PART for number in range(3)) + b"the end"
    await objects.put("large", content, "application/octet-stream")

    found = await objects.get("large")
    assert found is not None
    assert found.content == content


async def test_nothing_is_listed_where_nothing_was_put(objects: Objects) -> None:
    assert await names(objects.list()) == []
    assert await names(objects.list("b")) == []


async def test_a_listing_is_of_whole_parts_of_names(objects: Objects) -> None:
    for name in ("b/1", "b/c/2", "bc/3", "4"):
        await objects.put(name, b"", "text/plain")

    assert await names(objects.list()) == ["4", "b/1", "b/c/2", "bc/3"]
    assert await names(objects.list("b")) == ["b/1", "b/c/2"]


async def test_a_reader_finds_one_or_the_other_whole(objects: Objects) -> None:
    sizes = (300_000, 500_000)
    contents = [bytes([number]) * size for number, size in enumerate(sizes)]
    await objects.put("state", contents[0], "text/plain")

    async def write() -> None:
        for number in range(60):
            await objects.put("state", contents[number % 2], "text/plain")

    writing = asyncio.create_task(write())
    reads = 0
    while not writing.done():
        found = await objects.get("state")
        assert found is not None
        assert found.content in contents
        reads += 1
    await writing
    assert reads > 1


@pytest.mark.parametrize("name", ["../outside", "a/../../outside"])
async def test_no_name_leads_out_of_the_store(objects: Objects, tmp_path: Path, name: str) -> None:
    with pytest.raises(Exception, match=r"(?i)path"):
        await objects.put(name, b"", "text/plain")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    "url", ["", "weather", "file://", "file:///", "file://host/weather", "s3://", "https://host/weather"]
)
def test_an_address_of_no_store_is_refused(url: str) -> None:
    with pytest.raises(StoreUnreadable):
        Objects.at(url)
