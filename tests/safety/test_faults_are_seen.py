"""What is asked of the services finds, in an API that lies, each thing that its document does not hold."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import FastAPI, Path, Response
from pydantic import BaseModel

from chassis.operations import Operation
from tests.isolation.matrix import Line
from tests.safety.asking import Asker, Made
from tests.support.listening import listening

pytestmark = pytest.mark.xdist_group("safety")

app = FastAPI()
Number = Annotated[int, Path(ge=0, le=9)]


class Told(BaseModel):
    """What the operations here promise to answer with."""

    number: int


@app.get("/fault/{number}")
async def fault(number: Number) -> Told:
    raise ZeroDivisionError


@app.get("/status/{number}", response_model=Told)
async def status(number: Number) -> Response:
    return Response('{"number": 1}', 418, media_type="application/json")


@app.get("/type/{number}", response_model=Told)
async def content_type(number: Number) -> Response:
    return Response("number;1", media_type="text/csv")


@app.get("/shape/{number}", response_model=Told)
async def shape(number: Number) -> Response:
    return Response('{"number": "one"}', media_type="application/json")


@app.get("/held/{number}")
async def held(number: Number) -> Told:
    return Told(number=number)


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    """Where it listens."""
    async with listening(app) as found:
        yield found


async def told_of(name: str, address: str) -> str:
    """Everything found of one operation."""
    asker = Asker(app, address, Made(examples=2, seed=0))
    operation = Operation(name, "GET", f"/{name}/{{number}}", None)
    line = Line("lies", name, frozenset(), ())
    cases = asker.cases(operation, line, {})
    assert cases

    def ask() -> str:
        return "\n".join(found for case in cases for found in asker.answered(case, None).faults)

    return await asyncio.to_thread(ask)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fault", "Server error"),
        ("status", "Undocumented status code"),
        ("type", "Undocumented Content-Type"),
        ("shape", "Response violates schema"),
    ],
)
async def test_it_is_seen(name: str, words: str, address: str) -> None:
    assert words in await told_of(name, address)


async def test_an_api_that_holds_its_word_passes(address: str) -> None:
    assert await told_of("held", address) == ""
