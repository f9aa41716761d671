"""Registering: by the customer, its programs and the telephone; who may, about what, and what is answered."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Scope
from contracts.events.catalog import ServicePublished, ServiceWithdrawn
from contracts.events.tenancy import ContractEnded, SupportPlanChanged
from contracts.events.ticketing import TicketAcknowledged, TicketRegistered
from tests.integration.ticketing.portal import CONTACT, DESCRIPTION, NOW, Portal, asked, problem
from tests.support.callers import once


async def mails(portal: Portal, ticket_id: str) -> list[dict[str, str]]:
    """The mails asked for about this ticket's registration."""
    found = text("SELECT payload FROM effect WHERE kind = 'mail' AND idempotency_key = :key")
    async with portal.db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(found, {"key": f"acknowledgement/{ticket_id}"})
    return [row.payload for row in rows]


class TestATicket:
    async def test_is_registered_with_its_description_and_acknowledged_at_once(self, portal: Portal) -> None:
        customer, product = await portal.new_customer(), await portal.new_product("create a quote")
        answer = await portal.ask(customer, product=product, urgency="blocking")
        shown = answer.json()
        assert answer.status_code == 201
        assert (shown["state"], shown["channel"], shown["plan"]) == ("registered", "portal", "open")
        assert (shown["description"], shown["contact"]) == (DESCRIPTION, CONTACT)
        assert shown["acknowledged_at"] == shown["registered_at"]
        assert (shown["urgency"], shown["criticality"], shown["taken_in_charge_at"]) == (
            "blocking",
            None,
            None,
        )
        first, second = await portal.said(customer)
        assert isinstance(first, TicketRegistered)
        assert isinstance(second, TicketAcknowledged)
        assert (first.reference, first.product, first.channel) == (shown["reference"], product, "portal")
        assert first.take_charge_due_at == datetime.fromisoformat("2026-03-11T11:30:00+01:00")

    async def test_runs_against_the_terms_of_its_registration_and_says_which(self, portal: Portal) -> None:
        ticket = await portal.register(await portal.new_customer())
        (clock,) = ticket["clocks"]
        assert (clock["kind"], clock["state"], clock["clause"]) == ("take_charge", "running", "13.2-e")
        assert (clock["limit_open_seconds"], clock["elapsed_open_seconds"]) == (28_800, 0)
        assert clock["remaining_open_seconds"] == 28_800
        terms = ticket["terms"]
        assert (terms["frozen_on"], terms["calendar"]) == ("2026-03-10", "support.open")
        assert "Portal publisher" in terms["applied"]
        assert {"weekday": 5, "opens": "14:30", "closes": "17:00"} in terms["hours"]
        assert (terms["corrective_plan_open_seconds"], terms["correction_business_days"]) == (43_200, 6)

    async def test_is_acknowledged_by_mail_that_is_no_take_charge(self, portal: Portal) -> None:
        ticket = await portal.register(await portal.new_customer("private"))
        (mail,) = await mails(portal, ticket["ticket_id"])
        assert (mail["to"], ticket["reference"] in mail["subject"]) == ("claire@cabinet.example", True)
        assert "11/03/2026" not in mail["text"]
        assert "10/03/2026 à 14:00:00 (heure de Paris)" in mail["text"]
        assert "n'est pas une prise en charge" in mail["text"]
        assert str(DESCRIPTION["context"]) not in mail["text"]

    async def test_without_an_address_is_acknowledged_in_the_customer_space(self, portal: Portal) -> None:
        ticket = await portal.register(await portal.new_customer(), contact={"name": "Claire"})
        assert await mails(portal, ticket["ticket_id"]) == []
        assert ticket["acknowledged_at"]

    async def test_is_of_its_product_s_queue_or_of_the_portal_s(self, portal: Portal) -> None:
        customer, product = await portal.new_customer(), await portal.new_product()
        about = await portal.read(await portal.register(customer, product=product))
        portal_itself = await portal.read(await portal.register(customer))
        assert (about["queue"], portal_itself["queue"]) == (product, "portal")

    async def test_asked_twice_with_one_key_is_one(self, portal: Portal) -> None:
        customer, key = await portal.new_customer(), once()
        firm = portal.firm(customer)
        first = await firm.post("/v1/tickets", json=asked(), headers=key)
        again = await firm.post("/v1/tickets", json=asked(), headers=key)
        assert first.json() == again.json()
        listed = await firm.get("/v1/tickets")
        assert len(listed.json()["items"]) == 1

    async def test_keeps_its_terms_when_the_plan_changes(self, portal: Portal) -> None:
        customer = await portal.new_customer("open")
        old = await portal.register(customer)
        await portal.hear(
            SupportPlanChanged(customer_id=customer, plan="private", previous_plan="open", changed_at=NOW)
        )
        new = await portal.register(customer)
        kept = (await portal.firm(customer).get(f"/v1/tickets/{old['ticket_id']}")).json()
        assert (kept["plan"], kept["terms"]) == ("open", old["terms"])
        assert (new["plan"], new["clocks"][0]["limit_open_seconds"]) == ("private", 14_400)


