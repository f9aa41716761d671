"""Runs a target's script once: each step asked, read within its bounds, and compared with what is expected.

Secrets go into requests and nowhere else: what is kept of an answer is a short printable excerpt without
them.
"""

import asyncio
import errno
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import httpcore
import httpx
import pyotp

from chassis.clock import monotonic, system_now
from services.availability.model.probes import (
    Answer,
    Assignment,
    Fault,
    ProbeResult,
    Step,
    StepResult,
)
from services.availability.probing.network import Addresses, AddressRefused, NameUnknown, Transport
from services.availability.rules.scripts import (
    ValueUnusable,
    asked_by,
    excerpt,
    extracted,
    fault_in,
    is_available,
    named_in,
)

MAX_REDIRECTS = 5
REFUSED_FROM = 400
AGENT = "livret-probe"
_RESOURCES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
_NETWORK = frozenset({errno.ENETDOWN, errno.ENETUNREACH})
_FAULTS: tuple[tuple[type[Exception], Fault], ...] = (
    (NameUnknown, Fault.dns),
    (AddressRefused, Fault.address_refused),
    (httpcore.ConnectTimeout, Fault.timeout),
    (httpcore.TimeoutException, Fault.timeout),
    (TimeoutError, Fault.timeout),
    (httpcore.ConnectError, Fault.connect),
    (httpcore.NetworkError, Fault.closed),
    (httpcore.RemoteProtocolError, Fault.closed),
    (httpcore.ProtocolError, Fault.protocol),
    (httpcore.UnsupportedProtocol, Fault.protocol),
    (httpx.HTTPError, Fault.protocol),
    (httpx.InvalidURL, Fault.script),
    (ValueUnusable, Fault.script),
)

Values = dict[tuple[str, str], str]


class _Authenticator(pyotp.TOTP):
    """Takes the short secrets that many a service still gives: which are good enough is its own affair."""

    min_secret_length_bits = 80


