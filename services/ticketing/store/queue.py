"""What waits for an agent, in the order in which it is served; the agents; clocks whose instant has come."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from chassis.db import Tx
from services.ticketing.model.queue import Agent, Due, QueueStanding
from services.ticketing.model.tickets import Ticket
from services.ticketing.store.tickets import ticket_of
from services.ticketing.tables.tickets import TICKET

Place = tuple[UUID, UUID]
"""A ticket's customer and its own id."""

# The predicates are those of the two partial indexes, word for word. Support that is suspended stands still.
_WAITS = "state IN ('registered', 'in_charge') AND assigned_to IS NULL AND NOT waiting"
_GOES_ON = """NOT EXISTS (SELECT FROM suspension WHERE suspension.customer_id = ticket.customer_id
    AND suspension."until" IS NULL)"""
_FIRST_PRIVATE = text(f"""
    SELECT customer_id, ticket_id FROM ticket
    WHERE {_WAITS} AND plan = 'private' AND queue = :queue AND {_GOES_ON}
    ORDER BY registered_at, ticket_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
""")  # noqa: S608
_FIRST_DUE = text(f"""
    SELECT customer_id, ticket_id FROM ticket
    WHERE {_WAITS} AND plan <> 'private' AND queue = :queue AND {_GOES_ON}
    ORDER BY nearest_due_at, registered_at, ticket_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
""")  # noqa: S608
_COLUMNS = ", ".join(column.name for column in TICKET.c)
_WAITING = text(f"""
    SELECT {_COLUMNS} FROM ticket WHERE {_WAITS} AND queue = :queue AND {_GOES_ON}
    ORDER BY (plan = 'private') DESC, CASE WHEN plan = 'private' THEN registered_at ELSE nearest_due_at END,
             registered_at, ticket_id
    LIMIT :limit
""").columns(*TICKET.c)  # noqa: S608
_QUEUES = text(f"""
    SELECT queue FROM ticket WHERE {_WAITS} AND {_GOES_ON}
    GROUP BY queue ORDER BY min(nearest_due_at), min(registered_at), queue
""")  # noqa: S608
_STANDING = text(f"""
    SELECT queue, count(*) AS waiting, count(*) FILTER (WHERE plan = 'private') AS private_waiting,
           count(*) FILTER (WHERE nearest_due_at < :now) AS overdue,
           min(nearest_due_at) AS nearest_due_at, min(registered_at) AS oldest_registered_at
    FROM ticket WHERE {_WAITS} AND {_GOES_ON} GROUP BY queue ORDER BY queue
""")  # noqa: S608
_SAVE_AGENT = text("""
    INSERT INTO agent (person_id, name, queues, present, changed_at)
    VALUES (:person_id, :name, CAST(:queues AS text[]), :present, :now)
    ON CONFLICT (person_id) DO UPDATE SET name = excluded.name, queues = excluded.queues,
        present = excluded.present, changed_at = excluded.changed_at
""")
_AGENT = text("SELECT person_id, name, queues, present FROM agent WHERE person_id = :person_id")
_AGENTS = text("""
    SELECT person_id, name, queues, present FROM agent
    WHERE (name, person_id) > (:name, :person_id) ORDER BY name, person_id LIMIT :limit
""")
_KNOWN_QUEUES = text("SELECT code FROM product WHERE code = ANY(CAST(:queues AS text[]))")
# The predicates of the two partial indexes. A miss is said also of a clock that ended too late before anybody
# looked; that three quarters are gone is of use only while it runs.
_TO_WARN = "clock.warned_at IS NULL AND clock.ended_at IS NULL AND clock.state = 'running'"
_TO_MISS = "clock.missed_at IS NULL AND clock.state IN ('running', 'missed')"
_CALENDARS = text(f"""
    SELECT DISTINCT ticket.terms->>'calendar' AS calendar, ticket.terms->>'frozen_on' AS frozen_on FROM (
        SELECT customer_id, ticket_id FROM ticket_clock AS clock WHERE {_TO_WARN} AND warn_at <= :now
        UNION SELECT customer_id, ticket_id FROM ticket_clock AS clock WHERE {_TO_MISS} AND miss_at <= :now
    ) AS due JOIN ticket USING (customer_id, ticket_id)
""")  # noqa: S608
# A ticket that somebody is just working on is passed over until the next look: what happens to it by then
# decides whether there is anything to say.
_CLAIM = """
    SELECT clock.customer_id, clock.ticket_id, clock.number, clock.kind, clock.due_at, clock.limit_seconds,
           clock.{instant} AS instant, ticket.reference, ticket.product, ticket.plan
    FROM ticket_clock AS clock JOIN ticket USING (customer_id, ticket_id)
    WHERE {unsaid} AND clock.{instant} <= :now
      AND (ticket.terms->>'calendar', ticket.terms->>'frozen_on') IN (
          SELECT * FROM unnest(CAST(:calendars AS text[]), CAST(:days AS text[])))
    ORDER BY clock.{instant} LIMIT :limit FOR NO KEY UPDATE OF clock, ticket SKIP LOCKED
"""
_CLAIM_WARNINGS = text(_CLAIM.format(instant="warn_at", unsaid=_TO_WARN))
_CLAIM_MISSES = text(_CLAIM.format(instant="miss_at", unsaid=_TO_MISS))
_SAID = """
    UPDATE ticket_clock AS clock SET {said} = :now
    FROM unnest(CAST(:customers AS uuid[]), CAST(:tickets AS uuid[]), CAST(:numbers AS smallint[]))
         AS due (customer_id, ticket_id, number)
    WHERE clock.customer_id = due.customer_id AND clock.ticket_id = due.ticket_id
      AND clock.number = due.number
"""
_WARNED = text(_SAID.format(said="warned_at"))
_MISSED = text(_SAID.format(said="missed_at"))


