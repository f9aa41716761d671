"""How large a body may be: refused by its announced length, or where it grows past the limit."""

from collections.abc import Mapping
from contextlib import suppress

from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.problems import render
from chassis.refusals import Refusal

DEFAULT_BYTES = 1024 * 1024


class BodyTooLarge(Refusal):
    slug = "body-too-large"
    status = 413
    sentence = "The body is larger than this operation takes."


class _Overflow(Exception):
    """Ends the reading of a body; the middleware answers for it."""


class BodyLimit:
    """The middleware. `larger` names the paths (by their beginning) that take more than the default."""

    def __init__(
        self, app: ASGIApp, default: int = DEFAULT_BYTES, larger: Mapping[str, int] | None = None
    ) -> None:
        self.app = app
        self.default = default
        self.larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit(get_route_path(scope))
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isascii() or not announced.isdigit() or int(announced[:19]) > limit:
            await self._refuse(limit, scope, receive, send)
        else:
            await self._follow(limit, scope, receive, send)

    def _limit(self, path: str) -> int:
        found = (size for start, size in self.larger.items() if path.startswith(start))
        return max(found, default=self.default)

    async def _follow(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        seen, started = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b"")) if message["type"] == "http.request" else 0
            if seen > limit:
                raise _Overflow
            return message

        async def unless_overflown(message: Message) -> None:
            nonlocal started
            if seen <= limit or started:
                started = True
                await send(message)

        with suppress(_Overflow):
            await self.app(scope, counted, unless_overflown)
        if seen > limit and not started:
            await self._refuse(limit, scope, receive, send)

    async def _refuse(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = BodyTooLarge(f"At most {limit} bytes are taken.", headers={"Connection": "close"})
        await render(refusal)(scope, receive, send)
