"""Mail that came in: kept once, worked on in its order, listed."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, text, update

from chassis.db import Tx
from services.ticketing.model.mail import NOBODY, UNDECIDED, MailState, ReceivedMail
from services.ticketing.refusals.mail import MailUnknown
from services.ticketing.tables.mail import INBOUND_MAIL

_KEPT = [INBOUND_MAIL.c[field.name] for field in fields(ReceivedMail)]
_NEW = tuple(field.name for field in fields(ReceivedMail) if field.name != "number")
_SETTLED = (
    "customer_id",
    "state",
    "reason",
    "explanation",
    "due_at",
    "ticket_id",
    "decided_by",
    "settled_at",
    "answered_at",
    "attempts",
    "is_whole",
)
_INSERT = insert(INBOUND_MAIL).values({name: bindparam(name) for name in (*_NEW, "raw")})
_UPDATE = (
    update(INBOUND_MAIL)
    .where(INBOUND_MAIL.c.mail_id == bindparam("of_mail"))
    .values({name: bindparam(name) for name in _SETTLED})
)
_ONE = select(*_KEPT).where(INBOUND_MAIL.c.mail_id == bindparam("of_mail"))
_ONE_LOCKED = _ONE.with_for_update()
_BY_DIGEST = select(*_KEPT).where(INBOUND_MAIL.c.digest == bindparam("known_as"))
_RAW = select(INBOUND_MAIL.c.raw).where(INBOUND_MAIL.c.mail_id == bindparam("of_mail"))
_DUE = (
    select(*_KEPT)
    .where(INBOUND_MAIL.c.state == MailState.received.value, INBOUND_MAIL.c.due_at <= bindparam("now"))
    .order_by(INBOUND_MAIL.c.due_at, INBOUND_MAIL.c.number)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_LIST = (
    select(*_KEPT)
    .where(INBOUND_MAIL.c.state == bindparam("in_state"), INBOUND_MAIL.c.number > bindparam("after"))
    .order_by(INBOUND_MAIL.c.number)
    .limit(bindparam("most"))
)
_LIST_ALL = (
    select(*_KEPT)
    .where(INBOUND_MAIL.c.number > bindparam("after"))
    .order_by(INBOUND_MAIL.c.number)
    .limit(bindparam("most"))
)
_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('inbound_mail', 0))")
_IS_DUE = text("SELECT EXISTS (SELECT FROM inbound_mail WHERE state = 'received' AND due_at <= :now)")
_BEFORE = text("""
    SELECT count(*) FROM (SELECT FROM inbound_mail
        WHERE sender = :sender AND received_at > :since AND state NOT IN ('ignored', 'discarded')
        LIMIT :most) AS came
""")
_PACE = text("""
    SELECT due_at FROM inbound_mail
    WHERE customer_id = :customer_id AND state NOT IN ('ignored', 'discarded', 'held')
    ORDER BY due_at DESC LIMIT 1 OFFSET :but
""")
_LATEST = text("""
    SELECT due_at FROM inbound_mail
    WHERE customer_id = :customer_id AND state NOT IN ('ignored', 'discarded', 'held')
    ORDER BY due_at DESC LIMIT :most
""")
_HELD_BESIDE = text("""
    SELECT mail_id FROM inbound_mail
    WHERE sender = :sender AND customer_id = :customer_id AND state = 'held' AND mail_id <> :mail_id
    ORDER BY number LIMIT :most FOR UPDATE
""")
_RELEASE = text("""
    UPDATE inbound_mail SET state = 'received', reason = NULL, due_at = turn.due_at
    FROM unnest(CAST(:mails AS uuid[]), CAST(:instants AS timestamptz[])) AS turn (mail_id, due_at)
    WHERE inbound_mail.mail_id = turn.mail_id
""")
_UNDECIDED = text("""
    SELECT state, count(*) AS mails FROM inbound_mail WHERE state = ANY(CAST(:states AS text[]))
    GROUP BY state
""")
_FORGET = text("""
    DELETE FROM inbound_mail
    WHERE (state IN ('ignored', 'refused', 'discarded') OR (state = 'done' AND is_whole))
      AND settled_at < :before