async def claim_next(tx: Tx, queue: str) -> Place | None:
    """The ticket to be served first, locked; those that others are just taking are passed over."""
    row = await tx.fetch_one(_FIRST_PRIVATE, {"queue": queue}) or await tx.fetch_one(
        _FIRST_DUE, {"queue": queue}
    )
    return (row.customer_id, row.ticket_id) if row else None


async def list_waiting(tx: Tx, queue: str, limit: int) -> list[Ticket]:
    """What waits in a queue, first to be served first."""
    return [ticket_of(row) for row in await tx.fetch_all(_WAITING, {"queue": queue, "limit": limit})]


async def list_queues(tx: Tx) -> list[str]:
    """The queues in which something waits, the one with the nearest due instant first."""
    return [row.queue for row in await tx.fetch_all(_QUEUES)]


async def list_standings(tx: Tx, now: datetime) -> list[QueueStanding]:
    """How each queue stands in which something waits."""
    return [QueueStanding(*tuple(row)) for row in await tx.fetch_all(_STANDING, {"now": now})]


async def save_agent(tx: Tx, agent: Agent, now: datetime) -> None:
    """How an agent is known, and what it serves."""
    await tx.execute(
        _SAVE_AGENT,
        {
            "person_id": agent.person_id,
            "name": agent.name,
            "queues": list(agent.queues),
            "present": agent.present,
            "now": now,
        },
    )


async def find_agent(tx: Tx, person_id: UUID) -> Agent | None:
    """An agent, once it has made itself known."""
    row = await tx.fetch_one(_AGENT, {"person_id": person_id})
    return Agent(row.person_id, row.name, tuple(row.queues), row.present) if row else None


async def list_agents(tx: Tx, after: tuple[str, UUID], limit: int) -> list[Agent]:
    """All agents by name."""
    rows = await tx.fetch_all(_AGENTS, {"name": after[0], "person_id": after[1], "limit": limit})
    return [Agent(row.person_id, row.name, tuple(row.queues), row.present) for row in rows]


async def list_products_among(tx: Tx, queues: Sequence[str]) -> set[str]:
    """Which of these are products of the catalogue."""
    return {row.code for row in await tx.fetch_all(_KNOWN_QUEUES, {"queues": list(queues)})}


async def list_calendars_due(tx: Tx, now: datetime) -> list[tuple[str, str]]:
    """By which hours clocks run of which an instant has come: calendar, and the day they froze on."""
    return [(row.calendar, row.frozen_on) for row in await tx.fetch_all(_CALENDARS, {"now": now})]


async def claim_warnings(
    tx: Tx, calendars: Sequence[tuple[str, str]], now: datetime, limit: int
) -> list[Due]:
    """Clocks of these hours three quarters of which are gone, locked and marked as said."""
    told = _of(calendars, now, limit)
    due = [Due(*tuple(row)) for row in await tx.fetch_all(_CLAIM_WARNINGS, told)]
    if due:
        await tx.execute(_WARNED, _keys(due, now))
    return due


async def claim_misses(tx: Tx, calendars: Sequence[tuple[str, str]], now: datetime, limit: int) -> list[Due]:
    """Clocks of these hours that exceed their limit, locked and marked as said."""
    told = _of(calendars, now, limit)
    due = [Due(*tuple(row)) for row in await tx.fetch_all(_CLAIM_MISSES, told)]
    if due:
        await tx.execute(_MISSED, _keys(due, now))
    return due


def _of(calendars: Sequence[tuple[str, str]], now: datetime, limit: int) -> dict[str, object]:
    return {
        "calendars": [name for name, _ in calendars],
        "days": [day for _, day in calendars],
        "now": now,
        "limit": limit,
    }


def _keys(due: Sequence[Due], now: datetime) -> dict[str, object]:
    return {
        "customers": [one.customer_id for one in due],
        "tickets": [one.ticket_id for one in due],
        "numbers": [one.number for one in due],
        "now": now,
    }
