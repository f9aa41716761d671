"""All that is planned for a customer, or that a technician has to do, in one order of time (13.1-a)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from contracts.events.ticketing import InterventionPlanned
from services.ticketing.model.agenda import Planned, PlannedAs, PlannedKind, PlannedState

_BOOKINGS = """
    SELECT customer_id, booking_id AS planned_id, 'booking' AS planned_as, 'remote_assistance' AS kind,
           CASE state WHEN 'booked' THEN 'planned' ELSE state END AS state, reference AS title,
           starts_at, ends_at, coalesce(access, '') AS place, revision,
           report IS NOT NULL AS has_report, false AS has_attendance
    FROM assistance_booking WHERE {whose}
"""
_REGISTRATIONS = """
    SELECT registration.customer_id, registration_id, 'registration', 'web_session',
           CASE WHEN registration.state = 'cancelled' OR session.state = 'cancelled' THEN 'cancelled'
                WHEN registration.state = 'waiting' THEN 'waiting'
                WHEN session.ends_at <= :now THEN 'done' ELSE 'planned' END,
           session.title, session.starts_at, session.ends_at,
           CASE WHEN registration.state = 'registered' AND session.state = 'planned'
                THEN session.link ELSE '' END,
           registration.revision + session.revision, false, false
    FROM web_session_registration AS registration JOIN web_session AS session USING (session_id)
    WHERE registration.customer_id = :customer_id
"""
_INTERVENTIONS = """
    SELECT customer_id, intervention_id, 'intervention', kind, state, title, starts_at, ends_at, place,
           revision, report IS NOT NULL, EXISTS (
               SELECT FROM attendance_participant AS participant
               WHERE participant.customer_id = intervention.customer_id
                 AND participant.intervention_id = intervention.intervention_id)
    FROM intervention WHERE {whose}
"""
_OF_CUSTOMER = "customer_id = :customer_id"
_SCHEDULE = text(f"""
    SELECT * FROM ({_BOOKINGS.format(whose=_OF_CUSTOMER)} UNION ALL {_REGISTRATIONS}
        UNION ALL {_INTERVENTIONS.format(whose=_OF_CUSTOMER)}) AS planned
    WHERE ends_at > :since AND (starts_at, planned_id) > (:after_at, :after_id)
    ORDER BY starts_at, planned_id LIMIT :limit
""")  # noqa: S608
_NOBODY = "CAST('00000000-0000-0000-0000-000000000000' AS uuid)"
_HOSTED = f"""
    SELECT {_NOBODY}, session_id, 'session', 'web_session', 'planned', title, starts_at, ends_at, link,
           revision, false, false
    FROM web_session WHERE host_id = :technician_id AND state = 'planned'
"""  # noqa: S608
_OF_TECHNICIAN = "technician_id = :technician_id AND state <> 'cancelled'"
_AGENDA = text(f"""
    SELECT * FROM ({_BOOKINGS.format(whose=_OF_TECHNICIAN)}
        UNION ALL {_INTERVENTIONS.format(whose=_OF_TECHNICIAN)} UNION ALL {_HOSTED}) AS planned
    WHERE ends_at > :since AND (starts_at, planned_id) > (:after_at, :after_id)
    ORDER BY starts_at, planned_id LIMIT :limit
""")  # noqa: S608
_EVERYWHERE = text("""
    SELECT * FROM (
        SELECT customer_id, booking_id AS planned_id, 'remote_assistance' AS kind, reference AS title,
               starts_at, ends_at
        FROM assistance_booking WHERE state <> 'cancelled'
        UNION ALL
        SELECT registration.customer_id, registration_id, 'web_session', session.title, session.starts_at,
               session.ends_at
        FROM web_session_registration AS registration JOIN web_session AS session USING (session_id)
        WHERE registration.state = 'registered' AND session.state = 'planned'
        UNION ALL
        SELECT customer_id, intervention_id, kind, title, starts_at, ends_at
        FROM intervention WHERE state <> 'cancelled') AS planned
    WHERE (customer_id, planned_id) > (:customer_id, :planned_id)
    ORDER BY customer_id, planned_id LIMIT :limit
""")

Place = tuple[datetime, UUID]
"""Where a page goes on from: an instant and an id."""


async def list_schedule(
    tx: Tx, customer_id: UUID, since: datetime, now: datetime, after: Place, limit: int
) -> list[Planned]:
    """What is planned for a customer and is not over at `since`, those after `after`."""
    asked = {"customer_id": customer_id, "since": since, "now": now, "limit": limit}
    rows = await tx.fetch_all(_SCHEDULE, asked | {"after_at": after[0], "after_id": after[1]})
    return [_planned(row) for row in rows]


async def list_agenda(
    tx: Tx, technician_id: UUID, since: datetime, after: Place, limit: int
) -> list[Planned]:
    """What a technician has to do and is not over at `since`, web sessions too; those after `after`."""
    asked = {"technician_id": technician_id, "since": since, "limit": limit}
    rows = await tx.fetch_all(_AGENDA, asked | {"after_at": after[0], "after_id": after[1]})
    return [_planned(row) for row in rows]


async def list_everywhere(tx: Tx, after: tuple[UUID, UUID], limit: int) -> list[InterventionPlanned]:
    """What is said of all that is planned or has taken place, for any customer, in the order of its keys."""
    asked = {"customer_id": after[0], "planned_id": after[1], "limit": limit}
    return [
        InterventionPlanned(
            customer_id=row.customer_id,
            intervention_id=row.planned_id,
            kind=row.kind,
            title=row.title,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in await tx.fetch_all(_EVERYWHERE, asked)
    ]


def _planned(row: Row[Any]) -> Planned:
    told = dict(row._mapping)
    words = {
        "planned_as": PlannedAs(row.planned_as),
        "kind": PlannedKind(row.kind),
        "state": PlannedState(row.state),
    }
    return Planned(**told | words)
