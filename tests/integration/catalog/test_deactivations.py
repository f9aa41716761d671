"""Ending: at once, after support's confirmation, with the company, with the service."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.auth import Role
from chassis.db import Scope
from chassis.hears import Context
from chassis.settings import Settings
from contracts.events.catalog import ServiceDeactivated
from contracts.events.tenancy import CompanyActivated, CompanyDeactivated
from services.catalog.jobs import end_withdrawn_offerings
from tests.integration.catalog.portal import NOW, Portal
from tests.support.served import problem


async def activated(portal: Portal, **offering: Any) -> tuple[UUID, UUID, str]:
    """A firm, its company and the activation of a new offering there."""
    customer, (company,) = await portal.new_firm()
    answer = await portal.activate(customer, await portal.publish(**offering), company)
    return customer, company, answer.json()["activation_id"]


async def ends(portal: Portal, customer: UUID) -> list[ServiceDeactivated]:
    """What was said of ended services."""
    return [event for event in await portal.said(customer) if isinstance(event, ServiceDeactivated)]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_ends_at_once_where_nobody_confirms(portal: Portal) -> None:
    customer, company, activation = await activated(portal)
    firm = portal.firm(customer)
    answer = await firm.post(f"/v1/activations/{activation}/deactivation")
    assert (answer.status_code, answer.json()["state"]) == (200, "deactivated")
    (said,) = await ends(portal, customer)
    assert said.deactivated_at == said.requested_at == instant(answer.json()["deactivated_at"])
    assert said.key() == str(company)
    again = await firm.post(f"/v1/activations/{activation}/deactivation")
    assert problem(again) == (409, "already-deactivated", "15-i")


async def test_may_be_activated_again_after(portal: Portal) -> None:
    customer, company, activation = await activated(portal)
    await portal.firm(customer).post(f"/v1/activations/{activation}/deactivation")
    code = (await portal.firm(customer).get(f"/v1/activations/{activation}")).json()["offering_code"]
    answer = await portal.activate(customer, code, company)
    assert answer.status_code == 201
    assert answer.json()["activation_id"] != activation


class TestWithConfirmation:
    async def test_is_invoiced_until_confirmed_and_then_the_request_governs(self, portal: Portal) -> None:
        customer, _, activation = await activated(portal, confirmation_needed=True)
        asked = await portal.firm(customer).post(f"/v1/activations/{activation}/deactivation")
        assert (asked.status_code, asked.json()["state"]) == (202, "deactivation_requested")
        assert await ends(portal, customer) == []
        await portal.set_time(NOW + timedelta(hours=1))
        agent = portal.of(Role.support_agent)
        path = f"/v1/customers/{customer}/activations/{activation}/confirmation"
        confirmed = await agent.post(path)
        assert (confirmed.status_code, confirmed.json()["state"]) == (200, "deactivated")
        assert confirmed.json()["deactivated_at"] == asked.json()["requested_at"]
        (said,) = await ends(portal, customer)
        assert said.deactivated_at == instant(asked.json()["requested_at"])
        assert problem(await agent.post(path))[:2] == (409, "deactivation-not-requested")

    async def test_waits_in_supports_queue_the_oldest_first(self, portal: Portal) -> None:
        asked = []
        for _ in range(3):
            customer, _, activation = await activated(portal, confirmation_needed=True)
            await portal.firm(customer).post(f"/v1/activations/{activation}/deactivation")
            asked.append(activation)
        agent = portal.of(Role.support_agent)
        first = (await agent.get("/v1/deactivation-requests?limit=2")).json()
        rest = (await agent.get(f"/v1/deactivation-requests?cursor={first['next_cursor']}")).json()
        listed = [item["activation_id"] for item in first["items"] + rest["items"]]
        assert [one for one in listed if one in asked] == asked

    async def test_is_supports_alone_to_confirm(self, portal: Portal) -> None:
        customer, _, activation = await activated(portal, confirmation_needed=True)
        path = f"/v1/customers/{customer}/activations/{activation}/confirmation"
        assert (await portal.firm(customer).post(path)).status_code == 403
        assert (await portal.of(Role.billing).post(path)).status_code == 403


async def test_many_end_item_by_item(portal: Portal) -> None:
    customer, _, first = await activated(portal)
    answer = await portal.activate(customer, await portal.publish(confirmation_needed=True))
    second = answer.json()["activation_id"]
    _, _, foreign = await activated(portal)
    body = {"activation_ids": [first, second, foreign]}
    batch = (await portal.firm(customer).post("/v1/deactivation-batches", json=body)).json()
    assert [item["status"] for item in batch["items"]] == [200, 200, 404]
    states = [item["activation"]["state"] for item in batch["items"][:2]]
    assert states == ["deactivated", "deactivation_requested"]
    assert len(await ends(portal, customer)) == 1


class TestWithTheCompany:
    LATER = NOW + timedelta(days=2)

    async def test_all_it_has_ends_and_what_support_confirms_waits(self, portal: Portal) -> None:
        customer, company, plain = await activated(portal)
        code = await portal.publish(confirmation_needed=True)
        confirmed = (await portal.activate(customer, code, company)).json()["activation_id"]
        await portal.hear(
            CompanyDeactivated(customer_id=customer, company_id=company, deactivated_at=self.LATER)
        )
        firm = portal.firm(customer)
        states = {
            item["activation_id"]: (item["state"], instant(item["requested_at"]))
            for item in (await firm.get("/v1/activations")).json()["items"]
        }
        assert states == {
            plain: ("deactivated", self.LATER),
            confirmed: ("deactivation_requested", self.LATER),
        }
        (said,) = await ends(portal, customer)
        assert (str(said.activation_id), said.deactivated_at) == (plain, self.LATER)

    async def test_a_deactivation_heard_before_the_company_itself_stands(self, portal: Portal) -> None:
        customer, _ = await portal.new_firm(0)
        company = uuid4()
        gone = CompanyDeactivated(customer_id=customer, company_id=company, deactivated_at=self.LATER)
        await portal.hear(gone)
        await portal.hear(CompanyActivated(customer_id=customer, company_id=company, activated_at=NOW))
        refused = await portal.activate(customer, await portal.publish(), company)
        assert problem(refused)[:2] == (409, "company-inactive")


class TestWithTheService:
    async def test_ends_on_the_announced_day_without_confirmation(self, portal: Portal) -> None:
        customer, _, activation = await activated(portal, confirmation_needed=True)
        firm = portal.firm(customer)
        code = (await firm.get(f"/v1/activations/{activation}")).json()["offering_code"]
        withdrawn = await portal.publisher.post(
            f"/v1/offerings/{code}/withdrawal", json={"ends_on": "2026-03-11"}, headers={"If-Match": '"1"'}
        )
        assert withdrawn.json()["ends_on"] == "2026-03-11"
        await tick(portal)
        assert (await firm.get(f"/v1/activations/{activation}")).json()["state"] == "active"
        await portal.set_time(datetime(2026, 3, 11, 23, 0, tzinfo=NOW.tzinfo))
        await tick(portal)
        await tick(portal)
        ended = (await firm.get(f"/v1/activations/{activation}")).json()
        assert (ended["state"], ended["deactivated_at"]) == ("deactivated", "2026-03-11T23:00:00Z")
        (said,) = await ends(portal, customer)
        assert said.deactivated_at == datetime(2026, 3, 11, 23, 0, tzinfo=NOW.tzinfo)


async def tick(portal: Portal) -> None:
    """The minute's work, as the worker does it."""
    now = portal.clock.business_now()
    async with portal.db.transaction(Scope.portal()) as tx:
        await end_withdrawn_offerings(tx, now, Context("catalog", portal.clock, Settings()))


@pytest.fixture(autouse=True)
async def _same_hour(portal: Portal) -> None:
    """Each test begins at the same hour."""
    await portal.set_time(NOW)
