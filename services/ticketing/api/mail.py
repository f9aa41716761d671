"""Mail comes in by a gateway; the publisher's staff sees what became of it, agents decide what is unclear."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.auth import Caller, Role, allowed
from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.spreadsheet import attachment
from chassis.unit import Read, Work
from services.ticketing.api.permissions import Agent, StaffReader
from services.ticketing.commands import mail_delivery as commands
from services.ticketing.mail_reading import read_mail
from services.ticketing.model.mail import Envelope, MailState
from services.ticketing.schemas import mail as schemas
from services.ticketing.store import mail as store
from services.ticketing.store import mail_senders

creating = APIRouter(tags=["mail"], route_class=IdempotentRoute)
router = APIRouter(tags=["mail"])
ROUTERS = [creating, router]

Gateway = Annotated[Caller, allowed(Role.machine, scope="mail:deliver")]
Sender = Annotated[
    schemas.EnvelopeAddress | None,
    Query(description="Who sent it, by the envelope; empty for a null return path.", examples=[""]),
]
Recipient = Annotated[
    schemas.EnvelopeAddress | None,
    Query(description="Whom it was sent to, by the envelope.", examples=["support@portal.example"]),
]


@router.post("/mail", status_code=202, openapi_extra=schemas.MAIL_BODY)
async def deliver_mail(
    request: Request, work: Work, _caller: Gateway, recipient: Recipient = None, sender: Sender = None
) -> schemas.MailTaken:
    """Takes a whole mail and keeps it; it becomes a ticket or a message within seconds. It may come again:
    a mail is known by its Message-ID, writer, date, subject and body.
    """
    settings = request.app.state.settings
    own = commands.own_addresses(settings.mail_from, settings.mail_reply_to)
    envelope = Envelope(sender, recipient)
    mail = await commands.take_in(work.tx, await request.body(), envelope, own, work.clock.business_now())
    await work.audit("deliver_mail", subject=mail.mail_id)
    return schemas.MailTaken(mail_id=mail.mail_id, state=mail.state)


@router.get("/mails")
async def list_mails(
    work: Read,
    _caller: StaffReader,
    paging: Paging,
    state: Annotated[MailState | None, Query(description="Only these.")] = None,
) -> Page[schemas.MailShown]:
    """Mails in the order in which they came."""
    after = paging.after(int) or (0,)
    rows = await store.list_mails(work.tx, state, min(after[0], 2**63 - 1), paging.rows)
    return page_of(rows, paging, schemas.mail_shown, lambda mail: [mail.number])


@router.get("/mails/{mail_id}")
async def read_received_mail(mail_id: UUID, work: Read, _caller: StaffReader) -> schemas.MailRead:
    """A mail with its text and what it brings."""
    mail = await store.find_mail(work.tx, mail_id)
    read = await asyncio.to_thread(read_mail, await store.read_raw(work.tx, mail_id))
    return schemas.mail_read(mail, read)


@router.get("/mails/{mail_id}/source", response_class=Response, responses={200: schemas.SOURCE})
async def read_mail_source(mail_id: UUID, work: Read, _caller: StaffReader) -> Response:
    """A mail as it came, byte for byte, as a text to save."""
    raw = await store.read_raw(work.tx, mail_id)
    headers = attachment(f"{mail_id}.txt") | {"X-Content-Type-Options": "nosniff"}
    return Response(raw, headers=headers, media_type="text/plain")


@router.post("/mails/{mail_id}/assignment")
async def assign_mail(mail_id: UUID, sent: schemas.Assigned, work: Work, caller: Agent) -> schemas.MailShown:
    """Says whose a mail is, whatever it was taken for: it becomes a ticket of that customer, or goes on in
    the one that it names.
    """
    now = work.clock.business_now()
    mail = await commands.assign(work.tx, mail_id, sent.customer_id, caller.person_id, now)
    await work.audit("assign_mail", subject=mail_id, customer_id=sent.customer_id)
    return schemas.mail_shown(mail)


@router.post("/mails/{mail_id}/release")
async def release_mail(
    mail_id: UUID,
    work: Work,
    _caller: Agent,
    with_others: Annotated[bool, Query(description="And all that is held of its sender.")] = False,
) -> schemas.MailShown:
    """Lets a mail go on that is held because very many of its sender came. However many go on, no more of a
    customer's are worked on in a minute than of any other's.
    """
    now = work.clock.business_now()
    mail = await commands.release(work.tx, mail_id, now, with_others=with_others)
    await work.audit("release_mail", subject=mail_id, details={"with_others": with_others})
    return schemas.mail_shown(mail)


@router.post("/mails/{mail_id}/discarding")
async def discard_mail(
    mail_id: UUID, sent: schemas.Discarded, work: Work, _caller: Agent
) -> schemas.MailShown:
    """Puts a mail away that nothing has come of. Until it is too old to be kept, it can still be assigned."""
    mail = await commands.discard(work.tx, mail_id, sent.reason, work.clock.business_now())
    await work.audit("discard_mail", subject=mail_id, details={"reason": sent.reason})
    return schemas.mail_shown(mail)


@creating.post("/customers/{customer_id}/mail-senders", status_code=201)
async def add_mail_sender(
    customer_id: UUID, sent: schemas.NewSender, work: Work, caller: Agent
) -> schemas.SenderShown:
    """Says that an address, or every address of a domain, writes for a customer."""
    sender = await commands.add_sender(
        work.tx, customer_id, sent.sender, sent.company_id, caller.person_id, work.clock.business_now()
    )
    await work.audit(
        "add_mail_sender", subject=sender.sender_id, customer_id=customer_id, after={"sender": sender.value}
    )
    return schemas.sender_shown(sender)


@router.get("/customers/{customer_id}/mail-senders")
async def list_mail_senders(
    customer_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.SenderShown]:
    """Who writes for a customer, beside the contacts of its tickets."""
    after = paging.after(str) or ("",)
    rows = await mail_senders.list_senders(work.tx, customer_id, after[0], paging.rows)
    return page_of(rows, paging, schemas.sender_shown, lambda sender: [sender.value])


@router.delete("/customers/{customer_id}/mail-senders/{sender_id}", status_code=204)
async def remove_mail_sender(customer_id: UUID, sender_id: UUID, work: Work, _caller: Agent) -> None:
    """It writes for this customer no more; what it wrote stays."""
    sender = await mail_senders.remove_sender(work.tx, customer_id, sender_id)
    await work.audit(
        "remove_mail_sender", subject=sender_id, customer_id=customer_id, before={"sender": sender.value}
    )
