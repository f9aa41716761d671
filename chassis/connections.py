"""What a connection may say before it is a request: so many bytes of headers, within so many seconds.

uvicorn reads headers of any length for as long as they come; a few hundred connections that never end theirs
would hold its memory and its sockets. What is no request at all is refused in the same form as anything else.
"""

import asyncio
from asyncio.events import TimerHandle
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from chassis.problems import MEDIA_TYPE, document
from chassis.refusals import Refusal

MAX_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0


class RequestUnreadable(Refusal):
    slug = "request-unreadable"
    status = 400
    sentence = "This is not an HTTP request."


class HeadersTooLarge(Refusal):
    slug = "headers-too-large"
    status = 431
    sentence = f"Address and headers together are larger than {MAX_HEAD_BYTES} bytes."


class Connection(HttpToolsProtocol):
    """uvicorn's protocol with these limits; a connection that exceeds one is closed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._in_head = True
        self._head_bytes = 0
        self._head_ends: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection; it is to say something soon."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is waited for."""
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts what comes before a request's headers end; a piece is never larger than some 256 KB."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(HeadersTooLarge())

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        if not self._in_head:
            self._await_head()

    def on_headers_complete(self) -> None:
        """From here on it is a request, which the app answers for."""
        self._end_head()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What the parser cannot read."""
        self._refuse(RequestUnreadable())

    def _await_head(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._head_ends = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _end_head(self) -> None:
        self._in_head, self._head_bytes = False, 0
        if self._head_ends is not None:
            self._head_ends.cancel()
            self._head_ends = None

    def _refuse(self, refusal: Refusal) -> None:
        body = orjson.dumps(document(refusal, None))
        head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[refusal.status] + head.encode("ascii") + body)
        self.transport.close()
