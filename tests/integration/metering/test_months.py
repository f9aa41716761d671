"""The month's base over HTTP: for a firm its own, for the publisher any, for nobody else's eyes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.auth import Role
from chassis.hears import Service
from contracts.events import Event
from contracts.events.catalog import DemonstrationEnded, ServiceActivated, ServicePublished
from contracts.events.tenancy import (
    CompanyActivated,
    CompanyRegistered,
    CredentialDisabled,
    CredentialIssued,
    CustomerRegistered,
)
from services.metering.app import SERVICE
from tests.support.postgres import DatabaseMaker
from tests.support.served import Served, opened

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
BASE = "/v1/months/2026-03/base"


@dataclass
class Metering(Served):
    """Metering, and firms in it."""

    service: ClassVar[Service] = SERVICE

    async def paying_firm(self, companies: int) -> tuple[UUID, list[UUID], httpx.AsyncClient]:
        """A paying firm with so many counted companies that each use one service."""
        customer, ids = uuid4(), [uuid4() for _ in range(companies)]
        await self.hear(customer_registered(customer))
        for company in ids:
            await self.hear(*life_of(customer, company))
        await self.hear(
            DemonstrationEnded(customer_id=customer, ended_at=AT, offering_code="quotes", company_id=None)
        )
        return customer, ids, self.api.caller(Role.firm_collaborator, customer_id=customer)


def customer_registered(customer: UUID) -> CustomerRegistered:
    return CustomerRegistered(
        customer_id=customer,
        name="Cabinet Durand",
        kind="accounting_firm",
        support_plan="open",
        registered_at=AT,
        contract_starts_on=AT.date(),
        term_months=12,
    )


def life_of(customer: UUID, company: UUID) -> list[Event]:
    """A company that counts, credential first: another key's events come when they come."""
    return [
        CredentialIssued(
            customer_id=customer,
            company_id=company,
            person_id=uuid4(),
            credential_id=uuid4(),
            identifier="73282932000074",
            issued_at=AT,
        ),
        ServiceActivated(
            customer_id=customer,
            company_id=company,
            offering_code="quotes",
            activation_id=uuid4(),
            activated_at=AT,
            collaborative=True,
        ),
        CompanyActivated(customer_id=customer, company_id=company, activated_at=AT),
        CompanyRegistered(
            customer_id=customer,
            company_id=company,
            siret="73282932000074",
            name="Boulangerie",
            registered_at=AT,
        ),
    ]


@pytest.fixture(scope="module")
async def metering(module_database: DatabaseMaker) -> AsyncIterator[Metering]:
    async with opened(Metering, module_database("metering"), AT) as metering:
        yield metering


async def read(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_firm_reads_what_its_month_counts(metering: Metering) -> None:
    customer, _, firm = await metering.paying_firm(3)
    await metering.hear(
        ServicePublished(
            offering_code="quotes",
            name="Devis",
            collaborative=True,
            confirmation_needed=False,
            published_at=AT,
        )
    )
    base = await read(firm, BASE)
    assert (base["customer_id"], base["companies_counted"], base["services_counted"]) == (str(customer), 3, 3)
    assert base["offerings"] == [{"offering_code": "quotes", "name": "Devis", "counted": 3}]
    assert (base["starts_at"], base["ends_at"]) == ("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
    before = await read(firm, "/v1/months/2026-02/base")
    assert (before["companies_counted"], before["offerings"]) == (0, [])


async def test_the_publisher_reads_the_same_of_any_customer(metering: Metering) -> None:
    customer, _, firm = await metering.paying_firm(2)
    billing = metering.api.caller(Role.billing)
    for part in ("", "/companies", "/services"):
        assert await read(billing, f"/v1/customers/{customer}/months/2026-03/base{part}") == await read(
            firm, f"{BASE}{part}"
        )


async def test_every_line_has_its_reason_and_dates_page_by_page(metering: Metering) -> None:
    customer, companies, firm = await metering.paying_firm(3)
    idle = uuid4()
    await metering.hear(*life_of(customer, idle)[2:])
    first = await read(firm, f"{BASE}/companies?limit=2")
    rest = await read(firm, f"{BASE}/companies?limit=2&cursor={first['next_cursor']}")
    lines = first["items"] + rest["items"]
    assert [line["company_id"] for line in lines] == [str(one) for one in sorted([*companies, idle])]
    assert {line["company_id"]: line["reason"] for line in lines} == {
        str(one): "no_credential" if one == idle else "counted" for one in [*companies, idle]
    }
    assert lines[0]["activated_at"] == "2026-03-10T09:00:00Z"
    assert rest["next_cursor"] is None
    services = await read(firm, f"{BASE}/services?offering_code=quotes&limit=2")
    assert len(services["items"]) == 2
    assert (await read(firm, f"{BASE}/services?offering_code=other"))["items"] == []


async def test_a_disabled_credential_still_counts_and_opens_nothing(metering: Metering) -> None:
    customer, _, firm = await metering.paying_firm(0)
    company = uuid4()
    issued, *rest = life_of(customer, company)
    assert isinstance(issued, CredentialIssued)
    disabled = CredentialDisabled(
        customer_id=customer,
        company_id=company,
        credential_id=issued.credential_id,
        disabled_at=AT,
        reason="stolen",
    )
    await metering.hear(issued, *rest, disabled)
    assert (await read(firm, BASE))["companies_counted"] == 1
    revocations = metering.api.app.state.revocations
    await revocations.refresh(metering.db)
    assert issued.credential_id in revocations


class TestRefused:
    async def test_another_customers_month_and_one_never_heard_of(self, metering: Metering) -> None:
        customer, _, _ = await metering.paying_firm(1)
        stranger = metering.api.caller(Role.firm_admin, customer_id=uuid4())
        assert (await stranger.get(BASE)).status_code == 404
        assert (await stranger.get(f"/v1/customers/{customer}/months/2026-03/base")).status_code == 403
        support = metering.api.caller(Role.support_agent)
        unknown = await support.get(f"/v1/customers/{uuid4()}/months/2026-03/base")
        assert unknown.status_code == 404

    @pytest.mark.parametrize("month", ["2026-13", "2026-3", "2026-003", "March", "٢٠٢٦-03"])
    async def test_what_is_no_month(self, metering: Metering, month: str) -> None:
        billing = metering.api.caller(Role.billing)
        answer = await billing.get(f"/v1/customers/{uuid4()}/months/{month}/base")
        assert answer.status_code == 422

    async def test_a_companys_people(self, metering: Metering) -> None:
        customer, companies, _ = await metering.paying_firm(1)
        user = metering.api.caller(Role.company_admin, customer_id=customer, company_id=companies[0])
        assert (await user.get(BASE)).status_code == 403
