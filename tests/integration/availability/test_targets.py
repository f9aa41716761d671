"""Targets are kept by operations; a prober runs their scripts against real servers, good and bad."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from chassis.auth import Role
from chassis.clock import system_now
from chassis.db import Database
from chassis.sealing import Sealer, new_key
from services.availability.commands.targets import reseal_secrets
from services.availability.model.probes import SCRIPT, Assignment, Fault, Outcome, ProbeResult
from services.availability.probing.control import Control
from services.availability.probing.desks import DatabaseDesk, RestDesk
from services.availability.probing.network import Addresses, networks_in, trusting
from services.availability.probing.prober import Prober
from services.availability.probing.reporting import Reporting
from services.availability.probing.runner import Runner
from services.availability.schemas import targets as schemas
from tests.integration.availability.portal import problem
from tests.integration.availability.watched import (
    PASSWORD,
    SEALING,
    Watched,
    logging_in,
    opened,
    server,
    target,
)
from tests.support.callers import once
from tests.support.certificates import self_signed
from tests.support.postgres import DatabaseMaker, ServiceDatabase


@pytest.fixture(scope="module")
def database(module_database: DatabaseMaker) -> ServiceDatabase:
    return module_database("availability")


@pytest.fixture(scope="module")
async def watched(database: ServiceDatabase) -> AsyncIterator[Watched]:
    async with opened(database) as watched:
        yield watched


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


async def test_a_script_reaches_and_logs_in_with_what_it_found_on_the_way() -> None:
    async with server(SITE) as port:
        url = f"http://127.0.0.1:{port}"
        finds = {"variable": "csrf", "after": 'value="', "before": '"'}
        form = {"user": "probe", "password": "{{secret:password}}", "csrf": "{{csrf}}"}
        script = logging_in(url, form=form)
        script["steps"][0]["extract"] = [finds]
        result = await tried(script)
        assert (result.outcome, [step.status for step in result.steps]) == (Outcome.up, [200, 200])
        refused = await tried(script, {"password": "wrong horse"})
    assert (refused.outcome, refused.fault, refused.steps[1].status) == (Outcome.down, Fault.status, 401)
    assert refused.steps[1].detail == "answered 401: probe is not let in with •••"


async def test_each_run_begins_without_the_cookies_of_the_one_before() -> None:
    async with server(SITE) as port:
        both = logging_in(f"http://127.0.0.1:{port}")
        alone = {"steps": both["steps"][1:]}
        same = runner()
        for script, outcome in ((both, Outcome.up), (alone, Outcome.down)):
            sent = SCRIPT.validate_python(schemas.as_sent(schemas.Script.model_validate(script)))
            run = await same.run(Assignment(uuid4(), 1, 30, sent, {"password": PASSWORD}), system_now())
            assert run.outcome is outcome


async def test_json_is_sent_and_compared() -> None:
    async with server(SITE) as port:
        step = {
            "method": "POST",
            "json": '{"who": "{{secret:password}}"}',
            "expect": {"json": [{"pointer": "/got/who", "equals": PASSWORD}]},
        }
        assert (await tried(one_step(f"http://127.0.0.1:{port}/echo", **step))).outcome is Outcome.up


async def test_a_code_of_an_authenticator_is_made_for_the_step_that_asks_for_it() -> None:
    async with server(SITE) as port:
        extract = [{"variable": "code", "pointer": "/got/code"}]
        first = {
            "name": "code",
            "url": f"http://127.0.0.1:{port}/echo",
            "method": "POST",
            "json": '{"code": "{{totp:seed}}"}',
            "extract": extract,
        }
        script = {"steps": [first, {"name": "again", "url": f"http://127.0.0.1:{port}/{{{{code}}}}"}]}
        result = await tried(script, {"seed": "JBSWY3DPEHPK3PXP"})
    assert (result.steps[0].fault, result.steps[1].status) == (None, 404)


@pytest.mark.parametrize(
    ("path", "step", "fault"),
    [
        ("/slow", {"timeout_ms": 200}, Fault.timeout),
        ("/endless", {"expect": {"contains": ["never"]}}, Fault.text_missing),
        ("/around", {"follow_redirects": True}, Fault.redirects),
        ("/there", {}, Fault.status),
        ("/nowhere", {}, Fault.status),
        ("/", {"extract": [{"variable": "v", "pointer": "/a"}]}, Fault.value_missing),
    ],
)
async def test_what_a_server_does_wrong_is_told(path: str, step: dict[str, Any], fault: Fault) -> None:
    async with server(SITE) as port:
        result = await tried(one_step(f"http://127.0.0.1:{port}{path}", **step))
    assert (result.outcome, result.fault) == (Outcome.down, fault)


async def test_of_an_endless_answer_no_more_is_read_than_asked() -> None:
    async with server(SITE) as port:
        script = one_step(f"http://127.0.0.1:{port}/endless", expect={"contains": ["begins"]})
        assert (await tried(script | {"body_limit": 1_000})).outcome is Outcome.up


async def test_redirects_are_followed_where_the_script_says_so() -> None:
    async with server(SITE) as port:
        script = one_step(f"http://127.0.0.1:{port}/there", follow_redirects=True)
        assert (await tried(script)).outcome is Outcome.up


async def test_a_script_ends_when_all_its_steps_together_took_too_long() -> None:
    async with server(SITE) as port:
        script = one_step(f"http://127.0.0.1:{port}/slow", timeout_ms=60_000)
        result = await tried(script | {"timeout_ms": 200})
    assert (result.outcome, result.fault) == (Outcome.down, Fault.timeout)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _rude(handle: Handler) -> AsyncIterator[int]:
    running = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (b"", Fault.closed),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", Fault.closed),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Fault.closed),
    ],
)
async def test_a_server_that_closes_or_speaks_otherwise_is_down(words: bytes, fault: Fault) -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(words)
        await writer.drain()
        writer.close()

    async with _rude(close) as port:
        result = await tried(one_step(f"http://127.0.0.1:{port}/"))
    assert (result.outcome, result.fault) == (Outcome.down, fault)


def _says(words: str, heard: list[bytes]) -> Handler:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(words.encode())
        await writer.drain()
        writer.close()

    return say


@pytest.mark.parametrize("step", [{"logs_in": True}, {"extract": [{"variable": "t", "pointer": "/token"}]}])
async def test_what_a_step_was_to_obtain_is_not_kept_when_the_answer_is_another(step: dict[str, Any]) -> None:
    said = 'HTTP/1.1 202 Accepted\r\nContent-Length: 17\r\n\r\n{"token":"eyJhb"}'
    async with _rude(_says(said, [])) as port:
        result = await tried(one_step(f"http://127.0.0.1:{port}/", **step))
    assert (result.fault, result.steps[0].detail) == (Fault.status, "answered 202")


async def test_to_another_origin_a_redirect_takes_nothing_of_the_script() -> None:
    heard: list[bytes] = []
    sent = {"headers": {"X-Api-Key": "{{secret:password}}"}, "follow_redirects": True}
    async with _rude(_says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", heard)) as there:
        to = f"Location: http://127.0.0.1:{there}/\r\nContent-Length: 0\r\n\r\n"
        async with _rude(_says(f"HTTP/1.1 302 Found\r\n{to}", [])) as here:
            followed = await tried(one_step(f"http://127.0.0.1:{here}/", **sent), {"password": "k-1"})
        async with _rude(_says(f"HTTP/1.1 307 Temporary\r\n{to}", [])) as here:
            body = {"method": "POST", "form": {"password": "{{secret:password}}"}}
            refused = await tried(one_step(f"http://127.0.0.1:{here}/", **sent, **body), {"password": "k-1"})
    assert followed.outcome is Outcome.up
    assert len(heard) == 1
    assert b"k-1" not in heard[0]
    assert (refused.fault, refused.outcome) == (Fault.redirects, Outcome.down)


async def test_a_port_that_nobody_listens_on_is_down() -> None:
    async with _rude(lambda *_: asyncio.sleep(0)) as port:
        pass
    result = await tried(one_step(f"http://127.0.0.1:{port}/"))
    assert (result.outcome, result.fault) == (Outcome.down, Fault.connect)


async def test_a_name_that_leads_nowhere_is_down() -> None:
    result = await tried(one_step("http://nowhere.invalid/"))
    assert (result.outcome, result.fault) == (Outcome.down, Fault.dns)


async def test_a_certificate_that_nobody_vouches_for_is_down(tmp_path: Path) -> None:
    key, certificate = self_signed(tmp_path, "localhost")
    async with server(SITE, ssl_keyfile=str(key), ssl_certfile=str(certificate)) as port:
        url = f"https://localhost:{port}/"
        result = await tried(one_step(url))
        trusting_it = Runner(Addresses(), ssl.create_default_context(cafile=str(certificate)))
        script = SCRIPT.validate_python(one_step(url))
        trusted = await trusting_it.run(Assignment(uuid4(), 1, 30, script, {}), system_now())
    assert (result.outcome, result.fault) == (Outcome.down, Fault.tls)
    assert trusted.outcome is Outcome.up


async def test_metadata_and_link_local_addresses_are_not_asked_not_even_by_a_redirect() -> None:
    for url in (
        "http://169.254.169.254/",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.1.1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://168.63.129.16/",
        "http://0.0.0.0/",
    ):
        result = await tried(one_step(url))
        assert (result.outcome, result.fault) == (Outcome.prober_fault, Fault.address_refused)
    async with server(SITE) as port:
        result = await tried(one_step(f"http://127.0.0.1:{port}/away", follow_redirects=True))
    assert result.fault is Fault.address_refused
    allowed = await tried(one_step("http://169.254.169.254:9/", timeout_ms=300), None, "169.254.0.0/16")
    assert allowed.fault is not Fault.address_refused


async def test_a_failure_is_the_probers_own_while_no_reference_answers() -> None:
    down = await tried(one_step("http://nowhere.invalid/"))
    async with _rude(lambda *_: asyncio.sleep(0)) as port:
        reached = Control([("127.0.0.1", 1), ("127.0.0.1", port)])
        assert (await reached.judged(down, 0.0)).outcome is Outcome.down
    cut_off = Control([("127.0.0.1", port)])
    judged = await cut_off.judged(down, 0.0)
    assert (judged.outcome, judged.fault) == (Outcome.prober_fault, Fault.no_network)


@pytest.mark.slow
async def test_a_prober_watches_and_tells_and_an_outage_opens_and_ends(
    watched: Watched, database: ServiceDatabase
) -> None:
    place = await watched.new_place()
    desk = DatabaseDesk(Database.create(database.app_url, pool_size=2), Sealer.of(SEALING), place)
    prober = Prober(place, desk, runner(), Control(), Reporting(place, desk, 1000), at_once=10)
    stop = asyncio.Event()
    async with server(SITE) as port:
        script = logging_in(f"http://127.0.0.1:{port}") | {"timeout_ms": 1_000}
        portal = await watched.new_target(place, script=script, interval_seconds=5)
        running = asyncio.create_task(prober.run(stop))
        await _until(watched, portal, lambda shown: shown["seen_at"] is not None)
    await _until(watched, portal, lambda shown: shown["outage_id"] is not None)
    async with server(SITE, port):
        await _until(watched, portal, lambda shown: shown["outage_id"] is None)
    stop.set()
    await running
    await desk.close()
    (row,) = await watched.outages_of(portal)
    assert (row["source"], row["state"]) == ("probe", "ended")


async def _until(watched: Watched, target_id: UUID, holds: Callable[[dict[str, Any]], bool]) -> None:
    """Waits until a target stands so."""
    async with asyncio.timeout(30):
        while not holds(await watched.found(target_id)):
            await asyncio.sleep(0.1)


async def test_what_a_place_is_handed_holds_its_secrets_and_only_when_it_changed(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place, paused=True)
    answer = await watched.prober.get(f"/v1/places/{place}/assignments")
    (item,) = answer.json()["items"]
    assert (item["target_id"], item["secrets"], item["paused"]) == (str(portal), {"password": PASSWORD}, True)
    known = {"If-None-Match": answer.headers["etag"]}
    again = await watched.prober.get(f"/v1/places/{place}/assignments", headers=known)
    assert (again.status_code, again.content) == (304, b"")


@asynccontextmanager
async def _by_rest(watched: Watched, place: str) -> AsyncIterator[RestDesk]:
    """A desk that speaks to this API; its token is that of the tests' program."""
    bearer = watched.prober.headers["Authorization"].removeprefix("Bearer ")

    async def token(request: Request) -> Response:
        form = await request.form()
        is_known = request.headers["authorization"] == httpx.BasicAuth("id", "secret")._auth_header
        if not is_known or form.get("scope") != "probes:report":
            return JSONResponse({"error": "invalid_client"}, 401)
        return JSONResponse({"access_token": bearer, "expires_in": 600})

    tokens = Starlette(routes=[Route("/token", token, methods=["POST"])])
    mounts = {
        "all://tokens.example": httpx.ASGITransport(tokens),
        "all://service.example": httpx.ASGITransport(watched.api.app),
    }
    client = httpx.AsyncClient(mounts=mounts)
    urls = ("http://service.example", "http://tokens.example/token")
    desk = RestDesk(client, *urls, "id", "secret", place)
    yield desk
    await desk.close()


