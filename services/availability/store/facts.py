"""What months are reckoned from: outages and exclusions on record, contracts, services in use. Only read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.availability.model.months import Contract, Known, KnownExclusion, KnownOutage
from services.availability.model.rates import ExclusionKind, Span

_OUTAGES = text("""
    SELECT outage_id, revision, offering_code, environment, source, title, starts_at, ends_at, scope
    FROM outage
    WHERE state IN ('open', 'ended') AND tstzrange(starts_at, ends_at) && tstzrange(:since, :until)
      AND (CAST(:customer_id AS uuid) IS NULL OR scope = 'all' OR EXISTS (
          SELECT 1 FROM outage_customer
          WHERE outage_customer.customer_id = :customer_id AND outage_customer.outage_id = outage.outage_id))
      AND (offering_code IS NULL AND environment = 'production' OR NOT :portal_only)
    ORDER BY starts_at, outage_id
""")
_EXCLUSIONS = text("""
    SELECT exclusion_id, revision, kind, environment, starts_at, ends_at, reason, recorded_at,
           recorded_by, scope
    FROM exclusion
    WHERE withdrawn_at IS NULL AND tstzrange(starts_at, ends_at) && tstzrange(:since, :until)
      AND (environment = 'production' OR NOT :portal_only)
      AND (CAST(:customer_id AS uuid) IS NULL OR scope = 'all' OR EXISTS (
          SELECT 1 FROM exclusion_customer
          WHERE exclusion_customer.customer_id = :customer_id
            AND exclusion_customer.exclusion_id = exclusion.exclusion_id))
    ORDER BY starts_at, exclusion_id
""")
_NAMED_BY_OUTAGES = text("""
    SELECT customer_id, outage_id AS record_id FROM outage_customer
    WHERE outage_id = ANY(CAST(:records AS uuid[])) ORDER BY customer_id
""")
_NAMED_BY_EXCLUSIONS = text("""
    SELECT customer_id, exclusion_id AS record_id FROM exclusion_customer
    WHERE exclusion_id = ANY(CAST(:records AS uuid[])) ORDER BY customer_id
""")
_CONTRACT = text("""
    SELECT contract_starts_on, contract_last_day FROM customer WHERE customer_id = :customer_id
""")
_IN_USE = text("""
    SELECT DISTINCT offering_code FROM subscription
    WHERE customer_id = :customer_id AND activated_at < :until
      AND (deactivated_at IS NULL OR deactivated_at > :since)
    ORDER BY offering_code
""")


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record of a period: for everybody, and for each customer that some records name."""

    common: Known
    named: dict[UUID, Known] = field(default_factory=dict)

    def of(self, customer_id: UUID) -> Known:
        """What touches this customer. Those whom nothing names share one."""
        own = self.named.get(customer_id)
        return self.common if own is None else _together(self.common, own)


async def find_contract(tx: Tx, customer_id: UUID) -> Contract | None:
    """The days that a customer's contract covers; None when no such customer is known."""
    row = await tx.fetch_one(_CONTRACT, {"customer_id": customer_id})
    return Contract(row.contract_starts_on, row.contract_last_day) if row else None


async def list_in_use(tx: Tx, customer_id: UUID, during: Span) -> list[str]:
    """The services that a customer had in use at some instant of a period."""
    rows = await tx.fetch_all(
        _IN_USE, {"customer_id": customer_id, "since": during.starts_at, "until": during.ends_at}
    )
    return [row.offering_code for row in rows]


async def load_known(tx: Tx, customer_id: UUID, during: Span) -> Known:
    """What is on record of a period and touches this customer, services and other environments included."""
    parameters = _parameters(customer_id, during, portal_only=False)
    outages = await tx.fetch_all(_OUTAGES, parameters)
    exclusions = await tx.fetch_all(_EXCLUSIONS, parameters)
    return Known(tuple(_outage(row) for row in outages), tuple(_exclusion(row) for row in exclusions))


async def load_record(tx: Tx, during: Span) -> Record:
    """What is on record of the portal in production in a period, for all customers. In the portal's scope."""
    parameters = _parameters(None, during, portal_only=True)
    outages = await tx.fetch_all(_OUTAGES, parameters)
    exclusions = await tx.fetch_all(_EXCLUSIONS, parameters)
    common = Known(
        tuple(_outage(row) for row in outages if row.scope == "all"),
        tuple(_exclusion(row) for row in exclusions if row.scope == "all"),
    )
    some = {row.outage_id: _outage(row) for row in outages if row.scope == "some"}
    cuts = {row.exclusion_id: _exclusion(row) for row in exclusions if row.scope == "some"}
    by_outage = await _named(tx, _NAMED_BY_OUTAGES, list(some))
    by_cut = await _named(tx, _NAMED_BY_EXCLUSIONS, list(cuts))
    return Record(
        common,
        {
            customer_id: Known(
                tuple(some[each] for each in by_outage.get(customer_id, ())),
                tuple(cuts[each] for each in by_cut.get(customer_id, ())),
            )
            for customer_id in sorted({*by_outage, *by_cut})
        },
    )


async def _named(tx: Tx, statement: Any, records: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    for row in await tx.fetch_all(statement, {"records": records}) if records else ():
        found.setdefault(row.customer_id, []).append(row.record_id)
    return found


def _together(common: Known, own: Known) -> Known:
    return Known(
        tuple(sorted({*common.outages, *own.outages}, key=lambda each: (each.starts_at, each.outage_id))),
        tuple(
            sorted(
                {*common.exclusions, *own.exclusions}, key=lambda each: (each.starts_at, each.exclusion_id)
            )
        ),
    )


def _parameters(customer_id: UUID | None, during: Span, *, portal_only: bool) -> dict[str, Any]:
    since, until = during.starts_at, during.ends_at
    return {"customer_id": customer_id, "since": since, "until": until, "portal_only": portal_only}


def _outage(row: Row[Any]) -> KnownOutage:
    return KnownOutage(
        row.outage_id,
        row.revision,
        row.offering_code,
        row.environment,
        row.source,
        row.title,
        row.starts_at,
        row.ends_at,
        row.scope == "all",
    )


def _exclusion(row: Row[Any]) -> KnownExclusion:
    return KnownExclusion(
        row.exclusion_id,
        row.revision,
        ExclusionKind(row.kind),
        row.environment,
        row.starts_at,
        row.ends_at,
        row.reason,
        row.recorded_at,
        row.recorded_by,
        row.scope == "all",
    )
