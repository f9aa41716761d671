"""What availability hears: in sets, however often, and in any order between keys."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.db import Scope
from chassis.hears import Batch, Context
from chassis.settings import Settings
from contracts.events import Event
from contracts.events.catalog import ServiceActivated, ServiceDeactivated, ServiceWithdrawn
from contracts.events.tenancy import ContractEnded
from services.availability.app import SERVICE
from services.availability.consumers import HEARS
from tests.integration.availability.portal import NOW, Portal, published, registered

LATER = NOW + timedelta(days=1)


async def row(portal: Portal, table: str, **key: Any) -> tuple[Any, ...] | None:
    """The one row of a table with this key, as text."""
    where = " AND ".join(f"{name} = :{name}" for name in key)
    async with portal.db.transaction(Scope.portal()) as tx:
        found = await tx.fetch_one(text(f"SELECT * FROM {table} WHERE {where}"), key)
    return tuple(found) if found else None


async def hear_at_once(portal: Portal, events: Sequence[Event]) -> None:
    """Hands one batch of one type to its handler."""
    handler = HEARS[type(events[0])]
    assert isinstance(handler, Batch)
    async with portal.db.transaction(Scope.portal()) as tx:
        context = Context("availability", portal.clock, Settings())
        await handler.fn(tx, [(event, None) for event in events], context)


def activated(customer: UUID, activation: UUID, code: str, at: datetime = NOW) -> ServiceActivated:
    return ServiceActivated(
        customer_id=customer,
        company_id=None,
        offering_code=code,
        activation_id=activation,
        activated_at=at,
        collaborative=False,
    )


def deactivated(customer: UUID, activation: UUID, code: str) -> ServiceDeactivated:
    return ServiceDeactivated(
        customer_id=customer,
        company_id=None,
        offering_code=code,
        activation_id=activation,
        requested_at=LATER,
        deactivated_at=LATER,
    )


class TestContracts:
    async def test_begin_on_their_day_and_end_when_they_ended(self, portal: Portal) -> None:
        customer = uuid4()
        await portal.hear(registered(customer))
        before = await row(portal, "customer", customer_id=customer)
        assert before is not None
        assert before[3:] == (date(2026, 1, 1), None)
        ended = ContractEnded(customer_id=customer, last_day=date(2026, 12, 31), ended_at=LATER)
        await portal.hear(ended)
        await portal.hear(registered(customer))
        after = await row(portal, "customer", customer_id=customer)
        assert after is not None
        assert after[3:] == (date(2026, 1, 1), date(2026, 12, 31))

    async def test_the_last_registration_of_a_batch_stands(self, portal: Portal) -> None:
        customer = uuid4()
        await hear_at_once(portal, [registered(customer), registered(customer, date(2026, 2, 1))])
        found = await row(portal, "customer", customer_id=customer)
        assert found is not None
        assert found[3] == date(2026, 2, 1)


class TestServices:
    async def test_have_the_name_last_heard_and_their_last_day(self, portal: Portal) -> None:
        code = await portal.new_offering()
        await hear_at_once(portal, [published(code, "Devis"), published(code, "Devis et factures")])
        withdrawn = ServiceWithdrawn(offering_code=code, ends_on=date(2026, 6, 30), withdrawn_at=NOW)
        await portal.hear(withdrawn, withdrawn)
        assert await row(portal, "offering", code=code) == (code, "Devis et factures", date(2026, 6, 30))

    @pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
    async def test_are_in_use_from_and_until_whatever_the_order(
        self, portal: Portal, order: tuple[int, ...]
    ) -> None:
        customer, activation = await portal.new_customer(), uuid4()
        said = [
            activated(customer, activation, "devis"),
            deactivated(customer, activation, "devis"),
            activated(customer, activation, "devis", LATER - timedelta(hours=1)),
        ]
        await portal.hear(*(said[place] for place in order))
        found = await row(portal, "subscription", customer_id=customer, activation_id=activation)
        assert found == (customer, activation, "devis", NOW, LATER)

    async def test_many_are_written_at_once(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        ids = [uuid4() for _ in range(300)]
        await hear_at_once(portal, [activated(customer, each, "devis") for each in [*ids, *ids]])
        asked = text("SELECT count(*) FROM subscription WHERE customer_id = :customer")
        async with portal.db.transaction(Scope.customer(customer)) as tx:
            assert (await tx.execute(asked, {"customer": customer})).scalar_one() == 300


def test_what_is_heard_is_of_tenancy_and_of_the_catalogue() -> None:
    assert SERVICE.topics() == ["livret.catalog", "livret.tenancy"]
