"""A catalogue with a firm in it, as its tests need it: told by events, asked over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import httpx

from chassis.auth import Role
from chassis.hears import Service
from contracts.events.tenancy import CompanyActivated, CompanyRegistered, CustomerRegistered
from services.catalog.app import SERVICE
from tests.support.callers import once
from tests.support.served import Served

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TERMS = {"kind": "backup", "version": 1, "text": "Backups are kept ten days, in three copies."}
NAMED = {"kind": "backup", "version": 1}


@dataclass
class Portal(Served):
    """The catalogue, with the steps that its tests share."""

    service: ClassVar[Service] = SERVICE

    @property
    def publisher(self) -> httpx.AsyncClient:
        """The publisher's administrator."""
        return self.of(Role.publisher_admin)

    async def new_firm(self, companies: int = 1, kind: str = "accounting_firm") -> tuple[UUID, list[UUID]]:
        """A customer with so many active companies."""
        customer, ids = uuid4(), [uuid4() for _ in range(companies)]
        await self.hear(registered(customer, kind))
        for company in ids:
            await self.hear(
                CompanyRegistered(
                    customer_id=customer,
                    company_id=company,
                    siret="73282932000074",
                    name="Boulangerie",
                    registered_at=NOW,
                ),
                CompanyActivated(customer_id=customer, company_id=company, activated_at=NOW),
            )
        return customer, ids

    async def publish(self, **changes: Any) -> str:
        """A new offering; returns its code."""
        code = f"offering-{uuid4().hex[:12]}"
        offering = {"code": code, "name": "Devis Factures", "collaborative": False} | changes
        answer = await self.publisher.post("/v1/offerings", json=offering, headers=once())
        assert answer.status_code == 201, answer.text
        return code

    async def activate(
        self, customer: UUID, code: str, company: UUID | None = None, acknowledged: Sequence[object] = ()
    ) -> httpx.Response:
        """A customer's administrator activates an offering for one company, or for the customer."""
        order = {"offering_code": code, "company_id": str(company) if company else None}
        return await self.firm(customer).post(
            "/v1/activations", json=order | {"acknowledged": list(acknowledged)}, headers=once()
        )


def registered(customer: UUID, kind: str = "accounting_firm") -> CustomerRegistered:
    """A customer has a contract."""
    return CustomerRegistered.model_validate(
        {
            "customer_id": customer,
            "name": "Cabinet Durand",
            "kind": kind,
            "support_plan": "open",
            "registered_at": NOW,
            "contract_starts_on": NOW.date(),
            "term_months": 12,
        }
    )
