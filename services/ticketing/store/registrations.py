"""Who registered for web sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text

from chassis.db import Tx
from services.ticketing.model.sessions import Registration, RegistrationState
from services.ticketing.refusals.sessions import RegistrationUnknown
from services.ticketing.store.rows import columns_of, saving
from services.ticketing.tables.sessions import REGISTRATION

_SAVE = saving(REGISTRATION)
_ONE = select(REGISTRATION).where(
    REGISTRATION.c.customer_id == bindparam("customer"),
    REGISTRATION.c.registration_id == bindparam("registration"),
)
_LOCK = _ONE.with_for_update()
_COLUMNS = ", ".join(column.name for column in REGISTRATION.c)
_HELD = text("""
    SELECT 1 FROM web_session_registration
    WHERE customer_id = :customer_id AND session_id = :session_id AND mail = :mail AND state <> 'cancelled'
""")
_OF_CUSTOMER = text(f"""
    SELECT {_COLUMNS} FROM web_session_registration
    WHERE customer_id = :customer_id AND registration_id > :after ORDER BY registration_id LIMIT :limit
""").columns(*REGISTRATION.c)  # noqa: S608
_OF_SESSION = text(f"""
    SELECT {_COLUMNS} FROM web_session_registration
    WHERE session_id = :session_id AND place > :after ORDER BY place LIMIT :limit
""").columns(*REGISTRATION.c)  # noqa: S608
_WAITING = text(f"""
    SELECT {_COLUMNS} FROM web_session_registration
    WHERE session_id = :session_id AND state = 'waiting' ORDER BY place LIMIT :limit FOR UPDATE
""").columns(*REGISTRATION.c)  # noqa: S608
_STANDING = text(f"""
    SELECT {_COLUMNS} FROM web_session_registration
    WHERE session_id = :session_id AND state <> 'cancelled' ORDER BY place FOR UPDATE
""").columns(*REGISTRATION.c)  # noqa: S608
_RESCHEDULE = text("""
    UPDATE web_session_registration
    SET remind_at = CAST(:remind_at AS timestamptz), reminded_at = NULL, revision = revision + 1
    WHERE session_id = :session_id AND state = 'registered'
""")
_CLAIM = text(f"""
    UPDATE web_session_registration SET reminded_at = :now
    WHERE (customer_id, registration_id) IN (
        SELECT customer_id, registration_id FROM web_session_registration
        WHERE remind_at <= :now AND reminded_at IS NULL AND state = 'registered'
        ORDER BY remind_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
""").columns(*REGISTRATION.c)  # noqa: S608


async def save_registration(tx: Tx, registration: Registration) -> None:
    """A registration as it stands now."""
    await tx.execute(_SAVE, columns_of(registration))


async def find_registration(tx: Tx, customer_id: UUID, registration_id: UUID) -> Registration:
    """One registration. Raises RegistrationUnknown."""
    return _found(await tx.fetch_one(_ONE, {"customer": customer_id, "registration": registration_id}))


async def lock_registration(tx: Tx, customer_id: UUID, registration_id: UUID) -> Registration:
    """One registration, kept from others until this transaction ends. Raises RegistrationUnknown."""
    return _found(await tx.fetch_one(_LOCK, {"customer": customer_id, "registration": registration_id}))


async def is_registered(tx: Tx, customer_id: UUID, session_id: UUID, mail: str) -> bool:
    """Whether this address of the customer has a seat or waits for one."""
    asked = {"customer_id": customer_id, "session_id": session_id, "mail": mail}
    return await tx.fetch_one(_HELD, asked) is not None


async def list_of_customer(tx: Tx, customer_id: UUID, after: UUID, limit: int) -> list[Registration]:
    """A customer's registrations, those after `after`."""
    rows = await tx.fetch_all(_OF_CUSTOMER, {"customer_id": customer_id, "after": after, "limit": limit})
    return [_registration(row) for row in rows]


async def list_of_session(tx: Tx, session_id: UUID, after: int, limit: int) -> list[Registration]:
    """A session's registrations of every customer, in the order in which they came, those after a place."""
    rows = await tx.fetch_all(_OF_SESSION, {"session_id": session_id, "after": after, "limit": limit})
    return [_registration(row) for row in rows]


async def lock_waiting(tx: Tx, session_id: UUID, limit: int) -> list[Registration]:
    """Who waits for a seat, of every customer, for longest first."""
    rows = await tx.fetch_all(_WAITING, {"session_id": session_id, "limit": limit})
    return [_registration(row) for row in rows]


async def lock_standing(tx: Tx, session_id: UUID) -> Sequence[Registration]:
    """Who has a seat or waits for one, of every customer."""
    rows = await tx.fetch_all(_STANDING, {"session_id": session_id})
    return [_registration(row) for row in rows]


async def reschedule(tx: Tx, session_id: UUID, remind_at: datetime | None) -> None:
    """Those who have a seat are reminded then, of the session's new time."""
    await tx.execute(_RESCHEDULE, {"session_id": session_id, "remind_at": remind_at})


async def claim_reminders(tx: Tx, now: datetime, limit: int) -> list[Registration]:
    """Registrations whose reminder is due; each is claimed once, however many replicas ask."""
    return [_registration(row) for row in await tx.fetch_all(_CLAIM, {"now": now, "limit": limit})]


def _found(row: Row[Any] | None) -> Registration:
    if row is None:
        raise RegistrationUnknown
    return _registration(row)


def _registration(row: Row[Any]) -> Registration:
    told = dict(row._mapping)
    return Registration(**told | {"state": RegistrationState(row.state)})
