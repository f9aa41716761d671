"""What strangers send to a portal that runs as processes: each is refused, and the next caller is served as
before. No line of its log is anybody's but its own.
"""

import gzip
import json
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.demonstration import FIRM_PORTAL, PASSWORD
from tests.support.callers import once
from tests.support.portal import RunningPortal, running_portal

pytestmark = [pytest.mark.xdist_group("safety"), pytest.mark.slow]

DOOR = "/api/tenancy/v1/sessions"
ME = "/api/tenancy/v1/me"
COMPANIES = "/api/tenancy/v1/companies"
FORGED = '\r\n{"event": "forged"}\x1b[2J\u2028'
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    home = Path(tempfile.mkdtemp(prefix="livret-test-"))
    home.chmod(0o711)
    with running_portal(home / "data") as portal:
        yield portal
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def browser(portal: RunningPortal) -> Iterator[httpx.Client]:
    """The firm's administrator, in a session."""
    with httpx.Client(base_url=portal.origin, headers={"Origin": portal.origin}, timeout=60) as client:
        sent = {"portal": FIRM_PORTAL, "identifier": "claire", "password": PASSWORD}
        answer = client.post(DOOR, json=sent)
        assert answer.status_code == 201, answer.text
        cookie = answer.headers["set-cookie"].split(";")[0]
        client.cookies.clear()
        client.headers["Cookie"] = cookie
        yield client


@pytest.fixture(autouse=True)
def _served_as_before(portal: RunningPortal) -> Iterator[None]:
    yield
    assert portal.answers("/livez") == 200


def raw(portal: RunningPortal, sent: bytes) -> bytes:
    """What is answered to these bytes."""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60) as connection:
        answer = b""
        try:
            connection.sendall(sent)
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionError:
            pass  # refused before all of it was sent
    return answer


