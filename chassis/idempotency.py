"""`Idempotency-Key`: a POST that creates or costs, sent twice, is done once and answered twice alike.

`APIRouter(route_class=IdempotentRoute)` asks a key of each POST of that router. The answer is stored in the
transaction that did the work, so that neither is ever there without the other: the route's handler runs
while the transaction of `chassis.unit` is open, and what wraps it stores what it returned. Only an answer
that was given is kept; a refusal rolls back, and the same key may be tried again.
"""

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import text

from chassis import after
from chassis.answers import say_after
from chassis.auth import Caller
from chassis.clock import system_now
from chassis.db import Database, Scope, Tx
from chassis.refusals import Pointer, Refusal

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT = timedelta(hours=48)
MAX_KEY = 255
_NIL = UUID(int=0)
_STORED_HEADERS = frozenset({"content-type", "location", "etag", after.HEADER.lower()})

_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
_FIND = text(
    "SELECT fingerprint, status, headers, body FROM idempotent_answer"
    " WHERE customer_id = :customer_id AND credential_id = :credential_id AND key = :key"
)
_STORE = text(
    "INSERT INTO idempotent_answer"
    " (customer_id, credential_id, key, fingerprint, status, headers, body, answered_at)"
    " VALUES (:customer_id, :credential_id, :key, :fingerprint, :status, CAST(:headers AS jsonb), :body,"
    " :answered_at)"
)
_EXPIRE = text("DELETE FROM idempotent_answer WHERE answered_at < :before")


class IdempotencyKeyMissing(Refusal):
    slug = "idempotency-key-missing"
    status = 400
    sentence = f"This asks for the header {HEADER}, of at most {MAX_KEY} printable characters."


class IdempotencyKeyReused(Refusal):
    slug = "idempotency-key-reused"
    status = 422
    sentence = "This idempotency key was used for another request."


class RequestInFlight(Refusal):
    slug = "request-in-flight"
    status = 409
    sentence = "A request with this idempotency key is being worked on."


@dataclass(frozen=True, slots=True)
class Attempt:
    """One use of a key: whose it is, and the request it stands for."""

    customer_id: UUID
    credential_id: UUID
    key: str
    fingerprint: bytes

    def identity(self) -> dict[str, Any]:
        """What an answer is found by."""
        return {"customer_id": self.customer_id, "credential_id": self.credential_id, "key": self.key}


class _Answered(Exception):
    """The key has its answer: it leaves instead of any work."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


async def _declared(key: Annotated[str | None, Header(alias=HEADER, max_length=MAX_KEY)] = None) -> None:
    """Shows the header in the API document; `begin` asks for it, once the caller is known."""


_DECLARED = Depends(_declared)


class IdempotentRoute(APIRoute):
    """A route whose POST needs an idempotency key. It takes `Work`: without it, nothing would be stored."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        given = options.get("dependencies") or ()
        if "POST" in (options.get("methods") or ()) and _DECLARED not in given:
            options["dependencies"] = [*given, _DECLARED]
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, its answer stored before the transaction ends."""
        handle = super().get_route_handler()

        async def handle_once(request: Request) -> Response:
            if request.method != "POST":
                return await handle(request)
            request.state.fingerprint = await _fingerprint(request)
            try:
                answer = await handle(request)
            except _Answered as answered:
                return answered.answer
            await _store(request, answer)
            return answer

        return handle_once


async def begin(request: Request, tx: Tx, caller: Caller) -> None:
    """On an idempotent route, takes the key for this transaction, or ends the request with its answer.

    Two transactions with one key at once: the second is refused, and may come back for the answer.
    """
    fingerprint = getattr(request.state, "fingerprint", None)
    if fingerprint is None:
        return
    key = request.headers.get(HEADER, "")
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        raise IdempotencyKeyMissing(errors=[Pointer(f"header/{HEADER.lower()}", "missing or unusable")])
    attempt = Attempt(caller.customer_id or _NIL, caller.credential_id, key, fingerprint)
    name = "/".join(str(part) for part in attempt.identity().values())
    if not (await tx.execute(_LOCK, {"name": name})).scalar_one():
        raise RequestInFlight(retry_after=1)
    await _require_unanswered(tx, attempt)
    request.state.attempt = attempt


async def expire(db: Database) -> int:
    """Deletes the answers that are no longer kept; returns how many."""
    async with db.transaction(Scope.machine()) as tx:
        return (await tx.execute(_EXPIRE, {"before": system_now() - KEPT})).rowcount


async def _fingerprint(request: Request) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return digest.digest()


async def _require_unanswered(tx: Tx, attempt: Attempt) -> None:
    found = await tx.fetch_one(_FIND, attempt.identity())
    if found is None:
        return
    if bytes(found.fingerprint) != attempt.fingerprint:
        raise IdempotencyKeyReused
    raise _Answered(Response(found.body, found.status, headers={**found.headers, REPLAYED: "true"}))


async def _store(request: Request, answer: Response) -> None:
    attempt: Attempt | None = getattr(request.state, "attempt", None)
    if attempt is None:
        raise RuntimeError(f"{request.url.path} asks for an idempotency key, but its route takes no `Work`")
    tx: Tx = request.state.tx
    say_after(answer.headers, tx.emitted)
    kept = {name: value for name, value in answer.headers.items() if name in _STORED_HEADERS}
    values = {
        "fingerprint": attempt.fingerprint,
        "status": answer.status_code,
        "headers": orjson.dumps(kept).decode(),
        "body": bytes(answer.body),
        "answered_at": system_now(),
    }
    await tx.execute(_STORE, attempt.identity() | values)
