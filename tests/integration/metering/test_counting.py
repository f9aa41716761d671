"""The count in SQL is the pure rule's, over random histories heard in any order and more than once."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.db import Database, Scope, Tx
from contracts.events import Event
from contracts.events.catalog import DemonstrationEnded, ServiceActivated, ServiceDeactivated
from contracts.events.tenancy import CompanyActivated, CompanyDeactivated, CredentialIssued
from services.metering.model import CompanyHistory, Reason, Span
from services.metering.rules import company_counts, service_counts
from services.metering.store import facts, month
from tests.support.postgres import DatabaseMaker
from tests.unit.metering.histories import MARCH, TICK, histories, maybe, spans

ZERO = UUID(int=0)
WRITERS: dict[type[Event], Callable[[Tx, Sequence[Any]], Awaitable[None]]] = {
    CompanyActivated: facts.save_activated,
    CompanyDeactivated: facts.save_deactivated,
    CredentialIssued: facts.save_credentials,
    DemonstrationEnded: facts.save_demonstration_ends,
    ServiceActivated: facts.save_service_activated,
    ServiceDeactivated: facts.save_service_deactivated,
}


@dataclass(frozen=True)
class Firm:
    """A firm's life around a month: its companies, the services they used, since when it pays."""

    companies: dict[UUID, CompanyHistory]
    services: dict[UUID, tuple[str, UUID | None, Span]]
    paid_from: datetime | None

    def events(self, customer: UUID) -> list[Event]:
        """All that is said of it."""
        said: list[Event] = []
        for company, past in self.companies.items():
            said += [
                CompanyActivated(customer_id=customer, company_id=company, activated_at=at)
                for at in past.activated_at
            ]
            said += [
                CompanyDeactivated(customer_id=customer, company_id=company, deactivated_at=at)
                for at in past.deactivated_at
            ]
            if past.credential_given_at:
                said.append(credential(customer, company, past.credential_given_at))
                said.append(credential(customer, company, past.credential_given_at + TICK))
        for activation, (code, holder, span) in self.services.items():
            of = {
                "customer_id": customer,
                "company_id": holder,
                "offering_code": code,
                "activation_id": activation,
            }
            said.append(
                ServiceActivated.model_validate(of | {"activated_at": span.starts_at, "collaborative": True})
            )
            if span.ends_at:
                ends = {"requested_at": span.ends_at, "deactivated_at": span.ends_at}
                said.append(ServiceDeactivated.model_validate(of | ends))
        if self.paid_from:
            said.append(
                DemonstrationEnded(
                    customer_id=customer, company_id=None, offering_code="a", ended_at=self.paid_from
                )
            )
        return said


def credential(customer: UUID, company: UUID, at: datetime) -> CredentialIssued:
    return CredentialIssued(
        customer_id=customer,
        company_id=company,
        person_id=uuid4(),
        credential_id=uuid4(),
        identifier="jeanne",
        issued_at=at,
    )


@st.composite
def firms(draw: st.DrawFn) -> Firm:
    companies = {uuid4(): past for past in draw(st.lists(histories, max_size=8))}
    holders = st.sampled_from([None, *companies])
    used = draw(st.lists(st.tuples(st.sampled_from("ab"), holders, spans()), max_size=8))
    return Firm(companies, {uuid4(): one for one in used}, draw(maybe))


@pytest.fixture(scope="module")
async def metering(module_database: DatabaseMaker) -> AsyncIterator[Database]:
    db = Database.create(module_database("metering").app_url, pool_size=2)
    yield db
    await db.close()


async def hear(tx: Tx, said: list[Event]) -> None:
    """In the order given, each run of one type as a set."""
    for kind, save in WRITERS.items():
        await save(tx, [event for event in said if isinstance(event, kind)])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(firm=firms(), seed=st.integers())
async def test_sql_counts_as_the_rule_says(metering: Database, firm: Firm, seed: int) -> None:
    customer = uuid4()
    said = firm.events(customer)
    again = [*said, *said]
    random.Random(seed).shuffle(again)
    half = len(again) // 2
    async with metering.transaction(Scope.portal()) as tx:
        await hear(tx, again[half:])
        await hear(tx, again[:half])
    async with metering.transaction(Scope.customer(customer)) as tx:
        base = await month.count_month(tx, customer, MARCH, firm.paid_from)
        companies = await month.list_companies(tx, customer, MARCH, firm.paid_from, ZERO, 100)
        services = await month.list_services(tx, customer, MARCH, firm.paid_from, month.Part(ZERO, 100))
    expected = {one: company_counts(past, firm.paid_from, MARCH) for one, past in firm.companies.items()}
    silent = {
        one for one, past in firm.companies.items() if past == CompanyHistory(frozenset(), frozenset(), None)
    }
    assert {line.company_id: line.reason for line in companies} == {
        one: reason for one, reason in expected.items() if one not in silent
    }
    assert base.companies_counted == sum(1 for one, reason in expected.items() if reason is Reason.counted)
    verdicts = {
        one: (code, holder, service_counts(span, firm.paid_from, MARCH))
        for one, (code, holder, span) in firm.services.items()
    }
    assert {line.activation_id: line.reason for line in services} == {
        one: reason for one, (_, _, reason) in verdicts.items()
    }
    users = {(code, holder) for code, holder, reason in verdicts.values() if reason is Reason.counted}
    assert {one.offering_code: one.counted for one in base.offerings} == {
        code: sum(1 for used, _ in users if used == code) for code in {code for code, _ in users}
    }


async def test_the_end_of_a_service_may_come_before_its_start(metering: Database) -> None:
    customer, activation = uuid4(), uuid4()
    of = {"customer_id": customer, "company_id": None, "offering_code": "a", "activation_id": activation}
    at = MARCH.starts_at
    async with metering.transaction(Scope.portal()) as tx:
        ended = ServiceDeactivated.model_validate(of | {"requested_at": at, "deactivated_at": at})
        await facts.save_service_deactivated(tx, [ended])
        assert await month.list_services(tx, customer, MARCH, None, month.Part(ZERO, 10)) == []
        began = ServiceActivated.model_validate(of | {"activated_at": at, "collaborative": False})
        await facts.save_service_activated(tx, [began])
        (line,) = await month.list_services(tx, customer, MARCH, None, month.Part(ZERO, 10))
    assert (line.activated_at, line.deactivated_at, line.reason) == (at, at, Reason.not_active)


async def test_credentials_of_the_firms_own_people_count_for_no_company(metering: Database) -> None:
    customer = uuid4()
    theirs = credential(customer, uuid4(), MARCH.starts_at).model_copy(update={"company_id": None})
    async with metering.transaction(Scope.portal()) as tx:
        await facts.save_credentials(tx, [theirs])
        assert await month.list_companies(tx, customer, MARCH, None, ZERO, 10) == []


async def test_another_customers_facts_are_not_seen(metering: Database) -> None:
    customer, company = uuid4(), uuid4()
    async with metering.transaction(Scope.portal()) as tx:
        await facts.save_credentials(tx, [credential(customer, company, MARCH.starts_at)])
    for scope, seen in (
        (Scope.customer(customer), 1),
        (Scope.portal(), 1),
        (Scope.customer(uuid4()), 0),
        (Scope.machine(), 0),
    ):
        async with metering.transaction(scope) as tx:
            assert len(await month.list_companies(tx, customer, MARCH, None, ZERO, 10)) == seen
