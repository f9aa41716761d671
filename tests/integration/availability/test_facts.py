"""What months are reckoned from: found by the time in which it went on."""

from datetime import date
from uuid import UUID

from sqlalchemy import text

from chassis.db import Scope, Tx
from services.availability.model.months import Known
from services.availability.model.rates import Span
from services.availability.store.facts import load_known, load_record
from tests.integration.availability.months import at, down, exclude, stand
from tests.integration.availability.portal import Portal

MAY = Span(at("2026-05-01T00:00+02:00"), at("2026-06-01T00:00+02:00"))
APRIL_30, MAY_1 = "2026-04-30", "2026-05-01"


async def known(portal: Portal, customer: UUID) -> Known:
    """What touches the customer in May."""
    async with portal.db.transaction(Scope.customer(customer), read_only=True) as tx:
        return await load_known(tx, customer, MAY)


async def test_what_ends_as_a_month_begins_or_begins_as_it_ends_is_none_of_it(portal: Portal) -> None:
    await stand(portal, "2026-07-01T12:00+02:00")
    customer = await portal.new_customer(date(2026, 1, 1))
    await down(portal, f"{APRIL_30}T09:00+02:00", f"{MAY_1}T00:00:00+02:00", [customer])
    first = await down(portal, f"{APRIL_30}T09:00+02:00", f"{MAY_1}T00:00:01+02:00", [customer])
    last = await down(portal, "2026-05-31T23:59:59+02:00", "2026-06-02T09:00+02:00", [customer])
    await down(portal, "2026-06-01T00:00:00+02:00", "2026-06-02T09:00+02:00", [customer])
    await exclude(portal, f"{APRIL_30}T09:00+02:00", f"{MAY_1}T00:00:00+02:00", [customer])
    cut = await exclude(portal, f"{APRIL_30}T09:00+02:00", f"{MAY_1}T00:00:01+02:00", [customer])

    found = await known(portal, customer)

    assert [each.outage_id for each in found.outages] == [first.outage_id, last.outage_id]
    assert [each.exclusion_id for each in found.exclusions] == [cut]


async def test_what_goes_on_since_long_before_a_month_is_of_it(portal: Portal) -> None:
    await stand(portal, "2026-07-01T12:00+02:00")
    customer = await portal.new_customer(date(2026, 1, 1))
    going_on = await down(portal, "2026-01-05T09:00+01:00", None, [customer])

    assert [each.outage_id for each in (await known(portal, customer)).outages] == [going_on.outage_id]


async def test_what_was_over_before_a_month_is_not_gone_through_for_it(portal: Portal) -> None:
    """The indexes serve the portal's own role: nothing else can be scanned for a bitmap here."""
    indexes = ("outage_during", "exclusion_during")
    async with portal.db.transaction(Scope.portal(), read_only=True) as tx:
        for way in ("seqscan", "indexscan"):
            await tx.execute(text(f"SET LOCAL enable_{way} = off"))
        before = [await _scans(tx, name) for name in indexes]
        await load_record(tx, MAY)
        assert [await _scans(tx, name) for name in indexes] == [scans + 1 for scans in before]


async def _scans(tx: Tx, index: str) -> int:
    """How often this transaction's connection has used an index."""
    counted = text("SELECT pg_stat_get_xact_numscans(CAST(:index AS regclass))")
    return int((await tx.execute(counted, {"index": index})).scalar_one())
