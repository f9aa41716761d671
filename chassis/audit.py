"""The trail of who did what, on whose behalf, from where: written with the deed, never changed after.

A line is written in the transaction of the deed, so a deed that was refused or failed leaves none; the door
alone records those who did not get in. The application's role may insert and read; to alter or delete a line
it has no right, and a trigger refuses that to the tables' owner too. `chassis.trail` reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import text

from chassis.auth import Caller
from chassis.clock import system_now
from chassis.db import Tx
from chassis.telemetry import current_trace_id

PUBLISHER = UUID(int=0)
"""Under which the lines stand that are no customer's."""

MAX_SUBJECT = 300

_RECORD = text(
    "INSERT INTO audit_trail (id, at, business_at, customer_id, company_id, person_id, credential_id, role,"
    " on_behalf_of, action, subject, details, before, after, origin, user_agent, trace_id)"
    " VALUES (:id, :at, :business_at, :customer_id, :company_id, :person_id, :credential_id, :role,"
    " :on_behalf_of, :action, :subject, CAST(:details AS jsonb), CAST(:before AS jsonb),"
    " CAST(:after AS jsonb), :origin, :user_agent, :trace_id)"
)


@dataclass(frozen=True, slots=True)
class Whence:
    """From where a request came, as far as the connection and its headers say."""

    origin: str | None = None
    user_agent: str | None = None


def differing(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Of what was and what is, the fields that differ; whole where there is only one of the two."""
    if before is None or after is None:
        return before, after
    names = [name for name in (*before, *after) if before.get(name) != after.get(name)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


async def record(
    tx: Tx,
    action: str,
    *,
    business_at: datetime,
    caller: Caller | None = None,
    whence: Whence | None = None,
    customer_id: UUID | None = None,
    company_id: UUID | None = None,
    subject: str | None = None,
    details: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Adds a line to the trail, in the transaction of the deed.

    `action` is a verb of the service, `disable_credential`; `subject` what it was done to. The customer is
    the caller's unless one is named. Of `before` and `after` the fields that differ are kept. None of them
    holds a secret.
    """
    whence = whence or Whence()
    was, became = differing(before, after)
    await tx.execute(
        _RECORD,
        {
            "id": uuid4(),
            "at": system_now(),
            "business_at": business_at,
            **_who(caller, customer_id, company_id),
            "action": action,
            "subject": subject[:MAX_SUBJECT] if subject else None,
            "details": _json(details or {}),
            "before": _json(was),
            "after": _json(became),
            "origin": whence.origin,
            "user_agent": whence.user_agent,
            "trace_id": current_trace_id(),
        },
    )


def _who(caller: Caller | None, customer_id: UUID | None, company_id: UUID | None) -> dict[str, Any]:
    return {
        "customer_id": customer_id or (caller.customer_id if caller else None) or PUBLISHER,
        "company_id": company_id or (caller.company_id if caller else None),
        "person_id": caller.person_id if caller else None,
        "credential_id": caller.credential_id if caller else None,
        "role": caller.role.value if caller else None,
        "on_behalf_of": caller.on_behalf_of if caller else None,
    }


def _json(told: Mapping[str, Any] | None) -> str | None:
    return None if told is None else orjson.dumps(dict(told)).decode()
