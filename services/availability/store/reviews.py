"""Which records are otherwise than closed months last saw them, and which contracts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from chassis.db import Tx

# A record is compared as it stands, not by instants of its history: these come in any order of commit.
_UNSEEN = text("""
    SELECT 'outage' AS kind, outage_id AS record_id, outage.revision, outage.starts_at, outage.ends_at,
           least(outage.starts_at, seen.starts_at) AS since,
           CASE WHEN outage.ends_at IS NULL OR (seen.record_id IS NOT NULL AND seen.ends_at IS NULL)
                THEN NULL
                ELSE greatest(outage.ends_at, seen.ends_at) END AS until
    FROM outage LEFT JOIN record_seen seen ON seen.kind = 'outage' AND seen.record_id = outage_id
    WHERE seen.revision IS DISTINCT FROM outage.revision
    UNION ALL
    SELECT 'exclusion', exclusion_id, exclusion.revision, exclusion.starts_at, exclusion.ends_at,
           least(exclusion.starts_at, seen.starts_at),
           CASE WHEN exclusion.ends_at IS NULL OR (seen.record_id IS NOT NULL AND seen.ends_at IS NULL)
                THEN NULL
                ELSE greatest(exclusion.ends_at, seen.ends_at) END
    FROM exclusion LEFT JOIN record_seen seen ON seen.kind = 'exclusion' AND seen.record_id = exclusion_id
    WHERE seen.revision IS DISTINCT FROM exclusion.revision
    ORDER BY since, record_id LIMIT :limit
""")
_SEEN = text("""
    INSERT INTO record_seen (kind, record_id, revision, starts_at, ends_at)
    SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:records AS uuid[]), CAST(:revisions AS int[]),
                         CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
    ON CONFLICT (kind, record_id) DO UPDATE
    SET revision = excluded.revision, starts_at = excluded.starts_at, ends_at = excluded.ends_at
""")
_OTHER_CONTRACTS = text("""
    SELECT customer_id,
           least(CASE WHEN turn.contract_starts_on IS DISTINCT FROM customer.contract_starts_on
                      THEN least(turn.contract_starts_on, customer.contract_starts_on) END,
                 CASE WHEN turn.contract_last_day IS DISTINCT FROM customer.contract_last_day
                      THEN least(turn.contract_last_day, customer.contract_last_day) END) AS since,
           turn.first_day
    FROM month_turn turn JOIN customer USING (customer_id)
    WHERE turn.contract_starts_on IS DISTINCT FROM customer.contract_starts_on
       OR turn.contract_last_day IS DISTINCT FROM customer.contract_last_day
    ORDER BY customer_id LIMIT :limit FOR UPDATE OF turn
""")
_CONTRACTS_SEEN = text("""
    UPDATE month_turn SET contract_starts_on = customer.contract_starts_on,
                          contract_last_day = customer.contract_last_day
    FROM customer
    WHERE customer.customer_id = month_turn.customer_id
      AND month_turn.customer_id = ANY(CAST(:customers AS uuid[]))
""")


@dataclass(frozen=True, slots=True)
class Unseen:
    """A record in a revision that closed months did not see; [since, until) is where it is or was."""

    kind: str
    record_id: UUID
    revision: int
    starts_at: datetime
    ends_at: datetime | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OtherContract:
    """A customer whose contract covers other days, from the first of them, than its closed months had it;
    `first_day` is that of its next month to close.
    """

    customer_id: UUID
    since: date
    first_day: date


async def list_unseen(tx: Tx, limit: int) -> list[Unseen]:
    """Records that changed since closed months were compared with them, the earliest first."""
    return [Unseen(*tuple(row)) for row in await tx.fetch_all(_UNSEEN, {"limit": limit})]


async def save_seen(tx: Tx, records: Sequence[Unseen]) -> None:
    """Closed months have been compared with these records."""
    await tx.execute(
        _SEEN,
        {
            "kinds": [each.kind for each in records],
            "records": [each.record_id for each in records],
            "revisions": [each.revision for each in records],
            "starts": [each.starts_at for each in records],
            "ends": [each.ends_at for each in records],
        },
    )


async def list_other_contracts(tx: Tx, limit: int) -> list[OtherContract]:
    """Customers whose contract changed since their closed months were looked at, locked."""
    return [OtherContract(*tuple(row)) for row in await tx.fetch_all(_OTHER_CONTRACTS, {"limit": limit})]


async def save_contracts_seen(tx: Tx, customers: Sequence[UUID]) -> None:
    """The closed months of these customers have been looked at."""
    await tx.execute(_CONTRACTS_SEEN, {"customers": list(customers)})
