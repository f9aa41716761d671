"""Months close by themselves, with their evidence, and stay as they were closed (6-h)."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.db import Scope, Tx
from contracts.events.availability import AvailabilityBelowCommitment, AvailabilityMonthClosed
from contracts.events.tenancy import ContractEnded
from services.availability.jobs import close_months, revise_months
from services.availability.resync import resync
from tests.integration.availability.months import (
    at,
    close,
    closings,
    down,
    run,
    said_of,
    stand,
    withdrawn,
)
from tests.integration.availability.portal import Portal, registered

TUESDAY = "2026-05-05"


async def test_a_month_closes_once_it_is_over_and_settled(portal: Portal) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer = await portal.new_customer(date(2026, 5, 1))
    await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:00+02:00", [customer])

    await close(portal, "2026-06-01T00:59:59+02:00")
    assert await closings(portal, customer) == []
    await close(portal, "2026-06-01T01:00:00+02:00")
    await close(portal, "2026-06-01T02:00:00+02:00")

    (said,) = await closings(portal, customer)
    assert (said.revision, said.reference_seconds, said.unavailable_seconds) == (1, 795600, 3600)
    assert (said.rate, said.kept) == ("99.547", True)
    assert said.explanation == (
        "Closed at 99.547 %, kept: 3600 s of 795600 s unavailable, by 1 of 1 outages on record."
    )


async def test_months_that_were_missed_are_closed_in_order(portal: Portal) -> None:
    await stand(portal, "2026-02-01T12:00+01:00")
    customer = await portal.new_customer(date(2026, 3, 30))

    await close(portal, "2026-06-02T12:00+02:00")

    async with portal.db.transaction(Scope.customer(customer)) as tx:
        rows = await tx.fetch_all(text("SELECT month, reference_seconds FROM month_close ORDER BY month"))
    assert [tuple(row) for row in rows] == [
        ("2026-03", 2 * 13 * 3600),  # the contract covers its last two days
        ("2026-04", 21 * 13 * 3600),
        ("2026-05", 17 * 13 * 3600),
    ]


async def test_a_contract_that_ended_closes_its_last_month_and_no_later_one(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 4, 1))
    ended = ContractEnded(
        customer_id=customer, last_day=date(2026, 5, 2), ended_at=at("2026-05-03T00:00+02:00")
    )
    await portal.hear(ended)

    await close(portal, "2026-08-02T12:00+02:00")

    assert len(await closings(portal, customer, "2026-04")) == 1
    (may,) = await closings(portal, customer, "2026-05")
    assert (may.reference_seconds, may.rate, may.kept) == (
        0,
        None,
        None,
    )  # 1 May is a holiday, the 2nd a Saturday
    assert await closings(portal, customer, "2026-06") == []


async def test_a_contract_that_is_told_to_start_later_closes_no_month_before(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 4, 1))
    await stand(portal, "2026-04-20T12:00+02:00")
    await close(portal)
    await portal.hear(registered(customer, date(2026, 5, 18)))

    await close(portal, "2026-06-02T12:00+02:00")

    assert await closings(portal, customer, "2026-04") == []
    assert [each.reference_seconds for each in await closings(portal, customer)] == [9 * 13 * 3600]


async def test_a_month_that_is_lost_says_so_before_it_is_closed(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))
    await stand(portal, "2026-06-01T00:30+02:00")
    await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T13:00+02:00", [customer])

    await close(portal, "2026-06-01T09:00+02:00")

    lost, said = await said_of(portal, customer, "2026-05")
    assert isinstance(lost, AvailabilityBelowCommitment)
    assert lost.lost_at == at("2026-05-05T11:12:37+02:00")
    assert isinstance(said, AvailabilityMonthClosed)


async def test_however_many_work_at_once_each_month_is_closed_and_revised_once(portal: Portal) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customers = [await portal.new_customer(date(2026, 5, 1)) for _ in range(20)]
    await stand(portal, "2026-06-01T09:00+02:00")
    await asyncio.gather(*(run(portal, close_months) for _ in range(3)))
    await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:00+02:00", customers)

    await asyncio.gather(*(run(portal, revise_months) for _ in range(3)))

    for customer in customers:
        assert [each.revision for each in await closings(portal, customer)] == [1, 2]


async def test_a_close_that_fails_keeps_nothing_and_is_done_once_when_it_is_done_again(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer = await portal.new_customer(date(2026, 5, 1))
    await stand(portal, "2026-06-01T09:00+02:00")

    async def dying(*_arguments: Any) -> None:
        raise ConnectionError("the worker died")

    with monkeypatch.context() as patched:
        patched.setattr(Tx, "emit_many", dying)
        with pytest.raises(ConnectionError):
            await run(portal, close_months)
    assert await closings(portal, customer) == []
    await run(portal, close_months)

    assert [each.revision for each in await closings(portal, customer)] == [1]


async def test_a_resync_says_each_closed_month_in_its_last_revision(portal: Portal) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer = await portal.new_customer(date(2026, 4, 1))
    outage = await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T13:00+02:00", [customer])
    await close(portal, "2026-06-01T09:00+02:00")
    await withdrawn(portal, outage.outage_id)
    await close(portal)

    async with portal.db.transaction(Scope.portal()) as tx:
        again = [event async for event in resync(tx)]

    said = [each for each in again if getattr(each, "customer_id", None) == customer]
    assert said == [(await closings(portal, customer, month))[-1] for month in ("2026-04", "2026-05")]
    assert [each.revision for each in said if isinstance(each, AvailabilityMonthClosed)] == [1, 2]


async def test_those_whom_the_same_records_touch_share_one_evidence(portal: Portal) -> None:
    customers = [await portal.new_customer(date(2026, 5, 1)) for _ in range(10)]
    await stand(portal, "2026-06-01T00:30+02:00")
    await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:00+02:00", customers[:5])

    await close(portal, "2026-06-01T09:00+02:00")

    async with portal.db.transaction(Scope.portal()) as tx:
        rows = await tx.fetch_all(
            text(
                "SELECT DISTINCT evidence FROM month_close WHERE month = '2026-05'"
                " AND customer_id = ANY(CAST(:customers AS uuid[]))"
            ),
            {"customers": customers},
        )
    assert len(rows) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE month_close SET kept = true",
        "DELETE FROM month_close",
        "UPDATE month_evidence SET content = '{}'",
        "DELETE FROM month_evidence",
    ],
)
async def test_nobody_rewrites_a_closed_month(portal: Portal, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"a closed month is frozen \(6-h\)"):
        async with portal.db.transaction(Scope.portal()) as tx:
            await tx.execute(text(statement))


async def test_each_customer_sees_its_own_closed_months_alone(portal: Portal) -> None:
    one, other = await portal.new_customer(date(2026, 5, 1)), await portal.new_customer(date(2026, 5, 1))
    await close(portal, "2026-06-01T09:00+02:00")

    seen: set[Any] = set()
    async with portal.db.transaction(Scope.customer(one)) as tx:
        for table in ("month_close", "month_turn"):
            seen |= {row.customer_id for row in await tx.fetch_all(text(f"SELECT customer_id FROM {table}"))}
    assert one in seen
    assert other not in seen
