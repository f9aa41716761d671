"""A small service that uses every convention of the HTTP side: notes of a customer."""

import asyncio
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import text

from chassis.app import create_api
from chassis.auth import Caller, KeySource, Public, Role, allowed
from chassis.clock import system_now
from chassis.db import Database, tenant_policy
from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.refusals import Pointer, Refusal
from chassis.settings import Settings
from chassis.unit import Entrance, Read, Work
from contracts.events.tenancy import CompanyActivated

FirmAdmin = Annotated[Caller, allowed(Role.firm_admin)]
FirmOrStaff = Annotated[Caller, allowed(Role.firm_admin, Role.firm_collaborator, Role.publisher_admin)]

TABLES = [
    """
    CREATE TABLE note (
        customer_id uuid NOT NULL,
        note_id uuid NOT NULL,
        body text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        PRIMARY KEY (customer_id, note_id),
        UNIQUE (customer_id, body) DEFERRABLE INITIALLY DEFERRED
    )
    """,
    *tenant_policy("note"),
]

_INSERT = text("INSERT INTO note (customer_id, note_id, body) VALUES (:customer_id, :note_id, :body)")
_PAGE = text(
    "SELECT note_id, body FROM note WHERE CAST(:after AS uuid) IS NULL OR note_id > CAST(:after AS uuid)"
    " ORDER BY note_id LIMIT :rows"
)
_LOCK = text("SELECT note_id, body, version FROM note WHERE note_id = :note_id FOR UPDATE")
_LINES = text("SELECT count(*) FROM audit_trail")
_SAVE = text("UPDATE note SET body = :body, version = version + 1 WHERE note_id = :note_id")


class NoteUnknown(Refusal):
    slug = "note-unknown"
    status = 404
    sentence = "There is no such note."


class TooLate(Refusal):
    slug = "too-late"
    status = 409
    clause = "13.2-e"
    sentence = "This comes too late."


class NoteIn(BaseModel):
    """A note to be."""

    body: str = Field(min_length=1, max_length=200)


class NoteOut(BaseModel):
    """A note."""

    note_id: UUID
    body: str


class Door:
    """Lets a test hold a request in the middle of its work."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.open = asyncio.Event()
        self.calls = 0


door = Door()
creating = APIRouter(route_class=IdempotentRoute, prefix="/notes", tags=["notes"])
router = APIRouter(tags=["notes"])


@creating.post("", status_code=201)
async def make_note(note: NoteIn, caller: FirmAdmin, work: Work, response: Response) -> NoteOut:
    note_id = uuid4()
    await work.tx.execute(_INSERT, {"customer_id": caller.customer_id, "note_id": note_id, "body": note.body})
    await work.audit("make_note", subject=note_id, details={"length": len(note.body)})
    assert caller.customer_id is not None
    response.headers["Location"] = f"/v1/notes/{note_id}"
    await work.emit(
        CompanyActivated(customer_id=caller.customer_id, company_id=note_id, activated_at=system_now())
    )
    return NoteOut(note_id=note_id, body=note.body)


@creating.post("/slow", status_code=201)
async def make_slowly(note: NoteIn, caller: FirmAdmin, work: Work) -> NoteOut:
    door.calls += 1
    door.entered.set()
    await door.open.wait()
    return NoteOut(note_id=uuid4(), body=note.body)


@creating.post("/refused")
async def make_too_late(note: NoteIn, caller: FirmAdmin, work: Work) -> NoteOut:
    await work.tx.execute(_INSERT, {"customer_id": caller.customer_id, "note_id": uuid4(), "body": note.body})
    raise TooLate("It was due yesterday.", errors=[Pointer("/body", "late")], retry_after=7)


@creating.get("")
async def list_notes(caller: FirmOrStaff, read: Read, paging: Paging) -> Page[NoteOut]:
    after = paging.after(UUID)
    rows = await read.tx.fetch_all(_PAGE, {"after": after[0] if after else None, "rows": paging.rows})
    return page_of(rows, paging, lambda row: NoteOut(note_id=row.note_id, body=row.body), lambda row: row[:1])


@creating.put("/{note_id}")
async def change_note(
    note_id: UUID, note: NoteIn, caller: FirmAdmin, work: Work, seen: IfMatch, response: Response
) -> NoteOut:
    row = await work.tx.fetch_one(_LOCK, {"note_id": note_id})
    if row is None:
        raise NoteUnknown
    seen.require(row.version)
    await work.tx.execute(_SAVE, {"note_id": note_id, "body": note.body})
    was, became = {"body": row.body, "kind": "note"}, {"body": note.body, "kind": "note"}
    await work.audit("change_note", subject=note_id, before=was, after=became)
    show_etag(response, row.version + 1)
    return NoteOut(note_id=note_id, body=note.body)


@router.post("/plain-notes")
async def make_plainly(note: NoteIn, caller: FirmAdmin, work: Work) -> NoteOut:
    note_id = uuid4()
    await work.tx.execute(_INSERT, {"customer_id": caller.customer_id, "note_id": note_id, "body": note.body})
    return NoteOut(note_id=note_id, body=note.body)


@router.put("/said/{company_id}", status_code=204)
async def say(company_id: UUID, caller: FirmAdmin, work: Work) -> None:
    assert caller.customer_id is not None
    await work.emit(
        CompanyActivated(customer_id=caller.customer_id, company_id=company_id, activated_at=system_now())
    )


@router.post("/written-while-reading")
async def write_while_reading(note: NoteIn, caller: FirmAdmin, read: Read) -> NoteOut:
    await read.tx.execute(_INSERT, {"customer_id": caller.customer_id, "note_id": uuid4(), "body": note.body})
    return NoteOut(note_id=uuid4(), body=note.body)


@router.get("/fault")
async def fail(caller: FirmAdmin) -> None:
    raise RuntimeError("the secret ingredient is sel")


@router.get("/whoami")
async def whoami(caller: FirmOrStaff) -> dict[str, str | None]:
    return {"person_id": str(caller.person_id), "role": caller.role.value}


@router.post("/echo-size", dependencies=[Public])
async def echo_size(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@router.post("/uploads", dependencies=[Public])
async def upload(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@router.get("/headers", dependencies=[Public])
async def show_headers(request: Request) -> dict[str, str | None]:
    return {name: request.headers.get(name) for name in ("authorization", "cookie")}


@router.post("/headers", dependencies=[Public])
async def show_headers_of_post(request: Request) -> dict[str, str | None]:
    return {name: request.headers.get(name) for name in ("authorization", "cookie")}


@router.post("/visits", dependencies=[Public])
async def visit(entrance: Entrance) -> dict[str, int]:
    await entrance.audit("visit", details={"by": "nobody known"})
    return {"lines_seen": (await entrance.tx.execute(_LINES)).scalar_one()}


def create_notes(settings: Settings, keys: KeySource) -> FastAPI:
    """The service."""
    return create_api(
        "chassis",
        settings,
        title="Notes",
        routers=[creating, router],
        keys=lambda _app: keys,
        larger_bodies={"/v1/uploads": 4 * 1024 * 1024},
    )


async def make_tables(owner_url: str) -> None:
    """The service's tables, made by the owner role."""
    owner = Database.create(owner_url)
    async with owner.engine.begin() as connection:
        for statement in TABLES:
            await connection.execute(text(statement))
    await owner.close()