async def test_a_place_elsewhere_is_assigned_and_tells_over_the_api(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    async with _by_rest(watched, place) as desk:
        (assigned,) = await desk.assignments() or []
        assert (assigned.target_id, assigned.secrets) == (portal, {"password": PASSWORD})
        assert await desk.assignments() is None
        reporting = Reporting(place, desk, 100)
        reporting.add(await runner().run(assigned, system_now()))
        assert await reporting.tell()
    page = (await watched.operations.get(f"/v1/targets/{portal}/results")).json()
    (row,) = page["items"]
    assert (row["outcome"], row["fault"], row["steps"][0]["fault"]) == ("down", "connect", "connect")


async def test_a_place_elsewhere_tells_later_what_is_not_taken_now_and_drops_what_never_is(
    watched: Watched,
) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    async with _by_rest(watched, place) as desk:
        (assigned,) = await desk.assignments() or []
        result = await runner().run(assigned, system_now())
        reporting = Reporting(place, desk, 100)
        reporting.add(result)
        desk.place = "nowhere"
        assert not await reporting.tell()
        desk.place, desk.client_secret, desk._token_until = place, "wrong", 0.0
        assert not await reporting.tell()
        desk.client_secret = "secret"
        assert await reporting.tell()
        desk.place = "not a place"
        reporting.add(result)
        assert await reporting.tell()
        assert (len(reporting), reporting.dropped) == (0, 1)
    page = (await watched.operations.get(f"/v1/targets/{portal}/results")).json()
    assert len(page["items"]) == 1


async def test_secrets_are_sealed_at_rest_and_shown_to_nobody(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    shown = await watched.of(Role.support_agent).get(f"/v1/targets/{portal}")
    assert shown.json()["secret_names"] == ["password"]
    trail = await watched.of(Role.publisher_admin).get("/v1/audit", params={"limit": 200})
    listed = await watched.operations.get("/v1/targets", params={"limit": 200})
    for answer in (shown, trail, listed):
        assert answer.status_code == 200, answer.text
        assert PASSWORD not in answer.text
    rows = await watched.rows("SELECT sealed FROM target_secret")
    assert rows
    assert all(row.sealed.startswith("sealed:") for row in rows)


async def test_secrets_are_kept_renewed_and_sealed_anew(watched: Watched, database: ServiceDatabase) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    path, seen = f"/v1/targets/{portal}", {"If-Match": "*"}
    for sent, expected in (({}, PASSWORD), ({"password": "another one"}, "another one")):
        changed = await watched.operations.put(path, json=target(place, secrets=sent), headers=seen)
        assert changed.status_code == 200, changed.text
        handed = await watched.prober.get(f"/v1/places/{place}/assignments")
        assert handed.json()["items"][0]["secrets"] == {"password": expected}
    key = new_key()
    newer = Sealer.of(f"{key},{SEALING}")
    db = Database.create(database.app_url, pool_size=1)
    sealed = await reseal_secrets(db, newer)
    assert (sealed >= 1, await reseal_secrets(db, newer)) == (True, 0)
    await reseal_secrets(db, Sealer.of(f"{SEALING},{key}"))
    await db.close()


async def test_a_target_is_changed_and_removed_under_a_precondition(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    path = f"/v1/targets/{portal}"
    assert problem(await watched.operations.put(path, json=target(place)))[0] == 428
    stale = await watched.operations.put(path, json=target(place), headers={"If-Match": '"7"'})
    assert problem(stale) == (412, "changed-meanwhile", None)
    changed = await watched.operations.put(
        path, json=target(place, name="Other"), headers={"If-Match": '"1"'}
    )
    assert (changed.json()["name"], changed.headers["etag"]) == ("Other", '"2"')
    gone = await watched.operations.delete(path, headers={"If-Match": '"2"'})
    assert gone.status_code == 204
    assert problem(await watched.operations.get(path)) == (404, "target-unknown", None)


async def test_a_target_that_is_down_is_neither_paused_nor_removed(watched: Watched) -> None:
    place = await watched.new_place()
    portal = await watched.new_target(place)
    await watched.story(place, portal, "-", 30)
    path, seen = f"/v1/targets/{portal}", {"If-Match": "*"}
    paused = await watched.operations.put(path, json=target(place, paused=True), headers=seen)
    assert problem(paused) == (409, "target-is-down", None)
    removed = await watched.operations.delete(path, headers=seen)
    assert problem(removed) == (409, "target-is-down", None)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"script": {"steps": [{"name": "reach", "url": "http://a/"}]}}, ("target-does-not-log-in", "6-b")),
        ({"secrets": {}}, ("script-unusable", None)),
        ({"places_needed": 2}, ("confirmation-impossible", None)),
        ({"offering_code": "nowhere"}, ("watched-offering-unknown", None)),
    ],
)
async def test_a_target_that_cannot_be_watched_is_refused(
    watched: Watched, changes: dict[str, Any], refused: tuple[str, str | None]
) -> None:
    place = await watched.new_place()
    answer = await watched.operations.post("/v1/targets", json=target(place, **changes), headers=once())
    assert problem(answer)[1:] == refused


async def test_a_target_is_watched_from_places_that_there_are(watched: Watched) -> None:
    answer = await watched.operations.post("/v1/targets", json=target("nowhere"), headers=once())
    assert problem(answer) == (404, "place-unknown", None)


async def test_a_value_is_in_one_place_of_an_answer(watched: Watched) -> None:
    place = await watched.new_place()
    script = logging_in()
    script["steps"][0]["extract"] = [{"variable": "v", "pointer": "/a", "header": "Location"}]
    answer = await watched.operations.post("/v1/targets", json=target(place, script=script), headers=once())
    assert answer.status_code == 422
