"""What ticketing hears: plans over time, products and their features, and what it says again itself."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.db import Scope
from contracts.events.catalog import ServicePublished
from contracts.events.tenancy import CompanyRegistered, SupportPlanChanged
from contracts.events.ticketing import SupportSuspended
from services.ticketing.resync import resync
from tests.integration.ticketing.portal import NOW, Portal, registered
from tests.support.callers import once

TWO = {"departs": True, "reproducible": True, "essential": True, "inoperative": True, "workaround": True}


async def test_a_company_may_be_heard_of_before_its_customer(portal: Portal) -> None:
    customer, company = uuid4(), uuid4()
    await portal.hear(
        CompanyRegistered(
            customer_id=customer,
            company_id=company,
            siret="73282932000074",
            name="Boulangerie",
            registered_at=NOW,
        )
    )
    await portal.hear(registered(customer))
    assert (await portal.ask(customer, company_id=str(company))).status_code == 201


async def test_a_restated_customer_does_not_rewrite_its_earlier_plan(portal: Portal) -> None:
    customer = await portal.new_customer("open")
    changed = NOW - timedelta(days=1)
    await portal.hear(
        SupportPlanChanged(customer_id=customer, plan="private", previous_plan="open", changed_at=changed),
        registered(customer, "private"),
    )
    assert (await portal.register(customer))["plan"] == "private"
    await portal.set_time(changed - timedelta(hours=2))
    assert (await portal.register(customer))["plan"] == "open"
    await portal.set_time(NOW)


async def test_a_product_said_anew_has_its_new_essential_features(portal: Portal) -> None:
    code = await portal.new_product()
    await portal.hear(
        ServicePublished(
            offering_code=code,
            name="Devis",
            collaborative=False,
            confirmation_needed=False,
            published_at=NOW,
            essential_features=["create a quote"],
        )
    )
    ticket = await portal.register(await portal.new_customer(), product=code)
    await portal.act(ticket, "take-charge")
    facts = {name: value for name, value in TWO.items() if name != "essential"} | {"workaround": False}
    assert (await portal.act(ticket, "qualification", **facts)).json()["criticality"] == 1


async def test_tickets_and_suspensions_are_said_again_as_they_were_said(portal: Portal) -> None:
    customer = await portal.new_customer()
    ticket = await portal.register(customer)
    await portal.act(ticket, "take-charge")
    await portal.act(ticket, "reproduction")
    await portal.act(ticket, "qualification", **TWO)
    await portal.act(ticket, "requalification", **TWO | {"workaround": False}, explanation="None after all.")
    await portal.act(ticket, "corrective-plan", plan="Thursday.")
    await portal.act(ticket, "fix", workaround=False, explanation="Patched.")
    await portal.act(ticket, "closing")
    other = await portal.register(customer)
    await portal.act(
        other, "leaving-out", left_out="not_reproducible", explanation="It does not happen here."
    )
    suspending = {"reason": "remote_assistance_impossible", "explanation": "No access."}
    place = f"/v1/customers/{customer}/support-suspensions"
    suspension = (await portal.agent.post(place, json=suspending, headers=once())).json()
    await portal.agent.post(f"{place}/{suspension['suspension_id']}/resumption")
    async with portal.db.transaction(Scope.portal(), read_only=True) as tx:
        again = [event async for event in resync(tx) if getattr(event, "customer_id", None) == customer]
    first = await portal.said(customer)
    assert len(again) == len(first) > 10
    assert any(isinstance(event, SupportSuspended) for event in again)
    for subject in {event.subject() for event in first}:
        assert [event for event in again if event.subject() == subject] == [
            event for event in first if event.subject() == subject
        ]


@pytest.mark.parametrize(
    "change", ["UPDATE ticket_history SET what = 'closed'", "DELETE FROM ticket_history"]
)
async def test_nobody_changes_a_ticket_s_history(portal: Portal, change: str) -> None:
    await portal.register(await portal.new_customer())
    with pytest.raises(DBAPIError, match="append-only"):
        async with portal.db.transaction(Scope.portal()) as tx:
            await tx.execute(text(change))


async def test_a_clock_set_back_puts_no_line_before_the_last(portal: Portal) -> None:
    ticket = await portal.register(await portal.new_customer())
    await portal.set_time(datetime(2026, 3, 9, 9, 0, tzinfo=UTC))
    shown = (await portal.act(ticket, "take-charge")).json()
    assert shown["taken_in_charge_at"] == ticket["registered_at"]
    await portal.set_time(NOW)


async def test_support_starts_on_the_day_that_its_contract_says(portal: Portal) -> None:
    """R9: the years of compliance are counted from there, also when the customer is told again."""
    customer = uuid4()
    told = registered(customer).model_copy(update={"support_starts_on": date(2025, 11, 3)})
    for event in (told, told.model_copy(update={"support_plan": "private"})):
        await portal.hear(event)
    answer = await portal.firm(customer).get("/v1/compliance")
    assert [year["starts_on"] for year in answer.json()["years"]] == ["2025-11-03"]
    assert (await portal.register(customer))["plan"] == "open"