class TestChannels:
    async def test_a_customer_s_program_registers_through_the_api(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        partner = portal.of(Role.partner, customer)
        answer = await partner.post("/v1/tickets", json=asked(), headers=once())
        assert (answer.status_code, answer.json()["channel"]) == (201, "api")

    async def test_an_agent_records_a_call_and_may_answer_it_at_once(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        place = f"/v1/customers/{customer}/tickets"
        call = await portal.agent.post(place, json=asked(), headers=once())
        assert (call.status_code, call.json()["channel"], call.json()["state"]) == (
            201,
            "telephone",
            "registered",
        )
        answered = await portal.agent.post(place, json=asked(answered_at_once=True), headers=once())
        assert answered.json()["state"] == "in_charge"
        assert answered.json()["clocks"][0]["state"] == "kept"

    async def test_the_telephone_is_answered_in_opening_hours_alone(self, portal: Portal) -> None:
        customer = await portal.new_customer("open")
        lunch = datetime.fromisoformat("2026-03-10T13:00:00+01:00")
        await portal.set_time(lunch)
        place = f"/v1/customers/{customer}/tickets"
        refused = await portal.agent.post(place, json=asked(), headers=once())
        assert problem(refused) == (409, "telephone-closed", "13.6-a")
        assert "14:30" in refused.json()["detail"]
        private = await portal.new_customer("private")
        taken = await portal.agent.post(f"/v1/customers/{private}/tickets", json=asked(), headers=once())
        assert taken.status_code == 201
        assert (await portal.ask(customer)).status_code == 201
        await portal.set_time(NOW)


class TestIsRefused:
    async def test_without_a_plan_that_has_support_but_for_customer_service(self, portal: Portal) -> None:
        customer = await portal.new_customer("connect")
        refused = await portal.ask(customer)
        assert problem(refused) == (409, "plan-without-support", "13.2-a")
        assert refused.json()["article"] == "13.2"
        asked_of_service = await portal.register(customer, kind="customer_service")
        assert (asked_of_service["clocks"], asked_of_service["terms"]) == ([], None)
        seen = await portal.read(asked_of_service)
        assert seen["queue"] == "customer-service"

    async def test_from_a_company_which_its_firm_helps(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        company = await portal.new_company(customer)
        for role in (Role.company_admin, Role.company_user):
            answer = await portal.of(role, customer, company).post(
                "/v1/tickets", json=asked(kind="customer_service"), headers=once()
            )
            assert problem(answer) == (403, "ticket-goes-to-the-firm", "17-a")

    async def test_for_custom_work(self, portal: Portal) -> None:
        refused = await portal.ask(await portal.new_customer(), concern="custom_report")
        assert problem(refused) == (409, "custom-work-outside-support", "1-e")
        assert "customer service" in refused.json()["title"]

    async def test_about_a_product_that_is_unknown_or_over(self, portal: Portal) -> None:
        customer, product = await portal.new_customer(), await portal.new_product()
        assert problem(await portal.ask(customer, product="nothing")) == (422, "product-unknown", None)
        last_day = date(2026, 3, 10)
        await portal.hear(ServiceWithdrawn(offering_code=product, ends_on=last_day, withdrawn_at=NOW))
        assert (await portal.ask(customer, product=product)).status_code == 201
        await portal.set_time(NOW + timedelta(days=1))
        assert problem(await portal.ask(customer, product=product)) == (409, "product-withdrawn", "3-d")
        await portal.set_time(NOW)

    async def test_after_the_contract_but_for_customer_service(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        await portal.hear(ContractEnded(customer_id=customer, last_day=date(2026, 3, 9), ended_at=NOW))
        assert problem(await portal.ask(customer)) == (409, "support-over", "16-a")
        assert (await portal.ask(customer, kind="customer_service")).status_code == 201

    async def test_about_another_customer_s_company(self, portal: Portal) -> None:
        customer, other = await portal.new_customer(), await portal.new_customer()
        company = await portal.new_company(other)
        refused = await portal.ask(customer, company_id=str(company))
        assert problem(refused) == (404, "ticketing-company-unknown", None)
        assert (await portal.ask(other, company_id=str(company))).status_code == 201

    async def test_for_a_customer_nobody_told_of(self, portal: Portal) -> None:
        assert problem(await portal.ask(uuid4())) == (404, "ticketing-customer-unknown", None)


async def test_a_customer_that_registers_very_many_is_held_back_and_loses_none(portal: Portal) -> None:
    customer, other = await portal.new_customer(), await portal.new_customer()
    quota = portal.api.app.state.registrations.quota
    portal.api.app.state.registrations.quota = 20
    answers = await asyncio.gather(*(portal.ask(customer) for _ in range(30)))
    assert (await portal.ask(other)).status_code == 201
    portal.api.app.state.registrations.quota = quota
    accepted = [each.json()["ticket_id"] for each in answers if each.status_code == 201]
    refused = [each for each in answers if each.status_code == 429]
    assert (len(accepted), len(refused)) == (20, 10)
    assert {problem(each) for each in refused} == {(429, "too-many-tickets", None)}
    assert all(int(each.headers["Retry-After"]) >= 1 for each in refused)
    assert refused[0].headers["RateLimit-Policy"].startswith('"tickets";q=20')
    listed = await portal.firm(customer).get("/v1/tickets", params={"limit": 200})
    assert {each["ticket_id"] for each in listed.json()["items"]} == set(accepted)


async def test_what_companies_try_counts_not_against_their_firm(portal: Portal) -> None:
    customer = await portal.new_customer()
    company = portal.of(Role.company_admin, customer, await portal.new_company(customer))
    quota = portal.api.app.state.registrations.quota
    portal.api.app.state.registrations.quota = 3
    tried = [await company.post("/v1/tickets", json=asked(), headers=once()) for _ in range(5)]
    assert {problem(each) for each in tried} == {(403, "ticket-goes-to-the-firm", "17-a")}
    answer = await portal.ask(customer)
    portal.api.app.state.registrations.quota = quota
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "address", ["a\x01b@x.example", "a@-..", "a@x..example", "a b@x.example", "a@x\n.example"]
)
async def test_what_can_be_no_mail_address_is_refused(portal: Portal, address: str) -> None:
    answer = await portal.ask(await portal.new_customer(), contact={"email": address})
    assert problem(answer)[:2] == (422, "input-refused")


async def test_a_customer_sees_its_support_s_hours_and_limits_at_any_time(portal: Portal) -> None:
    shown = (await portal.firm(await portal.new_customer("private")).get("/v1/support")).json()
    assert (shown["plan"], shown["open_now"], shown["take_charge_open_seconds"]) == ("private", True, 14_400)
    assert {"weekday": 1, "opens": "09:00", "closes": "18:00"} in shown["hours"]
    connect = (await portal.firm(await portal.new_customer("connect")).get("/v1/support")).json()
    assert (connect["has_support"], connect["take_charge_open_seconds"]) == (False, None)
    nobody = await portal.firm(UUID(int=7)).get("/v1/support")
    assert problem(nobody) == (404, "ticketing-customer-unknown", None)


async def test_a_ticket_shows_for_good_what_applied_to_it(portal: Portal) -> None:
    """2-a: its product's own terms, the booklet, the general terms; changed later, they are not its own."""
    code = f"product-{uuid4().hex[:12]}"

    async def publish(*stricter: str) -> None:
        told = {"name": "Documents", "collaborative": False, "confirmation_needed": False}
        event = {"offering_code": code, "published_at": NOW, "stricter_terms": list(stricter)} | told
        await portal.hear(ServicePublished.model_validate(event))

    await publish("backup 2", "security 1")
    ticket = await portal.register(await portal.new_customer(), product=code)
    await publish()
    shown = (await portal.read(ticket))["terms"]["applied"]
    own = "the service's own terms (backup 2, security 1)"
    assert shown.startswith(f"The first prevailing: {own}; the booklet of ")
    assert shown.endswith("as of 2026-03-10; the general terms.")
    other = await portal.register(await portal.new_customer(), product=code)
    assert other["terms"]["applied"].startswith("The first prevailing: the booklet of ")