class _Failed(Exception):
    def __init__(self, fault: Fault, detail: str, status: int) -> None:
        super().__init__(fault)
        self.fault, self.detail, self.status = fault, detail, status


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs scripts with these addresses and certificate authorities."""

    addresses: Addresses
    trusted: ssl.SSLContext

    async def run(self, assignment: Assignment, planned_at: datetime) -> ProbeResult:
        """One run, up to the first step that fails. Never raises for what a target does."""
        script = assignment.script
        started_at = system_now()
        steps: list[StepResult] = []
        values: Values = {("secret", name): value for name, value in assignment.secrets.items()}
        until = monotonic() + script.timeout_ms / 1000
        async with httpx.AsyncClient(
            transport=Transport(self.addresses, self.trusted),
            headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
            trust_env=False,
        ) as client:
            for step in script.steps:
                result = await self._step(client, step, values, until, script.body_limit)
                steps.append(result)
                if result.fault is not None:
                    break
        return ProbeResult(
            assignment.target_id,
            assignment.revision,
            planned_at,
            started_at,
            is_available(steps),
            tuple(steps),
            steps[-1].fault,
        )

    async def _step(
        self, client: httpx.AsyncClient, step: Step, values: Values, until: float, body_limit: int
    ) -> StepResult:
        began = monotonic()
        result = StepResult(step.name, 0, logs_in=step.logs_in)
        try:
            usable = _with_codes(step, values)
            async with asyncio.timeout(min(step.timeout_ms / 1000, max(0.0, until - began))):
                answer = await _asked(client, step, usable, body_limit)
            values.update(_compared(step, answer, usable))
            result = replace(result, status=answer.status)
        except _Failed as failed:
            result = replace(result, fault=failed.fault, detail=failed.detail, status=failed.status)
        except Exception as fault:  # noqa: BLE001 - whatever a target does is what was found of it
            result = replace(result, fault=fault_of(fault), detail=type(fault).__name__)
        return replace(result, took_ms=int((monotonic() - began) * 1000))


async def _asked(client: httpx.AsyncClient, step: Step, values: Values, body_limit: int) -> Answer:
    asked = asked_by(step, values)
    request = client.build_request(
        step.method.value,
        asked.url,
        headers=dict(asked.headers),
        data=None if asked.form is None else dict(asked.form),
        content=asked.body,
        timeout=httpx.Timeout(step.timeout_ms / 1000),
    )
    answer = await client.send(request, stream=True, follow_redirects=False)
    for _ in range(MAX_REDIRECTS if step.follow_redirects else 0):
        if answer.next_request is None:
            break
        await answer.aclose()
        onward = _onward(request, answer.next_request, asked.headers)
        answer, request = await client.send(onward, stream=True, follow_redirects=False), onward
    if step.follow_redirects and answer.next_request is not None:
        await answer.aclose()
        raise _Failed(Fault.redirects, f"more than {MAX_REDIRECTS}", answer.status_code)
    try:
        body, cut = await _read(answer, body_limit)
    finally:
        await answer.aclose()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status_code, headers, body, cut)


def _onward(before: httpx.Request, after: httpx.Request, headers: Mapping[str, str]) -> httpx.Request:
    """The request that a redirect asks for. To another origin goes nothing that the script put in: neither
    its headers nor a body; and nothing goes from HTTPS to HTTP.
    """
    here, there = before.url, after.url
    if (here.scheme, here.host, here.port) == (there.scheme, there.host, there.port):
        return after
    if here.scheme == "https" and there.scheme != "https":
        raise _Failed(Fault.redirects, "from https to http", 0)
    if after.method not in ("GET", "HEAD"):
        raise _Failed(Fault.redirects, "with its body to another origin", 0)
    for name in headers:
        after.headers.pop(name, None)
    return after


def _with_codes(step: Step, values: Values) -> Values:
    """The values with the codes of now of the authenticators that this step names."""
    codes = {
        (kind, name): _Authenticator(values["secret", name]).at(int(system_now().timestamp()))
        for kind, name in named_in(step)
        if kind == "totp"
    }
    return values | codes


async def _read(answer: httpx.Response, limit: int) -> tuple[bytes, bool]:
    """The beginning of a body, as it comes, and whether there was more."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_raw():
        parts.append(part)
        size += len(part)
        if size > limit:
            return b"".join(parts)[:limit], True
    return b"".join(parts), False


def _compared(step: Step, answer: Answer, values: Values) -> Values:
    """What later steps need of an answer; raises what is not as expected."""
    found = fault_in(answer, step.expect)
    if found is not None:
        raise _Failed(found[0], _detail(found[1], step, answer, values), answer.status)
    told = extracted(answer, step.extract)
    if isinstance(told, str):
        detail = _detail(f"nothing found for {told}", step, answer, values)
        raise _Failed(Fault.value_missing, detail, answer.status)
    return {("", name): value for name, value in told.items()}


def _detail(words: str, step: Step, answer: Answer, values: Values) -> str:
    """What was wrong, with the beginning of the answer, unless that may hold what the step was to obtain."""
    obtains = (step.logs_in or step.extract) and answer.status < REFUSED_FROM
    shown = "" if obtains else excerpt(answer.body, values.values())
    return f"{words}: {shown}" if shown else words


def fault_of(fault: BaseException) -> Fault:
    """What a failure says: of the target, or of the prober itself when its own machine refused."""
    number = _errno_of(fault)
    if number in _RESOURCES:
        return Fault.resources
    if number in _NETWORK:
        return Fault.no_network
    if _is_of_tls(fault):
        return Fault.tls
    return next((named for kind, named in _FAULTS if isinstance(fault, kind)), Fault.script)


def _errno_of(fault: BaseException | None) -> int | None:
    """The number of the system's error at the bottom of a failure."""
    while fault is not None:
        if isinstance(fault, OSError) and fault.errno is not None:
            return fault.errno
        fault = fault.__cause__ or fault.__context__
    return None


def _is_of_tls(fault: BaseException | None) -> bool:
    while fault is not None:
        if isinstance(fault, ssl.SSLError):
            return True
        fault = fault.__cause__ or fault.__context__
    return False
