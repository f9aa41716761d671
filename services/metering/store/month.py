"""The month's base, counted in the database. `rules` says the same over one history.

An active span that begins before the last instant of the month in which the company is active, and a
credential given before that instant, share an instant of the month: so one instant per company,
`active_until`, decides all. It is the latest end, cut at the month's, of the spans that touch the month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.metering.model import CompanyLine, Month, MonthBase, OfferingCount, Reason, ServiceLine

_SPANS = """
    SELECT began.company_id,
           max(least(coalesce(ended.changed_at, :ends_at), :ends_at)) AS active_until,
           max(began.changed_at) AS activated_at,
           (array_agg(ended.changed_at ORDER BY began.changed_at DESC))[1] AS deactivated_at
    FROM company_change began
    LEFT JOIN LATERAL (
        SELECT changed_at FROM company_change after
        WHERE after.customer_id = began.customer_id AND after.company_id = began.company_id
          AND NOT after.active AND after.changed_at >= began.changed_at
        ORDER BY after.changed_at LIMIT 1
    ) ended ON true
    WHERE began.customer_id = :customer_id AND began.active AND began.changed_at < :ends_at
      AND (ended.changed_at IS NULL
           OR (ended.changed_at > :starts_at AND ended.changed_at > began.changed_at))
      {one_page}
    GROUP BY began.company_id
"""
_REASON = """
    CASE WHEN span.active_until IS NULL THEN 'not_active'
         WHEN fact.credential_given_at IS NULL OR fact.credential_given_at >= span.active_until
              THEN 'no_credential'
         WHEN CAST(:paid_from AS timestamptz) IS NULL OR CAST(:paid_from AS timestamptz) >= span.active_until
              THEN 'demonstration'
         ELSE 'counted' END
"""
_SERVICE_REASON = """
    CASE WHEN activated_at >= :ends_at OR deactivated_at <= :starts_at OR deactivated_at <= activated_at
              THEN 'not_active'
         WHEN CAST(:paid_from AS timestamptz) IS NULL
              OR CAST(:paid_from AS timestamptz) >= least(coalesce(deactivated_at, :ends_at), :ends_at)
              THEN 'demonstration'
         ELSE 'counted' END
"""
_FIND_CUSTOMER = text(
    "SELECT customer_id, demonstration_ended_at FROM customer_fact WHERE customer_id = :customer_id"
)
_COUNT_COMPANIES = text(f"""
    SELECT count(*) FROM ({_SPANS.format(one_page="")}) span
    JOIN company_fact fact ON fact.customer_id = :customer_id AND fact.company_id = span.company_id
    WHERE {_REASON} = 'counted'
""")  # noqa: S608
_COUNT_OFFERINGS = text(f"""
    SELECT used.offering_code, offering_fact.name, used.counted
    FROM (
        SELECT offering_code, count(DISTINCT coalesce(company_id, customer_id)) AS counted
        FROM service_fact
        WHERE customer_id = :customer_id AND activated_at IS NOT NULL AND {_SERVICE_REASON} = 'counted'
        GROUP BY offering_code
    ) used LEFT JOIN offering_fact USING (offering_code)
    ORDER BY used.offering_code
""")  # noqa: S608
_PAGE_OF_COMPANIES = """
    SELECT company_id FROM company_fact
    WHERE customer_id = :customer_id AND company_id > :after
    UNION SELECT company_id FROM company_change WHERE customer_id = :customer_id AND company_id > :after
    ORDER BY company_id
"""
_COMPANIES = text(f"""
    SELECT known.company_id, fact.siret, fact.name, {_REASON} AS reason,
           span.activated_at, span.deactivated_at, fact.credential_given_at
    FROM ({_PAGE_OF_COMPANIES} LIMIT :limit) known
    LEFT JOIN company_fact fact ON fact.customer_id = :customer_id AND fact.company_id = known.company_id
    LEFT JOIN (
        {_SPANS.format(one_page=f"AND began.company_id IN ({_PAGE_OF_COMPANIES} LIMIT :limit)")}
    ) span ON span.company_id = known.company_id
    ORDER BY known.company_id
""")  # noqa: S608
_SERVICES = text(f"""
    SELECT activation_id, offering_code, company_id, {_SERVICE_REASON} AS reason,
           activated_at, deactivated_at
    FROM service_fact
    WHERE customer_id = :customer_id AND activated_at IS NOT NULL AND activation_id > :after
      AND (CAST(:offering_code AS text) IS NULL OR offering_code = :offering_code)
    ORDER BY activation_id LIMIT :limit
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Metered:
    """A customer as metering knows it; None: its demonstration lasts."""

    customer_id: UUID
    demonstration_ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list: at most `limit` lines after an id, of one offering or of all."""

    after: UUID
    limit: int
    offering_code: str | None = None


def _asked(customer_id: UUID, month: Month, paid_from: datetime | None) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "starts_at": month.starts_at,
        "ends_at": month.ends_at,
        "paid_from": paid_from,
    }


async def find_customer(tx: Tx, customer_id: UUID) -> Metered | None:
    """A customer that was heard of."""
    row = await tx.fetch_one(_FIND_CUSTOMER, {"customer_id": customer_id})
    return Metered(*tuple(row)) if row else None


async def count_month(tx: Tx, customer_id: UUID, month: Month, paid_from: datetime | None) -> MonthBase:
    """What the month counts for a customer that pays from that instant; None: still demonstrating."""
    asked = _asked(customer_id, month, paid_from)
    companies = (await tx.execute(_COUNT_COMPANIES, asked)).scalar_one()
    rows = await tx.fetch_all(_COUNT_OFFERINGS, asked)
    counts = tuple(OfferingCount(row.offering_code, row.name, row.counted) for row in rows)
    return MonthBase(customer_id, month, paid_from, companies, counts)


async def list_companies(
    tx: Tx, customer_id: UUID, month: Month, paid_from: datetime | None, after: UUID, limit: int
) -> list[CompanyLine]:
    """Every company heard of, counted or not, with the reason and its dates, in order of id."""
    asked = _asked(customer_id, month, paid_from) | {"after": after, "limit": limit}
    return [_company_line(row) for row in await tx.fetch_all(_COMPANIES, asked)]


def _company_line(row: Row[Any]) -> CompanyLine:
    return CompanyLine(
        row.company_id,
        row.siret,
        row.name,
        Reason(row.reason),
        row.activated_at,
        row.deactivated_at,
        row.credential_given_at,
    )


async def list_services(
    tx: Tx,
    customer_id: UUID,
    month: Month,
    paid_from: datetime | None,
    part: Part,
) -> Sequence[ServiceLine]:
    """Every activation heard of, counted or not, with the reason and its dates, in order of id."""
    asked = _asked(customer_id, month, paid_from)
    asked |= {"after": part.after, "limit": part.limit, "offering_code": part.offering_code}
    return [
        ServiceLine(
            row.activation_id,
            row.offering_code,
            row.company_id,
            Reason(row.reason),
            row.activated_at,
            row.deactivated_at,
        )
        for row in await tx.fetch_all(_SERVICES, asked)
    ]
