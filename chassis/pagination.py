"""Lists by cursor: `?limit&cursor` in, `{items, next_cursor}` out.

A cursor is the sort key of the last item, made opaque. It is no secret and gives no right: the query that
reads on from it is scoped like any other.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel, Field

from chassis.refusals import Pointer, Refusal

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
MAX_CURSOR = 1000

T = TypeVar("T")
R = TypeVar("R")


def _instant(part: str) -> datetime:
    """An instant as a cursor of ours tells it: never without its offset."""
    instant = datetime.fromisoformat(part)
    if instant.tzinfo is None:
        raise ValueError("an instant without an offset")
    return instant.astimezone(UTC)


_READERS: dict[type, Callable[[Any], Any]] = {
    str: str,
    int: int,
    UUID: UUID,
    datetime: _instant,
    date: date.fromisoformat,
}


class CursorUnreadable(Refusal):
    slug = "cursor-unreadable"
    status = 422
    sentence = "This cursor is not one of this list."


class Page(BaseModel, Generic[T]):
    """Some items, and where the next ones begin; without `next_cursor` there are none."""

    items: list[T] = Field(max_length=MAX_LIMIT)
    next_cursor: str | None = Field(default=None, max_length=MAX_CURSOR)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many items are asked for, and after which."""

    limit: int
    cursor: str | None = None

    @property
    def rows(self) -> int:
        """How many rows to read: one more than asked for tells whether there are others."""
        return self.limit + 1

    def after(self, *kinds: type) -> tuple[Any, ...] | None:
        """The sort key to read on from, its parts of these kinds; None for the first page.

        Raises `CursorUnreadable` for anything that this list cannot have given.
        """
        if self.cursor is None:
            return None
        try:
            parts = orjson.loads(base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4)))
            if not isinstance(parts, list) or len(parts) != len(kinds):
                raise ValueError("another list's cursor")
            return tuple(_read(kind, part) for kind, part in zip(kinds, parts, strict=True))
        except (ValueError, TypeError, OverflowError, binascii.Error, AttributeError):
            raise CursorUnreadable(errors=[Pointer("query/cursor", "not a cursor of this list")]) from None


def cursor_after(*parts: object) -> str:
    """The cursor that reads on after an item with this sort key."""
    return base64.urlsafe_b64encode(orjson.dumps(list(parts), default=str)).rstrip(b"=").decode()


def page_of(
    rows: Sequence[R], request: PageRequest, item: Callable[[R], T], key: Callable[[R], Sequence[object]]
) -> Page[T]:
    """The page of what was read with `limit=request.rows`; `key` is the sort key of a row."""
    shown = rows[: request.limit]
    more = len(rows) > request.limit
    return Page(
        items=[item(row) for row in shown], next_cursor=cursor_after(*key(shown[-1])) if more else None
    )


async def page_request(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many items at most.")] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None, Query(max_length=MAX_CURSOR, description="`next_cursor` of the page before.")
    ] = None,
) -> PageRequest:
    """What a list route asks of its query string."""
    return PageRequest(limit, cursor)


Paging = Annotated[PageRequest, Depends(page_request)]


def _read(kind: type, part: Any) -> Any:
    fits = type(part) is int if kind is int else isinstance(part, str) and "\0" not in part
    if not fits:
        raise ValueError(f"not a {kind.__name__}")
    return _READERS[kind](part)
