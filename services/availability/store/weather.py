"""What the weather is made of, and what it last said: what everybody may read, and a customer's own part."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.db import Tx
from services.availability.model.rates import PRODUCTION
from services.availability.model.records import OutageSource
from services.availability.model.weather import MAX_TOLD, Facts, Interruption, Maintenance, Offering
from services.availability.store.contracts import ZONE

_OFFERINGS = text("""
    SELECT code, name FROM offering WHERE ends_on IS NULL OR ends_on >= :today ORDER BY code LIMIT :limit
""")
_SHOWN = """
    SELECT o.outage_id, o.offering_code, o.source, o.title, o.starts_at, o.ends_at,
           (SELECT max(h.at) FROM outage_history h WHERE h.outage_id = o.outage_id) AS changed_at
    FROM outage o
    WHERE o.environment = :environment AND o.state IN ('open', 'ended')
          AND (o.ends_at IS NULL OR o.ends_at > :since) AND {touching}
    ORDER BY o.starts_at DESC, o.outage_id LIMIT :limit
"""
_TOUCHING_ALL = text(_SHOWN.format(touching="o.scope = 'all'"))
_TOUCHING_ONE = text(
    _SHOWN.format(
        touching="""(
            (o.scope = 'some' AND EXISTS (SELECT FROM outage_customer t
             WHERE t.customer_id = :customer_id AND t.outage_id = o.outage_id))
            OR (o.scope = 'all'
                AND (o.offering_code IS NULL OR o.offering_code = ANY(CAST(:codes AS text[]))))
        ) AND EXISTS (
            SELECT FROM customer c WHERE c.customer_id = :customer_id
            AND (o.ends_at IS NULL OR o.ends_at > CAST(c.contract_starts_on AS timestamp) AT TIME ZONE :zone)
            AND (c.contract_last_day IS NULL
                 OR o.starts_at < CAST(c.contract_last_day + 1 AS timestamp) AT TIME ZONE :zone)
        )"""
    )
)
_MAINTENANCE = text("""
    SELECT m.maintenance_id, m.kind, m.title, m.starts_at, m.announced_at, m.description, m.blocking,
           m.ends_at, m.started_at, m.ended_at, m.cancelled_at, m.revision,
           (SELECT max(h.at) FROM maintenance_history h WHERE h.maintenance_id = m.maintenance_id)
           AS changed_at
    FROM maintenance m
    WHERE m.state = 'started' OR coalesce(m.cancelled_at, m.ended_at, m.ends_at, m.starts_at) > :since
    ORDER BY m.starts_at DESC, m.maintenance_id LIMIT :limit
""")
_IN_USE = text("""
    SELECT DISTINCT offering_code FROM subscription
    WHERE customer_id = :customer_id AND activated_at <= :now
          AND (deactivated_at IS NULL OR deactivated_at > :now)
    LIMIT :limit
""")
_LAST = text("SELECT number, told_at, changed_at, digest, document FROM weather WHERE one")
_KEEP = text("""
    INSERT INTO weather (one, number, told_at, changed_at, digest, document)
    VALUES (true, :number, :told_at, :changed_at, :digest, CAST(:document AS jsonb))
    ON CONFLICT (one) DO UPDATE SET number = excluded.number, told_at = excluded.told_at,
           changed_at = excluded.changed_at, digest = excluded.digest, document = excluded.document
""")


@dataclass(frozen=True, slots=True)
class Last:
    """What was told last. `document` is a `WeatherShown`."""

    number: int
    told_at: datetime
    changed_at: datetime
    digest: str
    document: dict[str, Any]


async def load_facts(tx: Tx, today: date, since: datetime) -> Facts:
    """What everybody may know of what is not over at `since`."""
    parameters = {"environment": PRODUCTION, "since": since, "limit": MAX_TOLD}
    rows = await tx.fetch_all(_TOUCHING_ALL, parameters)
    return Facts(
        offerings=await _list_offerings(tx, today),
        interruptions=tuple(_interruption(row) for row in rows),
        maintenance=await _list_maintenance(tx, since),
    )


async def load_own_facts(tx: Tx, customer_id: UUID, now: datetime, today: date, since: datetime) -> Facts:
    """The same for a customer, while its contract runs: the services it uses, and what interrupts
    the portal and them for it.
    """
    used = await tx.fetch_all(_IN_USE, {"customer_id": customer_id, "now": now, "limit": MAX_TOLD})
    codes = {row.offering_code for row in used}
    parameters = {"environment": PRODUCTION, "since": since, "limit": MAX_TOLD}
    rows = await tx.fetch_all(
        _TOUCHING_ONE, parameters | {"customer_id": customer_id, "codes": sorted(codes), "zone": ZONE}
    )
    return Facts(
        offerings=tuple(each for each in await _list_offerings(tx, today) if each.code in codes),
        interruptions=tuple(_interruption(row) for row in rows),
        maintenance=await _list_maintenance(tx, since),
    )


async def find_last(tx: Tx) -> Last | None:
    """What was told last; None where nothing ever was."""
    row = await tx.fetch_one(_LAST)
    return Last(**row._mapping) if row else None


async def save_last(tx: Tx, last: Last) -> None:
    """Keeps what is told now in the place of what was."""
    await tx.execute(
        _KEEP,
        {
            "number": last.number,
            "told_at": last.told_at,
            "changed_at": last.changed_at,
            "digest": last.digest,
            "document": orjson.dumps(last.document).decode(),
        },
    )


async def _list_offerings(tx: Tx, today: date) -> tuple[Offering, ...]:
    rows = await tx.fetch_all(_OFFERINGS, {"today": today, "limit": MAX_TOLD})
    return tuple(Offering(row.code, row.name) for row in rows)


async def _list_maintenance(tx: Tx, since: datetime) -> tuple[Maintenance, ...]:
    rows = await tx.fetch_all(_MAINTENANCE, {"since": since, "limit": MAX_TOLD})
    return tuple(Maintenance(**row._mapping) for row in rows)


def _interruption(row: Row[Any]) -> Interruption:
    """A title is told only where a person wrote it: probes and alerts speak of the publisher's machines."""
    return Interruption(
        outage_id=row.outage_id,
        starts_at=row.starts_at,
        offering_code=row.offering_code,
        title=row.title if row.source == OutageSource.operations else None,
        ends_at=row.ends_at,
        changed_at=row.changed_at,
    )