""")
_ANSWERED = text("SELECT max(answered_at) FROM inbound_mail WHERE sender = :sender")


async def in_turn(tx: Tx) -> None:
    """Deliveries that come at once are told apart one after the other until this transaction ends."""
    await tx.execute(_IN_TURN)


async def save_new(tx: Tx, mail: ReceivedMail, raw: bytes) -> None:
    """A mail with its original."""
    await tx.execute(_INSERT, {name: getattr(mail, name) for name in _NEW} | {"raw": raw})


async def save(tx: Tx, mail: ReceivedMail) -> None:
    """What became of a mail that is locked."""
    await tx.execute(_UPDATE, {name: getattr(mail, name) for name in _SETTLED} | {"of_mail": mail.mail_id})


async def find_by_digest(tx: Tx, digest: str) -> ReceivedMail | None:
    """The same mail, where it came before."""
    row = await tx.fetch_one(_BY_DIGEST, {"known_as": digest})
    return _mail(row) if row else None


async def find_mail(tx: Tx, mail_id: UUID) -> ReceivedMail:
    """One mail. Raises MailUnknown."""
    return _found(await tx.fetch_one(_ONE, {"of_mail": mail_id}))


async def lock_mail(tx: Tx, mail_id: UUID) -> ReceivedMail:
    """One mail, kept from others until this transaction ends. Raises MailUnknown."""
    return _found(await tx.fetch_one(_ONE_LOCKED, {"of_mail": mail_id}))


async def read_raw(tx: Tx, mail_id: UUID) -> bytes:
    """A mail as it came."""
    row = await tx.fetch_one(_RAW, {"of_mail": mail_id})
    if row is None:
        raise MailUnknown
    return bytes(row.raw)


async def is_any_due(tx: Tx, now: datetime) -> bool:
    """Whether there is work."""
    return bool((await tx.execute(_IS_DUE, {"now": now})).scalar_one())


async def claim_due(tx: Tx, now: datetime) -> ReceivedMail | None:
    """The mail that has been due longest, locked."""
    row = await tx.fetch_one(_DUE, {"now": now})
    return _mail(row) if row else None


async def list_mails(tx: Tx, state: MailState | None, after: int, limit: int) -> list[ReceivedMail]:
    """Mails in the order in which they came, from the number after `after` on."""
    told = {"after": after, "most": limit}
    if state is None:
        rows: Sequence[Row[Any]] = await tx.fetch_all(_LIST_ALL, told)
    else:
        rows = await tx.fetch_all(_LIST, told | {"in_state": state.value})
    return [_mail(row) for row in rows]


async def count_of_sender(tx: Tx, sender: str, since: datetime, most: int) -> int:
    """How many mails of a sender came after `since`, counted up to `most`; what no person wrote is none."""
    told = {"sender": sender, "since": since, "most": most}
    number: int = (await tx.execute(_BEFORE, told)).scalar_one()
    return number


async def last_but(tx: Tx, customer_id: UUID, but: int) -> datetime | None:
    """When this customer's last mail but so many is worked on; a mail that is nobody's has no pace."""
    if customer_id == NOBODY:
        return None
    row = await tx.fetch_one(_PACE, {"customer_id": customer_id, "but": but})
    return row.due_at if row else None


async def latest_turns(tx: Tx, customer_id: UUID, most: int) -> list[datetime]:
    """When this customer's last mails that are not held are worked on, in that order."""
    if customer_id == NOBODY:
        return []
    rows = await tx.fetch_all(_LATEST, {"customer_id": customer_id, "most": most})
    return [row.due_at for row in reversed(rows)]


async def lock_held_beside(tx: Tx, mail: ReceivedMail, most: int) -> list[UUID]:
    """The other mails of a mail's sender and customer that are held, in the order in which they came."""
    told = {"sender": mail.sender, "customer_id": mail.customer_id, "mail_id": mail.mail_id, "most": most}
    return [row.mail_id for row in await tx.fetch_all(_HELD_BESIDE, told)]


async def release(tx: Tx, mail_ids: Sequence[UUID], instants: Sequence[datetime]) -> None:
    """These mails, which are locked, are worked on at these instants."""
    await tx.execute(_RELEASE, {"mails": list(mail_ids), "instants": list(instants)})


async def count_undecided(tx: Tx) -> dict[MailState, int]:
    """How many mails wait for an agent, by their state; all of them where none does."""
    rows = await tx.fetch_all(_UNDECIDED, {"states": [state.value for state in UNDECIDED]})
    return dict.fromkeys(UNDECIDED, 0) | {MailState(row.state): row.mails for row in rows}


async def forget(tx: Tx, before: datetime) -> int:
    """Removes the mails that became something, or nothing, before this instant; returns how many."""
    return (await tx.execute(_FORGET, {"before": before})).rowcount


async def last_answered_at(tx: Tx, sender: str) -> datetime | None:
    """When this sender was last told of a refusal."""
    found: datetime | None = (await tx.execute(_ANSWERED, {"sender": sender})).scalar_one()
    return found


def _found(row: Row[Any] | None) -> ReceivedMail:
    if row is None:
        raise MailUnknown
    return _mail(row)


def _mail(row: Row[Any]) -> ReceivedMail:
    return ReceivedMail(**row._asdict() | {"state": MailState(row.state)})
