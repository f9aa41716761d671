"""A portal to look at, as the tests of probes need it: good and bad pages; and what runs a script there."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from chassis.clock import system_now
from services.availability.model.probes import SCRIPT, Assignment, ProbeResult
from services.availability.probing.network import Addresses, networks_in, trusting
from services.availability.probing.runner import Runner
from services.availability.schemas import targets as schemas
from tests.integration.availability.watched import (
    PASSWORD,
)


async def _page(_: Request) -> Response:
    return PlainTextResponse('<input name="csrf" value="t0k&n">', headers={"Set-Cookie": "sid=abc; Path=/"})


async def _login(request: Request) -> Response:
    form = await request.form()
    if request.cookies.get("sid") != "abc" or form.get("csrf") not in ("t0k&n", None):
        return PlainTextResponse("no session", 403)
    if form.get("password") != PASSWORD:
        return PlainTextResponse(f"{form.get('user')} is not let in with {form.get('password')}", 401)
    return PlainTextResponse("Welcome")


async def _slow(_: Request) -> Response:
    await asyncio.sleep(5)
    return PlainTextResponse("late")


async def _endless(_: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"begins"
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)  # the server shares this loop, and would keep it once nobody listens

    return StreamingResponse(parts())


async def _echo(request: Request) -> Response:
    return JSONResponse({"got": await request.json(), "query": dict(request.query_params)})


async def _around(_: Request) -> Response:
    return RedirectResponse("/around")


async def _away(_: Request) -> Response:
    return RedirectResponse("http://169.254.169.254/latest/meta-data/")


SITE = Starlette(
    routes=[
        Route("/", _page),
        Route("/login", _login, methods=["POST"]),
        Route("/slow", _slow),
        Route("/endless", _endless),
        Route("/echo", _echo, methods=["POST"]),
        Route("/around", _around),
        Route("/away", _away),
        Route("/there", lambda _: RedirectResponse("/")),
    ]
)


def runner(*allowed: str) -> Runner:
    return Runner(Addresses(networks_in(",".join(allowed))), trusting(None))


async def tried(script: dict[str, Any], secrets: dict[str, str] | None = None, *allowed: str) -> ProbeResult:
    """One run of a script as operations would send it."""
    sent = schemas.Script.model_validate(script)
    kept = SCRIPT.validate_python(schemas.as_sent(sent))
    assignment = Assignment(uuid4(), 1, 30, kept, secrets or {"password": PASSWORD})
    return await runner(*allowed).run(assignment, system_now())


def one_step(url: str, **step: Any) -> dict[str, Any]:
    return {"steps": [{"name": "step", "url": url} | step]}
