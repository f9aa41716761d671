"""The trail of who did what, on whose behalf, from where: written with the deed, never changed after.

The application's role may insert and read; to alter or delete a line it has no right.
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

_RECORD = text(
    "INSERT INTO audit_trail (id, at, business_at, customer_id, company_id, person_id, credential_id, role,"
    " on_behalf_of, action, subject, details, origin, user_agent, trace_id)"
    " VALUES (:id, :at, :business_at, :customer_id, :company_id, :person_id, :credential_id, :role,"
    " :on_behalf_of, :action, :subject, CAST(:details AS jsonb), :origin, :user_agent, :trace_id)"
)


@dataclass(frozen=True, slots=True)
class Whence:
    """From where a request came, as far as the connection and its headers say."""

    origin: str | None = None
    user_agent: str | None = None


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
) -> None:
    """Adds a line to the trail, in the transaction of the deed.

    `action` is a verb of the service, `disable_credential`; `subject` what it was done to. The customer is
    the caller's unless one is named. `details` hold no secret.
    """
    whence = whence or Whence()
    await tx.execute(
        _RECORD,
        {
            "id": uuid4(),
            "at": system_now(),
            "business_at": business_at,
            "customer_id": customer_id or (caller.customer_id if caller else None),
            "company_id": company_id or (caller.company_id if caller else None),
            "person_id": caller.person_id if caller else None,
            "credential_id": caller.credential_id if caller else None,
            "role": caller.role.value if caller else None,
            "on_behalf_of": caller.on_behalf_of if caller else None,
            "action": action,
            "subject": subject,
            "details": orjson.dumps(dict(details or {})).decode(),
            "origin": whence.origin,
            "user_agent": whence.user_agent,
            "trace_id": current_trace_id(),
        },
    )
