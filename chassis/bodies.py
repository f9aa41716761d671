"""How large a body may be, and how slowly it may come: refused by its announced length, where it grows past
the limit, or when it takes longer than a thin line needs.
"""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.clock import monotonic
from chassis.problems import render
from chassis.refusals import Refusal

DEFAULT_BYTES = 1024 * 1024
PATIENCE_SECONDS = 20.0
SLOWEST = 2048
"""Bytes a second that a body comes with at least, once patience is over."""


class BodyTooLarge(Refusal):
    slug = "body-too-large"
    status = 413
    sentence = "The body is larger than this operation takes."


class BodyTooSlow(Refusal):
    slug = "body-too-slow"
    status = 408
    sentence = "The body did not come in time."


class _NotTaken(Exception):
    """Ends the reading of a body; the middleware answers for it."""


class BodyLimit:
    """The middleware. `larger` names the paths (by their beginning) that take more than the default; `*` in
    one stands for an id.
    """

    def __init__(
        self, app: ASGIApp, default: int = DEFAULT_BYTES, larger: Mapping[str, int] | None = None
    ) -> None:
        self.app = app
        self.default = default
        self.larger = [
            (re.compile(re.escape(start).replace(r"\*", "[^/]+") + "(?:/|$)"), size)
            for start, size in (larger or {}).items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit(get_route_path(scope))
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isascii() or not announced.isdigit() or int(announced[:19]) > limit:
            await render(_too_large(limit))(scope, receive, send)
        else:
            await self._follow(_Reading(receive, send, limit), scope)

    def _limit(self, path: str) -> int:
        found = (size for start, size in self.larger if start.match(path))
        return max(found, default=self.default)

    async def _follow(self, reading: "_Reading", scope: Scope) -> None:
        with suppress(_NotTaken):
            await self.app(scope, reading.receive, reading.send)
        if reading.refusal is not None and not reading.started:
            await render(reading.refusal)(scope, reading.receive_from, reading.send_to)


@dataclass(slots=True)
class _Reading:
    """One request's body as it comes. An app that answers without what was refused is not heard."""

    receive_from: Receive
    send_to: Send
    limit: int
    seen: int = 0
    more: bool = True
    started: bool = False
    refusal: Refusal | None = None
    began: float = field(default_factory=monotonic)

    async def receive(self) -> Message:
        """The next piece. Once the body is whole, what comes is only that the caller has gone."""
        if not self.more:
            return await self.receive_from()
        if self.refusal is not None:
            raise _NotTaken
        try:
            async with asyncio.timeout(self._seconds_left()):
                message = await self.receive_from()
        except TimeoutError:
            self._stop(BodyTooSlow(headers={"Connection": "close"}))
        self.more = message["type"] == "http.request" and message.get("more_body", False)
        self.seen += len(message.get("body", b""))
        if self.seen > self.limit:
            self._stop(_too_large(self.limit))
        return message

    async def send(self, message: Message) -> None:
        """What the app answers, unless the body was refused before it began to."""
        if self.refusal is None or self.started:
            self.started = True
            await self.send_to(message)

    def _seconds_left(self) -> float:
        return PATIENCE_SECONDS + self.seen / SLOWEST - (monotonic() - self.began)

    def _stop(self, refusal: Refusal) -> NoReturn:
        self.refusal = refusal
        raise _NotTaken


def _too_large(limit: int) -> Refusal:
    return BodyTooLarge(f"At most {limit} bytes are taken.", headers={"Connection": "close"})
