"""Mails as people write them, delivered and worked on, and what becomes of them."""

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Scope
from services.ticketing.commands.mail_intake import work_next
from tests.integration.ticketing.portal import Portal
from tests.support.callers import once

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0"
    "000003010100c9fe92ef0000000049454e44ae426082"
)


def written(
    sender: str, subject: str = "A quote", said: str = "It cannot be saved.", **told: str
) -> EmailMessage:
    """A mail as a person's program writes it."""
    message = EmailMessage(policy=SMTP)
    headers = {"Message-ID": f"<{uuid4().hex}@cabinet.example>", "To": "support@portal.example"}
    headers |= {"From": f"Claire Durand <{sender}>", "Subject": subject}
    for name, value in (headers | {name.replace("_", "-"): value for name, value in told.items()}).items():
        message[name] = value
    message.set_content(said)
    return message


async def post(portal: Portal, message: EmailMessage | bytes, **envelope: str) -> httpx.Response:
    """The gateway delivers a mail."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return await portal.of(Role.machine).post(
        "/v1/mail", content=raw, params=envelope, headers={"Content-Type": "message/rfc822"}
    )


async def work(portal: Portal) -> int:
    """Works on all that is due; how many mails that was."""
    count = 0
    while await work_next(portal.db, portal.clock.business_now()):
        count += 1
    return count


async def mailed(portal: Portal, message: EmailMessage, **envelope: str) -> dict[str, Any]:
    """A mail was delivered and worked on; what staff sees of it."""
    taken = await post(portal, message, **envelope)
    assert taken.status_code == 202, taken.text
    await work(portal)
    return await seen(portal, taken.json()["mail_id"])


async def seen(portal: Portal, mail_id: str) -> dict[str, Any]:
    """A mail as staff reads it."""
    answer = await portal.agent.get(f"/v1/mails/{mail_id}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def known(portal: Portal, customer: UUID, sender: str, **more: Any) -> dict[str, Any]:
    """An agent says who writes for a customer."""
    path = f"/v1/customers/{customer}/mail-senders"
    answer = await portal.agent.post(path, json={"sender": sender} | more, headers=once())
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def writer(portal: Portal, plan: str = "open") -> tuple[UUID, str]:
    """A customer, and an address that writes for it."""
    customer, address = await portal.new_customer(plan), f"claire@{uuid4().hex[:12]}.example"
    await known(portal, customer, address)
    return customer, address


async def ticket_of(portal: Portal, told: dict[str, Any]) -> dict[str, Any]:
    """The ticket that a mail became, or was added to."""
    assert told["state"] == "done", told
    return await portal.read(told)


async def messages(portal: Portal, told: dict[str, Any]) -> list[dict[str, Any]]:
    """What was said about the ticket of a mail."""
    path = f"/v1/customers/{told['customer_id']}/tickets/{told['ticket_id']}/messages"
    items: list[dict[str, Any]] = (await portal.agent.get(path)).json()["items"]
    return items


async def files(portal: Portal, told: dict[str, Any]) -> list[tuple[str, int | None]]:
    """Names of a ticket's files, and the message that each came with."""
    async with portal.db.transaction(Scope.portal()) as tx:
        rows = await tx.fetch_all(
            text(
                "SELECT name, message_number FROM ticket_attachment WHERE ticket_id = :ticket_id"
                " ORDER BY name"
            ),
            {"ticket_id": UUID(told["ticket_id"])},
        )
    return [(row.name, row.message_number) for row in rows]


async def answers(portal: Portal, address: str) -> list[dict[str, Any]]:
    """Mails that go to an address."""
    async with portal.db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(
            text("SELECT payload FROM effect WHERE payload->>'to' = :address ORDER BY idempotency_key"),
            {"address": address},
        )
    return [dict(row.payload) for row in rows]


async def begun(portal: Portal) -> tuple[UUID, str, dict[str, Any], EmailMessage]:
    """A ticket that came by mail: its customer, its contact's address, itself, and the mail."""
    customer, address = await writer(portal)
    message = written(address)
    return customer, address, await ticket_of(portal, await mailed(portal, message)), message
