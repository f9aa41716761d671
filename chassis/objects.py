"""Objects in a store outside: a directory by default, or a bucket of any S3-compatible server, by its URL.

    file:///srv/livret/weather      a directory, made if need be
    s3://bucket/prefix              a bucket; who may and where it is, the environment says (`AWS_…`)

For S3 the environment gives `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, and for a server of
one's own `AWS_ENDPOINT_URL`; that address alone decides between HTTPS and plain HTTP.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, S3Store

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

_CLIENT: "ClientConfig" = {
    "allow_http": True,
    "connect_timeout": timedelta(seconds=3),
    "timeout": timedelta(seconds=10),
}
_TRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=15)}
_NO_SUCH_OBJECT = "<Code>NoSuchKey</Code>"


class StoreUnreadable(ValueError):
    """The URL names no store that there can be."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it was when it was read."""

    content: bytes
    stored_at: datetime
    """By the clock of the store."""


class Objects:
    """One store. Whatever keeps it from answering raises obstore's errors, OSError among them.

    A server that is silent is waited for some twenty seconds, one that has gone less than a second.
    """

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str) -> Self:
        """The store of that URL; nothing is asked of a server yet. Raises StoreUnreadable."""
        named = urlsplit(url)
        if named.scheme == "file" and not named.netloc and named.path not in ("", "/"):
            return cls(LocalStore(Path(unquote(named.path)), mkdir=True))
        if named.scheme == "s3" and named.netloc:
            prefix = named.path.strip("/") or None
            return cls(S3Store(named.netloc, prefix=prefix, client_options=_CLIENT, retry_config=_TRIES))
        raise StoreUnreadable(f"{url!r} is neither file:///directory nor s3://bucket/prefix")

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Stores an object in the place of the one before: a reader finds the one or the other, whole.

        A directory keeps no media type: who serves it goes by the name's ending. Power that fails may lose
        what was stored last.
        """
        attributes: Any = {"Content-Type": media_type} if isinstance(self._store, S3Store) else None
        await obstore.put_async(self._store, name, content, attributes=attributes)

    async def get(self, name: str) -> Found | None:
        """The object, or None where there is none. For a bucket that is not there: FileNotFoundError."""
        try:
            answer = await obstore.get_async(self._store, name)
            return Found(bytes(await answer.bytes_async()), answer.meta["last_modified"])
        except FileNotFoundError as missed:
            # To obstore a bucket or an account that a server does not know is an object that is not there.
            if isinstance(self._store, S3Store) and _NO_SUCH_OBJECT not in str(missed):
                raise
            return None

    async def list(self, prefix: str | None = None) -> AsyncIterator[str]:
        """The names of the objects below a prefix (whole parts of names), in no order."""
        async for some in obstore.list(self._store, prefix=prefix):
            for each in some:
                yield each["path"]
