"""Who may write for a customer: what agents keep, and the contacts of its tickets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.ticketing.model.mail import KnownSender, SenderKind, Whose
from services.ticketing.refusals.mail import SenderKnownAlready, SenderUnknown

_COLUMNS = "customer_id, sender_id, kind, value, company_id, added_at, added_by"
_INSERT = text(f"""
    INSERT INTO mail_sender ({_COLUMNS})
    VALUES (:customer_id, :sender_id, :kind, :value, :company_id, :added_at, :added_by)
    ON CONFLICT (customer_id, value) DO NOTHING RETURNING sender_id
""")  # noqa: S608
_LIST = text(f"""
    SELECT {_COLUMNS} FROM mail_sender WHERE customer_id = :customer_id AND value > :after
    ORDER BY value LIMIT :limit
""")  # noqa: S608
_DELETE = text(f"""
    DELETE FROM mail_sender WHERE customer_id = :customer_id AND sender_id = :sender_id RETURNING {_COLUMNS}
""")  # noqa: S608
_BY_VALUE = text("""
    SELECT customer_id, company_id FROM mail_sender WHERE value = :value
    ORDER BY customer_id LIMIT :most
""")
# What a customer itself calls a contact says nothing of whose that address is: it could name another firm's,
# and would read what that one writes. Those counted are of mails that were attributed, and of agents' calls;
# not of tickets that go on from another, which their contact may do because a customer named it there.
_CONTACTS = text("""
    SELECT DISTINCT customer_id FROM ticket
    WHERE lower(contact_email) = :address AND contact_email IS NOT NULL
      AND channel IN ('email', 'telephone') AND follows IS NULL
    ORDER BY customer_id LIMIT :most
""")
_MOST = 50


async def add_sender(tx: Tx, sender: KnownSender) -> None:
    """One more. Raises SenderKnownAlready."""
    row = await tx.fetch_one(
        _INSERT,
        {
            "customer_id": sender.customer_id,
            "sender_id": sender.sender_id,
            "kind": sender.kind.value,
            "value": sender.value,
            "company_id": sender.company_id,
            "added_at": sender.added_at,
            "added_by": sender.added_by,
        },
    )
    if row is None:
        raise SenderKnownAlready


async def list_senders(tx: Tx, customer_id: UUID, after: str, limit: int) -> list[KnownSender]:
    """Those of a customer, by their value."""
    rows = await tx.fetch_all(_LIST, {"customer_id": customer_id, "after": after, "limit": limit})
    return [_sender(row) for row in rows]


async def remove_sender(tx: Tx, customer_id: UUID, sender_id: UUID) -> KnownSender:
    """It writes for this customer no more. Raises SenderUnknown."""
    row = await tx.fetch_one(_DELETE, {"customer_id": customer_id, "sender_id": sender_id})
    if row is None:
        raise SenderUnknown
    return _sender(row)


async def find_whose(tx: Tx, address: str) -> Sequence[Whose]:
    """For whom this address, in lower case, writes, as far as the scope sees.

    What agents said of the address itself comes first, then whose tickets by mail or telephone it was the
    contact of, then what was said of its domain.
    """
    named = await tx.fetch_all(_BY_VALUE, {"value": address, "most": _MOST})
    if not named:
        contacts = await tx.fetch_all(_CONTACTS, {"address": address, "most": _MOST})
        if contacts:
            return [Whose(row.customer_id) for row in contacts]
        named = await tx.fetch_all(_BY_VALUE, {"value": address.rpartition("@")[2], "most": _MOST})
    return [Whose(row.customer_id, row.company_id) for row in named]


def _sender(row: Row[Any]) -> KnownSender:
    return KnownSender(
        customer_id=row.customer_id,
        sender_id=row.sender_id,
        kind=SenderKind(row.kind),
        value=row.value,
        company_id=row.company_id,
        added_at=row.added_at,
        added_by=row.added_by,
    )
