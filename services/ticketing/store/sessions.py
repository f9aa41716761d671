"""Web sessions, which are the publisher's; invitations and registrations, which are a customer's."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text

from chassis.db import Tx
from services.ticketing.model.sessions import Invitation, SessionState, WebSession
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.refusals.sessions import WebSessionUnknown
from services.ticketing.store.rows import columns_of, saving
from services.ticketing.tables.sessions import WEB_SESSION

_SAVE = saving(WEB_SESSION)
_ONE = select(WEB_SESSION).where(WEB_SESSION.c.session_id == bindparam("session"))
_LOCK = _ONE.with_for_update()
_SOME = select(WEB_SESSION).where(WEB_SESSION.c.session_id.in_(bindparam("sessions", expanding=True)))
_COLUMNS = ", ".join(column.name for column in WEB_SESSION.c)
_LIST = text(f"""
    SELECT {_COLUMNS} FROM web_session
    WHERE ends_at > :since
      AND (CAST(:product AS text) IS NULL OR products = '{{}}' OR :product = ANY(products))
      AND (starts_at, session_id) > (:after_at, :after_id)
    ORDER BY starts_at, session_id LIMIT :limit
""").columns(*WEB_SESSION.c)  # noqa: S608
_INVITE = text("""
    INSERT INTO web_session_invitation (customer_id, session_id, mail, invited_at, invited_by)
    SELECT :customer_id, :session_id, mail, :now, :by FROM unnest(CAST(:mails AS text[])) AS invited (mail)
    ON CONFLICT DO NOTHING RETURNING mail
""")
_INVITATIONS = text("""
    SELECT customer_id, session_id, mail, invited_at, invited_by FROM web_session_invitation
    WHERE session_id = :session_id AND (customer_id, mail) > (:after_customer, :after_mail)
    ORDER BY customer_id, mail LIMIT :limit
""")
_ADDRESSES = text("""
    SELECT contact_email FROM ticket
    WHERE customer_id = :customer_id AND contact_email IS NOT NULL AND registered_at > :since
    GROUP BY contact_email ORDER BY max(registered_at) DESC LIMIT :limit
""")


async def save_session(tx: Tx, session: WebSession) -> None:
    """A session as it stands now."""
    await tx.execute(_SAVE, columns_of(session))


async def find_session(tx: Tx, session_id: UUID) -> WebSession:
    """One session. Raises WebSessionUnknown."""
    return _found(await tx.fetch_one(_ONE, {"session": session_id}))


async def lock_session(tx: Tx, session_id: UUID) -> WebSession:
    """One session; its seats stay as they are until this transaction ends. Raises WebSessionUnknown."""
    return _found(await tx.fetch_one(_LOCK, {"session": session_id}))


async def list_sessions(
    tx: Tx, since: datetime, product: str | None, after: tuple[datetime, UUID], limit: int
) -> list[WebSession]:
    """Sessions that end after `since`, about a product or all, in order of time, those after `after`."""
    asked = {"since": since, "product": product, "limit": limit}
    rows = await tx.fetch_all(_LIST, asked | {"after_at": after[0], "after_id": after[1]})
    return [_session(row) for row in rows]


async def list_sessions_of(tx: Tx, sessions: Collection[UUID]) -> dict[UUID, WebSession]:
    """These sessions, by their ids."""
    rows = await tx.fetch_all(_SOME, {"sessions": list(sessions)})
    return {row.session_id: _session(row) for row in rows}


async def invite(
    tx: Tx, customer_id: UUID, session_id: UUID, mails: Sequence[str], by: UUID, now: datetime
) -> list[str]:
    """Records invitations; returns the addresses that had none yet."""
    asked = {"customer_id": customer_id, "session_id": session_id, "mails": list(mails), "by": by}
    return sorted(row.mail for row in await tx.fetch_all(_INVITE, asked | {"now": now}))


async def list_invitations(tx: Tx, session_id: UUID, after: tuple[UUID, str], limit: int) -> list[Invitation]:
    """Who was invited to a session, of any customer, those after `after`."""
    asked = {"session_id": session_id, "after_customer": after[0], "after_mail": after[1], "limit": limit}
    rows = await tx.fetch_all(_INVITATIONS, asked)
    return [Invitation(**row._mapping) for row in rows]


async def list_addresses(tx: Tx, customer_id: UUID, since: datetime, limit: int) -> list[str]:
    """The addresses from which a customer's tickets came since then, the latest first."""
    asked = {"customer_id": customer_id, "since": since, "limit": limit}
    return [row.contact_email for row in await tx.fetch_all(_ADDRESSES, asked)]


def _found(row: Row[Any] | None) -> WebSession:
    if row is None:
        raise WebSessionUnknown
    return _session(row)


def _session(row: Row[Any]) -> WebSession:
    told = dict(row._mapping)
    words = {"products": tuple(row.products), "level": SupportPlan(row.level)}
    return WebSession(**told | words | {"state": SessionState(row.state)})
