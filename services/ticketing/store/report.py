"""A month's tickets counted by kind, product and criticality, in one pass over those of the month."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.ticketing.model.report import Delays, Group, ReportMonth, Verdicts
from services.ticketing.model.tickets import TicketKind
from services.ticketing.store.compliance import VERDICT

_SETS = "GROUPING SETS ((), (kind), (kind, product), (kind, criticality))"
_NAMES = """
    kind, product, criticality, GROUPING(kind) = 0 AS of_kind, GROUPING(product) = 0 AS of_product,
    GROUPING(criticality) = 0 AS of_criticality
"""
_SHARES = "CAST(ARRAY[0.5, 0.9, 0.95] AS double precision[])"
_MONTH = text(f"""
    WITH judged AS (
        SELECT ticket.kind, ticket.product, ticket.criticality, ticket.taken_in_charge_at, ticket.closed_at,
               ticket.left_out, ticket.set_apart, clock.elapsed_seconds AS taken_after,
               CASE WHEN clock.number IS NOT NULL THEN {VERDICT} END AS verdict,
               answer.elapsed_seconds AS answered_after, answer.state AS answer,
               CAST(extract(epoch FROM ticket.closed_at - ticket.registered_at) AS bigint) AS closed_after
        FROM ticket
        LEFT JOIN ticket_clock clock ON clock.customer_id = ticket.customer_id
             AND clock.ticket_id = ticket.ticket_id AND clock.number = 1
        LEFT JOIN LATERAL (
            SELECT elapsed_seconds, state FROM ticket_clock later
            WHERE later.customer_id = ticket.customer_id AND later.ticket_id = ticket.ticket_id
              AND later.number > 1 AND later.ended_at IS NOT NULL AND later.state IN ('kept', 'missed')
            ORDER BY later.number DESC LIMIT 1
        ) answer ON true
        WHERE ticket.customer_id = :customer_id
          AND ticket.registered_at >= :starts_at AND ticket.registered_at < :ends_at
    )
    SELECT {_NAMES},
           count(*) AS registered, count(taken_in_charge_at) AS taken, count(closed_at) AS closed,
           count(left_out) AS left_out, count(set_apart) FILTER (WHERE left_out IS NULL) AS set_apart,
           count(*) FILTER (WHERE verdict = 'kept') AS taken_kept,
           count(*) FILTER (WHERE verdict = 'missed') AS taken_missed,
           count(taken_after) AS taken_judged,
           percentile_disc({_SHARES}) WITHIN GROUP (ORDER BY taken_after) AS taken_shares,
           count(*) FILTER (WHERE answer = 'kept') AS answered_kept,
           count(*) FILTER (WHERE answer = 'missed') AS answered_missed,
           count(answered_after) AS answered,
           percentile_disc({_SHARES}) WITHIN GROUP (ORDER BY answered_after) AS answered_shares,
           percentile_disc({_SHARES}) WITHIN GROUP (ORDER BY closed_after) AS closed_shares
    FROM judged GROUP BY {_SETS}
""")  # noqa: S608
_BACKLOG = text(f"""
    SELECT {_NAMES}, count(*) AS tickets FROM ticket
    WHERE customer_id = :customer_id AND registered_at < :ends_at
      AND (closed_at IS NULL OR closed_at > :known_until)
    GROUP BY {_SETS}
""")  # noqa: S608

_Place = tuple[str, str | None, str | None, int | None]


async def list_groups(tx: Tx, customer_id: UUID, month: ReportMonth, now: datetime) -> list[Group]:
    """The month's groups: all of it, each kind, then each kind's products and criticalities.

    One of which nothing was registered in the month is there where something of it still waits.
    """
    asked = {"customer_id": customer_id, "starts_at": month.starts_at, "ends_at": month.ends_at, "now": now}
    rows = await tx.fetch_all(_MONTH, asked)
    known = {"customer_id": customer_id, "ends_at": month.ends_at, "known_until": month.known_until}
    waiting = await tx.fetch_all(_BACKLOG, known)
    backlog = {_place(row): row.tickets for row in waiting}
    groups = [_group(row, backlog.pop(_place(row), 0)) for row in rows]
    others = [_waiting(place, tickets) for place, tickets in backlog.items()]
    return sorted([*groups, *others], key=_order)


def _place(row: Row[Any]) -> _Place:
    named = ("product", row.of_product), ("criticality", row.of_criticality), ("kind", row.of_kind)
    by = next((name for name, is_named in named if is_named), "all")
    return by, row.kind, row.product, row.criticality


def _group(row: Row[Any], backlog: int) -> Group:
    by, kind, product, criticality = _place(row)
    return Group(
        by=by,
        kind=TicketKind(kind) if kind else None,
        product=product,
        criticality=criticality,
        registered=row.registered,
        taken_in_charge=row.taken,
        closed=row.closed,
        left_out=row.left_out,
        set_apart=row.set_apart,
        take_charge=Verdicts(row.taken_kept, row.taken_missed),
        take_charge_open_seconds=_delays(row.taken_judged, row.taken_shares),
        correction=Verdicts(row.answered_kept, row.answered_missed),
        correction_open_seconds=_delays(row.answered, row.answered_shares),
        closing_seconds=_delays(row.closed, row.closed_shares),
        backlog=backlog,
    )


def _waiting(place: _Place, backlog: int) -> Group:
    by, kind, product, criticality = place
    nothing, none = Verdicts(0, 0), Delays(0, None, None, None)
    named = TicketKind(kind) if kind else None
    return Group(by, named, product, criticality, 0, 0, 0, 0, 0, nothing, none, nothing, none, none, backlog)


def _delays(tickets: int, shares: list[int | None] | None) -> Delays:
    return Delays(tickets, *(shares or (None, None, None)))


def _order(group: Group) -> tuple[str, int, str, int]:
    rank = ("all", "kind", "criticality", "product").index(group.by)
    return group.kind or "", rank, group.product or "", group.criticality or 0
