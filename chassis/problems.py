"""How every "no" leaves over HTTP: one RFC 9457 problem document, rendered here and nowhere else.

What the caller sent is never echoed: a rejected password would end up in somebody's log. A fault of ours
says only the trace it is found under.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from chassis import metrics
from chassis.refusals import Pointer, Refusal
from chassis.telemetry import current_trace_id

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:livret:problem:"
MAX_ERRORS = 100
RENDERED: tuple[type[Exception], ...] = (
    Refusal,
    RequestValidationError,
    HTTPException,
    DBAPIError,
    PoolTimeout,
    ConnectionError,
)
"""What `as_refusal` may know an answer for; anything else is a fault."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class ProblemError(BaseModel):
    """One part of the input, and what is wrong with it."""

    pointer: str = Field(max_length=300, examples=["/siret"])
    message: str = Field(max_length=1000, examples=["the check digit is wrong"])


class Problem(BaseModel):
    """RFC 9457, with the clause of the booklet that decided."""

    type: str = Field(max_length=200, examples=["urn:livret:problem:company-unknown"])
    title: str = Field(max_length=500)
    status: int = Field(ge=400, le=599)
    detail: str | None = Field(default=None, max_length=2000)
    clause: str | None = Field(default=None, max_length=20, examples=["13.2-e"])
    article: str | None = Field(default=None, max_length=20, examples=["13.2"])
    trace_id: str | None = Field(default=None, max_length=32)
    errors: list[ProblemError] = Field(default=[], max_length=MAX_ERRORS)


class InputRefused(Refusal):
    slug = "input-refused"
    status = 422
    sentence = "What was sent does not have the shape that is asked for."


class BodyUnreadable(Refusal):
    slug = "body-unreadable"
    status = 400
    sentence = "The body cannot be read."


class DatabaseUnavailable(Refusal):
    slug = "database-unavailable"
    status = 503
    sentence = "The database does not answer now."


class Fault(Refusal):
    slug = "fault"
    status = 500
    sentence = "This is a fault of ours. It was recorded under the trace id."


def document(refusal: Refusal, trace_id: str | None) -> dict[str, Any]:
    """The problem document of a refusal, without its empty members."""
    members = {
        "type": TYPE_PREFIX + refusal.slug,
        "title": refusal.sentence,
        "status": refusal.status,
        "detail": refusal.detail,
        "clause": refusal.clause,
        "article": refusal.article,
        "trace_id": trace_id,
        "errors": [
            {"pointer": error.pointer, "message": error.message} for error in refusal.errors[:MAX_ERRORS]
        ],
    }
    return {name: value for name, value in members.items() if value}


def render(refusal: Refusal) -> Response:
    """The answer that a refusal becomes."""
    headers = dict(refusal.headers)
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    content = orjson.dumps(document(refusal, current_trace_id()))
    return Response(content, refusal.status, headers=headers, media_type=MEDIA_TYPE)


def pointer_of(location: Sequence[int | str]) -> str:
    """Pydantic's place as a JSON pointer into the body, or `query/limit` outside of it."""
    place, *rest = [str(part) for part in location] or ["body"]
    escaped = [_clean(part.replace("~", "~0").replace("/", "~1")) for part in rest]
    pointer = "".join(f"/{part}" for part in escaped)
    return (pointer if place == "body" else place + pointer)[:300]


def pointers(errors: Iterable[Mapping[str, Any]]) -> list[Pointer]:
    """What validation found, without the values it found it in."""
    return [
        Pointer("" if error["type"] == "json_invalid" else pointer_of(error["loc"]), _clean(error["msg"]))
        for error in errors
    ]


def install(app: FastAPI, service: str) -> None:
    """Makes this app answer every error as a problem."""

    async def refused(_request: Request, error: Exception) -> Response:
        refusal = as_refusal(error)
        if refusal is None:
            raise error
        metrics.REFUSALS.labels(service, refusal.slug).inc()
        return render(refusal)

    for kind in RENDERED:
        app.add_exception_handler(kind, refused)


def as_refusal(error: Exception) -> Refusal | None:
    """The refusal that an error amounts to; None for a fault of ours."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, RequestValidationError):
        return InputRefused(errors=pointers(error.errors()))
    if isinstance(error, HTTPException):
        return _of_status(error)
    if isinstance(error, DBAPIError):
        return _of_database(error)
    return DatabaseUnavailable(retry_after=2) if isinstance(error, PoolTimeout | ConnectionError) else None


def _of_status(error: HTTPException) -> Refusal:
    """What the framework itself refuses: no such path, wrong method, unreadable body."""
    if error.status_code == BodyUnreadable.status:
        return BodyUnreadable()
    return _class_of_status(error.status_code)(headers=error.headers)


@cache
def _class_of_status(status: int) -> type[Refusal]:
    phrase = HTTPStatus(status).phrase
    slug = re.sub("[^a-z]+", "-", phrase.lower()).strip("-")
    return type("OfStatus", (Refusal,), {"slug": slug, "status": status, "sentence": f"{phrase}."})


def _of_database(error: DBAPIError) -> Refusal | None:
    """A lost connection is said as such; a NUL, which text cannot hold, is the caller's; the rest is ours."""
    state = getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated or state.startswith(("08", "57P", "53")):
        return DatabaseUnavailable(retry_after=2)
    if state in ("22021", "22P05"):
        return InputRefused("A text holds a character that cannot be stored, such as NUL.")
    if state in ("40001", "40P01"):
        return DatabaseUnavailable("Two writes met; the same request may be tried again.", retry_after=1)
    return None


def _clean(message: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", message)[:1000]