def request(path: bytes, headers: bytes = b"", body: bytes = b"", method: bytes = b"POST") -> bytes:
    """The bytes of one request on a connection of its own."""
    head = method + b" " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def status_of(answer: bytes) -> int:
    """The status of an answer; 0 for a connection that was cut."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_ten_megabytes_are_refused_before_they_are_sent(portal: RunningPortal) -> None:
    head = b"POST " + DOOR.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n"
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60) as connection:
        connection.sendall(head)
        answer = connection.recv(65536)
    assert status_of(answer) == 413


def test_ten_megabytes_in_pieces_are_refused_where_they_grow_too_large(portal: RunningPortal) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(10 * 16):
            yield b"x" * 65536

    try:
        answer = httpx.post(f"{portal.origin}{DOOR}", content=pieces(), headers=JSON, timeout=60)
    except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
        return  # cut while it was sending: as good
    assert answer.status_code == 413


NESTED = 100_000
DEEP = {
    "arrays": b"[" * NESTED + b"]" * NESTED,
    "objects": b'{"a":' * NESTED + b"1" + b"}" * NESTED,
    "arrays without an end": b"[" * NESTED,
    "in a member": b'{"name": ' + b"[" * NESTED + b"]" * NESTED + b"}",
}
ODD = {
    "a huge number": b'{"portal": 1' + b"0" * 100_000 + b"}",
    "a huge exponent": b'{"portal": 1e400000000}',
    "a negative huge exponent": b'{"portal": -1e-999999999}',
    "not a number": b'{"portal": NaN, "identifier": Infinity}',
    "a NUL": b'{"portal": "a\\u0000", "identifier": "b", "password": "c"}',
    "a raw NUL": b'{"portal": "a\x00"}',
    "a lone surrogate": b'{"portal": "\\ud800", "identifier": "\\udfff", "password": "\\udead"}',
    "bytes that are no UTF-8": b'{"portal": "\xff\xfe\xed\xa0\x80"}',
    "UTF-16": '{"portal": "a"}'.encode("utf-16"),
    "a name twice": b'{"portal": "a", "portal": "b", "identifier": "x", "password": "y"}',
    "a prototype": b'{"__proto__": {"admin": true}, "constructor": {}}',
    "many names": b"{" + b",".join(b'"%d":1' % number for number in range(50_000)) + b"}",
    "nothing": b"",
    "null": b"null",
}


@pytest.mark.parametrize("body", [*DEEP.values(), *ODD.values()], ids=[*DEEP, *ODD])
@pytest.mark.parametrize("path", [DOOR, COMPANIES])
def test_a_body_that_no_rule_reads_is_refused(body: bytes, path: str, browser: httpx.Client) -> None:
    answer = browser.post(path, content=body, headers=JSON | once())
    assert answer.status_code in (400, 401, 422, 429), answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 50_000


def test_a_packed_body_is_not_unpacked(browser: httpx.Client) -> None:
    packed = gzip.compress(b" " * 50_000_000 + b'{"portal": "a"}')
    answer = browser.post(DOOR, content=packed, headers=JSON | {"Content-Encoding": "gzip"})
    assert answer.status_code in (400, 415, 422)


@pytest.mark.parametrize(
    "query", ["limit=1&limit=2", "limit=1&limit=%00", "cursor=a&cursor=b", "limit[]=1", "&&&=&="]
)
def test_a_parameter_twice_is_no_fault(query: str, browser: httpx.Client) -> None:
    assert browser.get(f"{COMPANIES}?{query}").status_code in (200, 422)


@pytest.mark.parametrize(
    "path",
    [
        b"/assets/../../../etc/passwd", b"/assets/..%2f..%2f..%2fetc%2fpasswd", b"/assets/%2e%2e/%2e%2e/etc",
        b"/api/tenancy/reference/..%2f..%2f__init__.py", b"/api/tenancy/../catalog/v1/offerings",
        b"/api/tenancy/invitation/..%2fapp.py", b"/assets/pages.css%00.js", b"/assets/....//....//etc/passwd",
        b"//etc/passwd", b"/api//tenancy/v1/me", b"/assets/%c0%ae%c0%ae/etc", b"/%", b"/%zz", b"/%ff%fe",
        b"http://evil.example/etc/passwd", b"/api/tenancy/v1/companies/%0d%0aX-Evil:%201",
    ],
)  # fmt: skip
def test_no_path_leads_out(path: bytes, portal: RunningPortal) -> None:
    answer = raw(portal, request(path, method=b"GET"))
    assert status_of(answer) in (400, 401, 404)
    assert b"root:" not in answer
    assert b"X-Evil" not in answer.partition(b"\r\n\r\n")[0]


def test_a_very_long_address_is_refused(portal: RunningPortal) -> None:
    assert status_of(raw(portal, request(b"/" + b"a" * 60_000, method=b"GET"))) == 404
    assert status_of(raw(portal, request(b"/" + b"a" * 2_000_000, method=b"GET"))) in (0, 431)
    assert status_of(raw(portal, request(b"/?" + b"a=1&" * 14_000, method=b"GET"))) == 200


def test_a_flood_of_headers_is_refused(portal: RunningPortal) -> None:
    flood = b"".join(b"X-%d: 1\r\n" % number for number in range(100_000))
    assert status_of(raw(portal, request(b"/", flood, method=b"GET"))) in (0, 431)
    some = b"".join(b"X-%d: 1\r\n" % number for number in range(500))
    assert status_of(raw(portal, request(b"/", some, method=b"GET"))) == 200


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"PROPFIND", b"OPTIONS", b"PATCH"])
def test_a_method_that_is_not_offered_is_refused(method: bytes, portal: RunningPortal) -> None:
    answer = raw(portal, request(ME.encode(), method=method))
    assert status_of(answer) in (400, 405)
    assert b"X-Evil" not in raw(portal, request(ME.encode(), b"X-Evil: 1\r\n", method=method))


def test_a_request_to_speak_another_protocol_is_an_ordinary_one(portal: RunningPortal) -> None:
    upgrade = (
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    )
    head = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\n" + upgrade + b"\r\n"
    assert status_of(raw(portal, head)) in (200, 400)


VALUES = [
    "a\r\nX-Evil: 1",
    "a\nSet-Cookie: x=1",
    "a\r\n\r\n<script>",
    "a%0d%0aX-Evil:%201",
    "é\u2028\x85",
    FORGED,
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_no_value_becomes_a_header_of_an_answer(value: str, browser: httpx.Client) -> None:
    """File names, cursors, codes, identifiers: whatever a caller names comes back in bodies alone."""
    csv = "siret;nom;code postal\n12;Faux;57000\n"
    imports = f"{COMPANIES}/imports"
    headers = {"Content-Type": "text/csv"} | once()
    sent = browser.post(imports, params={"file_name": value}, content=csv, headers=headers)
    answers = [
        sent,
        browser.get(f"{imports}/{sent.json().get('import_id')}/report"),
        browser.get(COMPANIES, params={"q": value, "cursor": value}),
        browser.get("/api/catalog/v1/offerings/" + value.encode().hex()),
        browser.post(DOOR, json={"portal": value, "identifier": value, "password": value}),
    ]
    for answer in answers:
        assert answer.status_code < 500
        assert "x-evil" not in answer.headers
        told = [f"{name}: {text}" for name, text in answer.headers.items()]
        assert not any(set(line) & set("\r\n\x1b") or "Evil" in line for line in told)


@pytest.mark.parametrize(
    "header",
    [b"Livret-After", b"traceparent", b"Idempotency-Key", b"If-Match", b"X-Forwarded-For", b"Cookie"],
)
@pytest.mark.parametrize(
    "value",
    [b"\xff\xfe", b"a\x1b[2J", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01", b"," * 5000, b"x" * 9000],
    ids=range(5),
)  # fmt: skip
def test_no_header_is_a_fault(header: bytes, value: bytes, portal: RunningPortal) -> None:
    for path in (ME.encode(), DOOR.encode()):
        sent = header + b": " + value + b"\r\nContent-Type: application/json\r\n"
        assert status_of(raw(portal, request(path, sent, b"{}"))) in (400, 401, 403, 405, 422)


def test_what_strangers_call_themselves_forges_no_line_of_the_log(
    portal: RunningPortal, browser: httpx.Client
) -> None:
    """Runs last, over all that was sent before."""
    agent = FORGED.encode().replace(b"\r\n", b"")
    for _ in range(3):
        raw(portal, request(DOOR.encode(), b"User-Agent: " + agent + b"\r\n", b'{"portal": "\\n\\u001b[2J"}'))
    browser.post(DOOR, json={"portal": "x", "identifier": FORGED, "password": FORGED})
    logs = list((portal.data / "logs").glob("*.log"))
    whole = [path.read_bytes().rpartition(b"\n")[0] for path in logs]
    lines = [line for content in whole for line in content.splitlines()]
    assert {path.stem for path in logs} >= {"api", "workers"}
    assert lines
    for line in lines:
        assert not set(line.decode()) & set("\x1b\x9b\u2028\x85\r")
        assert PASSWORD.encode() not in line
        if line.startswith(b"{"):
            assert json.loads(line)["event"] != "forged"
