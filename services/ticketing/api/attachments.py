"""Files of tickets: sent whole, checked before a transaction is open, and handed back to be saved."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.refusals import Pointer
from chassis.unit import Read, UnitOfWork, Work
from services.ticketing.api.files import handed_back
from services.ticketing.api.permissions import (
    Agent,
    StaffReader,
    TicketReader,
    TicketWriter,
    own_customer,
)
from services.ticketing.commands.attachments import attach
from services.ticketing.file_kinds import shown_by
from services.ticketing.model.attachments import Checked, Offered, Placing
from services.ticketing.model.messages import Side
from services.ticketing.refusals.attachments import AttachmentUnreadable
from services.ticketing.refusals.tickets import TicketUnknown
from services.ticketing.rules.attachments import FILE_BYTES, KINDS, checked
from services.ticketing.schemas.attachments import AttachmentShown, attachment_shown
from services.ticketing.store import attachments as store
from services.ticketing.store.tickets import find_ticket

creating = APIRouter(tags=["conversation"], route_class=IdempotentRoute)
router = APIRouter(tags=["conversation"])
ROUTERS = [creating, router]

OWN, CUSTOMERS = (
    "/tickets/{ticket_id}/attachments",
    "/customers/{customer_id}/tickets/{ticket_id}/attachments",
)
LARGER_BODIES = {
    f"/v1{path}": FILE_BYTES + 64 * 1024
    for path in ("/tickets/*/attachments", "/customers/*/tickets/*/attachments")
}
"""A form wraps a file in some bytes more."""
START = (datetime.min.replace(tzinfo=UTC), UUID(int=0))

_BINARY: dict[str, Any] = {"type": "string", "format": "binary", "maxLength": FILE_BYTES}
FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": _BINARY, "example": "%PDF-1.7 …"},
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": _BINARY}},
                "example": {"file": "%PDF-1.7 …"},
            },
        },
    }
}
REFUSED: dict[int | str, dict[str, Any]] = {
    413: {"description": "Too large."},
    415: {"description": "Of a type that is not taken."},
}
AS_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.media_type: {"schema": _BINARY, "example": "…"} for kind in KINDS}}
}

FileName = Annotated[str, Query(max_length=300, description="The file's name, where the body is the file.")]
WithMessage = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="The message of one's own that it goes with.")
]


async def _checked(request: Request, name: str) -> Checked:
    """The file of the body or of the form's part `file`, looked at in a thread."""
    offered = await _offered(request, name)
    return await asyncio.to_thread(lambda: checked(offered, shown_by(offered.content)))


async def _offered(request: Request, name: str) -> Offered:
    declared = request.headers.get("content-type", "")
    if not declared.startswith("multipart/form-data"):
        return Offered(name, declared, await request.body())
    async with request.form(max_files=1, max_fields=10) as form:
        part = form.get("file")
        if part is None or isinstance(part, str):
            raise AttachmentUnreadable(errors=[Pointer("/file", "missing")])
        return Offered(part.filename or name, part.content_type or "", await part.read())


async def customers_file(request: Request, _caller: TicketWriter, name: FileName = "") -> Checked:
    """What a customer sends."""
    return await _checked(request, name)


async def agents_file(request: Request, _caller: Agent, name: FileName = "") -> Checked:
    """What a technician sends."""
    return await _checked(request, name)


@creating.post(OWN, status_code=201, openapi_extra=FILE_BODY, responses=REFUSED)
async def attach_to_own_ticket(
    ticket_id: UUID,
    caller: TicketWriter,
    file: Annotated[Checked, Depends(customers_file)],
    work: Work,
    message: WithMessage = None,
) -> AttachmentShown:
    """Adds a file to a ticket: an image, a PDF, a text, an office document or a zip. Its content must be what
    its name and its declared type say (13.2-c).
    """
    placing = Placing(Side.customer, caller.person_id, message)
    return await _attached(work, own_customer(caller), ticket_id, file, placing)


@creating.post(CUSTOMERS, status_code=201, openapi_extra=FILE_BODY, responses=REFUSED)
async def attach_to_customer_ticket(
    customer_id: UUID,
    ticket_id: UUID,
    caller: Agent,
    file: Annotated[Checked, Depends(agents_file)],
    work: Work,
    message: WithMessage = None,
    internal: Annotated[bool, Query(description="For colleagues: no customer sees it.")] = False,
) -> AttachmentShown:
    """Adds a file for the customer, or for colleagues; one with a note is as internal as that is."""
    placing = Placing(Side.support, caller.person_id, message, internal)
    return await _attached(work, customer_id, ticket_id, file, placing)


@router.get(OWN)
async def list_own_attachments(
    ticket_id: UUID, work: Read, caller: TicketReader, paging: Paging
) -> Page[AttachmentShown]:
    """The files of a ticket, in the order in which they came."""
    return await _listed(work, own_customer(caller), ticket_id, paging, with_internal=False)


@router.get(CUSTOMERS)
async def list_attachments(
    customer_id: UUID, ticket_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[AttachmentShown]:
    """The files of a ticket, those for colleagues among them."""
    return await _listed(work, customer_id, ticket_id, paging, with_internal=True)


@router.get(f"{OWN}/{{attachment_id}}", response_class=Response, responses=AS_FILE)
async def read_own_attachment(
    ticket_id: UUID, attachment_id: UUID, work: Read, caller: TicketReader
) -> Response:
    """A file as it was sent, to be saved."""
    return await _handed_back(work, own_customer(caller), ticket_id, attachment_id, with_internal=False)


@router.get(f"{CUSTOMERS}/{{attachment_id}}", response_class=Response, responses=AS_FILE)
async def read_attachment(
    customer_id: UUID, ticket_id: UUID, attachment_id: UUID, work: Read, _caller: StaffReader
) -> Response:
    """A file as it was sent, to be saved. Nobody looked for viruses in it."""
    return await _handed_back(work, customer_id, ticket_id, attachment_id, with_internal=True)


async def _attached(
    work: UnitOfWork, customer_id: UUID, ticket_id: UUID, file: Checked, placing: Placing
) -> AttachmentShown:
    details = {"media_type": file.media_type, "bytes": len(file.content), "sha256": file.sha256}
    await work.audit("attach_file", subject=ticket_id, customer_id=customer_id, details=details)
    now = work.clock.business_now()
    return attachment_shown(await attach(work.tx, customer_id, ticket_id, file, placing, now))


async def _listed(
    work: UnitOfWork, customer_id: UUID, ticket_id: UUID, paging: PageRequest, *, with_internal: bool
) -> Page[AttachmentShown]:
    if await find_ticket(work.tx, customer_id, ticket_id) is None:
        raise TicketUnknown
    after = paging.after(datetime, UUID) or START
    rows = await store.list_attachments(
        work.tx, customer_id, ticket_id, (after[0], after[1]), paging.rows, with_internal=with_internal
    )
    return page_of(rows, paging, attachment_shown, lambda row: [row.added_at, row.attachment_id])


async def _handed_back(
    work: UnitOfWork, customer_id: UUID, ticket_id: UUID, attachment_id: UUID, *, with_internal: bool
) -> Response:
    found = await store.load_attachment(
        work.tx, customer_id, ticket_id, attachment_id, with_internal=with_internal
    )
    content = await store.load_content(work.tx, found)
    return Response(content, headers=handed_back(found.name, found.media_type, found.sha256))
