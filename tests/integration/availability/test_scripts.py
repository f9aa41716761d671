"""A runner runs scripts against real servers, good and bad."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import system_now
from services.availability.model.probes import SCRIPT, Assignment, Fault, Outcome
from services.availability.probing.control import Control
from services.availability.probing.network import Addresses
from services.availability.probing.runner import Runner
from services.availability.schemas import targets as schemas
from tests.integration.availability.site import SITE, one_step, runner, tried
from tests.integration.availability.watched import (
    PASSWORD,
    logging_in,
    server,
)
from tests.support.certificates import self_signed


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


@contextmanager
def _kept_silent() -> Iterator[int]:
    """A port that nobody listens on, nor can come to listen on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_a_port_that_nobody_listens_on_is_down() -> None:
    with _kept_silent() as port:
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
    with _kept_silent() as port:
        judged = await Control([("127.0.0.1", port)]).judged(down, 0.0)
    assert (judged.outcome, judged.fault) == (Outcome.prober_fault, Fault.no_network)
