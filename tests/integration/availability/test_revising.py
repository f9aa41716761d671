"""What is corrected after a month has closed makes a revision, explained (6-h)."""

from datetime import date

import pytest

from chassis.db import Scope
from contracts.events.tenancy import ContractEnded
from services.availability.commands import exclusions, reviews
from services.availability.commands.outages import end_outage
from services.availability.jobs import revise_months
from services.availability.model.rates import ExclusionKind
from services.availability.model.records import NewExclusion
from tests.integration.availability.months import (
    BY,
    at,
    close,
    closings,
    down,
    exclude,
    run,
    stand,
    withdrawn,
)
from tests.integration.availability.portal import Portal

TUESDAY = "2026-05-05"


async def test_an_end_of_contract_told_late_revises_what_it_covered(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 4, 1))
    await close(portal, "2026-06-02T12:00+02:00")

    await portal.hear(
        ContractEnded(customer_id=customer, last_day=date(2026, 5, 4), ended_at=at("2026-06-03T00:00+02:00"))
    )
    await close(portal)

    assert [each.reference_seconds for each in await closings(portal, customer)] == [795600, 13 * 3600]
    assert "the contract covers another part" in (await closings(portal, customer))[1].explanation
    assert len(await closings(portal, customer, "2026-04")) == 1


async def test_what_still_goes_on_counts_until_the_months_end_and_an_earlier_end_revises_it(
    portal: Portal,
) -> None:
    await stand(portal, "2026-06-01T00:30+02:00")
    customer = await portal.new_customer(date(2026, 5, 1))
    outage = await down(portal, "2026-05-29T19:00+02:00", None, [customer])
    await close(portal, "2026-06-01T09:00+02:00")

    async with portal.db.transaction(Scope.portal()) as tx:
        await end_outage(tx, outage.outage_id, at("2026-05-29T19:30+02:00"), BY, portal.clock.business_now())
    await close(portal)

    assert [each.unavailable_seconds for each in await closings(portal, customer)] == [3600, 1800]


async def test_a_correction_makes_one_explained_revision_and_the_first_stays(portal: Portal) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer, other = await portal.new_customer(date(2026, 5, 1)), await portal.new_customer(date(2026, 5, 1))
    outage = await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T13:00+02:00", [customer])
    await close(portal, "2026-06-01T09:00+02:00")

    await withdrawn(portal, outage.outage_id)
    for _ in range(2):
        await close(portal)

    first, second = await closings(portal, customer)
    assert (first.revision, first.kept, first.unavailable_seconds) == (1, False, 4 * 3600)
    assert (second.revision, second.kept, second.unavailable_seconds) == (2, True, 0)
    assert second.explanation == (
        f"Corrected: outage 'Login fails' ({outage.outage_id}) removed, 14400 s then and 0 s now."
        " The rate was 98.190 % (14400 s of 795600 s) and is 100.000 % (0 s of 795600 s)."
        " The commitment is kept after all."
    )
    assert len(await closings(portal, other)) == 1


async def test_an_outage_that_is_put_on_record_late_revises_each_month_it_touches(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 3, 1))
    await close(portal, "2026-06-01T09:00+02:00")

    await down(portal, "2026-03-31T19:00+02:00", "2026-04-01T08:00+02:00", [customer])
    await close(portal)

    for month, expected in (("2026-03", [0, 3600]), ("2026-04", [0, 3600]), ("2026-05", [0])):
        said = await closings(portal, customer, month)
        assert [each.unavailable_seconds for each in said] == expected


async def test_an_outage_from_before_the_calendars_begin_hinders_no_review(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))
    await close(portal, "2026-06-01T09:00+02:00")

    await down(portal, "1950-01-01T00:00+00:00", f"{TUESDAY}T08:00+02:00", [customer])
    await close(portal)

    assert [each.unavailable_seconds for each in await closings(portal, customer)] == [0, (13 + 1) * 3600]


async def test_a_correction_that_changes_nothing_of_the_month_makes_no_revision(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))
    await close(portal, "2026-06-01T09:00+02:00")

    night = await down(portal, "2026-05-05T22:00+02:00", "2026-05-05T23:00+02:00", [customer])
    await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:00+02:00", [customer], environment="test")
    await close(portal)
    await withdrawn(portal, night.outage_id)
    await close(portal)

    assert len(await closings(portal, customer)) == 1


async def test_another_type_of_exclusion_revises_what_it_left_out_also_with_the_same_rate(
    portal: Portal,
) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer = await portal.new_customer(date(2026, 5, 1))
    hour = (f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:00+02:00")
    await down(portal, *hour, [customer])
    exclusion_id = await exclude(portal, *hour, [customer])
    await close(portal, "2026-06-01T09:00+02:00")

    async with portal.db.transaction(Scope.portal()) as tx:
        asked = NewExclusion(
            ExclusionKind.customer_equipment, at(hour[0]), at(hour[1]), "Its router", customers=(customer,)
        )
        before = await exclusions.find_to_change(tx, exclusion_id)
        await exclusions.correct(tx, before, asked, "The router's log.", BY, portal.clock.business_now())
    await close(portal)

    first, second = await closings(portal, customer)
    assert (first.rate, second.rate, second.revision) == ("100.000", "100.000", 2)
    assert second.explanation.startswith(f"Corrected: exclusion 'Its router' ({exclusion_id}) changed. ")


async def test_a_correction_of_many_months_is_worked_off_in_parts_and_each_revised_once(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "REVISIONS_AT_ONCE", 1)
    customer = await portal.new_customer(date(2026, 3, 1))
    await close(portal, "2026-06-01T09:00+02:00")
    await down(portal, "2026-03-30T09:00+02:00", "2026-05-05T10:00+02:00", [customer])

    for _ in range(6):
        await run(portal, revise_months)

    for month in ("2026-03", "2026-04", "2026-05"):
        assert [each.revision for each in await closings(portal, customer, month)] == [1, 2]
