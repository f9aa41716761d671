"""A commitment that can no longer be met is said at once, to each customer once a month (6-a)."""

import asyncio
from datetime import date
from uuid import UUID

from chassis.db import Scope
from contracts.events.availability import AvailabilityBelowCommitment
from services.availability.commands.outages import end_outage, find_to_change, withdraw
from services.availability.jobs import say_commitments_lost
from tests.integration.availability.months import BY, at, close, down, exclude, look, run, said_of, stand
from tests.integration.availability.portal import Portal

TUESDAY = "2026-05-05"
LOST_AT = at("2026-05-05T12:12:37+02:00")


async def losses(portal: Portal, customer: UUID, month: str = "2026-05") -> list[AvailabilityBelowCommitment]:
    """What was said of lost commitments."""
    said = await said_of(portal, customer, month)
    return [each for each in said if isinstance(each, AvailabilityBelowCommitment)]


async def test_it_is_said_while_the_outage_still_goes_on_and_once(portal: Portal) -> None:
    customer, other = await portal.new_customer(date(2026, 5, 1)), await portal.new_customer(date(2026, 5, 1))
    await stand(portal, f"{TUESDAY}T10:05+02:00")
    outage = await down(portal, f"{TUESDAY}T10:00+02:00", None, [customer])

    await look(portal, f"{TUESDAY}T12:12:36+02:00")
    assert await losses(portal, customer) == []
    await look(portal, f"{TUESDAY}T12:12:40+02:00")
    await look(portal, f"{TUESDAY}T15:00:00+02:00")

    (said,) = await losses(portal, customer)
    assert (said.lost_at, said.reference_seconds) == (LOST_AT, 3600 * (13 + 5) + 12 * 60 + 40)
    assert said.unavailable_seconds == 2 * 3600 + 12 * 60 + 40
    assert await losses(portal, other) == []
    async with portal.db.transaction(Scope.portal()) as tx:
        await end_outage(tx, outage.outage_id, at(f"{TUESDAY}T15:00+02:00"), BY, portal.clock.business_now())


async def test_what_was_lost_when_nobody_looked_is_said_with_the_instant_it_was_lost(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))
    await stand(portal, "2026-05-20T12:00+02:00")
    await down(portal, f"{TUESDAY}T10:00+02:00", f"{TUESDAY}T18:00+02:00", [customer])

    await look(portal, "2026-05-20T12:00:10+02:00")

    assert [each.lost_at for each in await losses(portal, customer)] == [LOST_AT]


async def test_a_month_that_is_over_and_not_settled_is_looked_at_still(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))
    await stand(portal, "2026-06-01T00:20+02:00")
    await down(portal, "2026-05-29T10:00+02:00", "2026-05-29T18:00+02:00", [customer])

    await look(portal, "2026-06-01T00:30+02:00")
    await close(portal, "2026-06-01T09:00+02:00")

    assert len(await losses(portal, customer)) == 1


async def test_what_the_contract_covers_makes_the_allowance(portal: Portal) -> None:
    """The last four days of May may take 31 minutes and 12 seconds."""
    customer = await portal.new_customer(date(2026, 5, 26))
    await stand(portal, "2026-05-26T12:00+02:00")
    await down(portal, "2026-05-26T10:00+02:00", "2026-05-26T10:31:13+02:00", [customer])

    await look(portal, "2026-05-26T12:00:10+02:00")

    assert [each.lost_at for each in await losses(portal, customer)] == [at("2026-05-26T10:31:13+02:00")]


async def test_what_an_exclusion_leaves_out_loses_nothing(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))
    await stand(portal, f"{TUESDAY}T20:00+02:00")
    await down(portal, f"{TUESDAY}T10:00+02:00", f"{TUESDAY}T18:00+02:00", [customer])
    await exclude(portal, f"{TUESDAY}T10:00+02:00", f"{TUESDAY}T16:00+02:00", [customer])

    await look(portal, f"{TUESDAY}T20:00:10+02:00")

    assert await losses(portal, customer) == []


async def test_a_correction_that_restores_it_shows_and_one_that_loses_it_again_says_nothing_twice(
    portal: Portal,
) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))
    await stand(portal, f"{TUESDAY}T20:00+02:00")
    outage = await down(portal, f"{TUESDAY}T10:00+02:00", f"{TUESDAY}T18:00+02:00", [customer])
    await look(portal, f"{TUESDAY}T20:00:10+02:00")
    async with portal.db.transaction(Scope.portal()) as tx:
        found = await find_to_change(tx, outage.outage_id)
        await withdraw(tx, found, "A false alarm", BY, portal.clock.business_now())

    shown = (await portal.firm(customer).get("/v1/months/2026-05")).json()
    await down(portal, f"{TUESDAY}T10:00+02:00", f"{TUESDAY}T18:00+02:00", [customer])
    await look(portal, f"{TUESDAY}T20:00:20+02:00")
    again = (await portal.firm(customer).get("/v1/months/2026-05")).json()

    assert (shown["lost"]["restored"], again["lost"]["restored"]) == (True, False)
    assert len(await losses(portal, customer)) == 1


async def test_however_many_look_at_once_it_is_said_once_to_each(portal: Portal) -> None:
    customers = [await portal.new_customer(date(2026, 5, 1)) for _ in range(20)]
    await stand(portal, f"{TUESDAY}T20:00+02:00")
    await down(portal, f"{TUESDAY}T10:00+02:00", f"{TUESDAY}T18:00+02:00", customers)

    await asyncio.gather(*(run(portal, say_commitments_lost) for _ in range(3)))

    assert [len(await losses(portal, customer)) for customer in customers] == [1] * 20
