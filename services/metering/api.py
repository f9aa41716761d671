"""Metering's routes: a customer's people see what their month counts, the publisher's staff any customer's.

Each is written twice, since a firm names no customer and the publisher must; both read the same.
"""

import re
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from chassis.auth import FIRM_ROLES, Caller, Role, allowed
from chassis.db import Tx
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.unit import Read
from services.metering import schemas
from services.metering.model import CompanyLine, Month, Reason, ServiceLine
from services.metering.refusals import CustomerNotMetered, MonthUnreadable
from services.metering.rules import month_of
from services.metering.store import month as store

router = APIRouter(tags=["months"])
ROUTERS = [router]

CustomerReader = Annotated[Caller, allowed(*FIRM_ROLES, Role.partner, scope="metering:read")]
Billing = Annotated[Caller, allowed(Role.billing, Role.publisher_admin, Role.support_agent)]
Code = Annotated[str | None, Query(max_length=64, description="Only this service.")]

START = UUID(int=0)
_MONTH = re.compile(r"((?:19|20|21)\d\d)-(0[1-9]|1[0-2])", re.ASCII)


async def month_in_path(
    month: Annotated[str, Path(max_length=7, examples=["2026-03"], description="A month, in Paris.")],
) -> Month:
    """The month that a path names."""
    match = _MONTH.fullmatch(month)
    if match is None:
        raise MonthUnreadable
    return month_of(int(match[1]), int(match[2]))


MonthInPath = Annotated[Month, Depends(month_in_path)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One customer's month, in a transaction that may see it."""

    tx: Tx
    customer_id: UUID | None
    month: Month

    async def base(self) -> schemas.BaseShown:
        customer = await self._customer()
        base = await store.count_month(
            self.tx, customer.customer_id, self.month, customer.demonstration_ended_at
        )
        return schemas.BaseShown(
            customer_id=base.customer_id,
            month=self.month.name,
            starts_at=self.month.starts_at,
            ends_at=self.month.ends_at,
            demonstration_ended_at=base.demonstration_ended_at,
            companies_counted=base.companies_counted,
            services_counted=sum(one.counted for one in base.offerings),
            offerings=[
                schemas.OfferingCounted(offering_code=one.offering_code, name=one.name, counted=one.counted)
                for one in base.offerings
            ],
        )

    async def companies(self, paging: PageRequest) -> Page[schemas.CompanyCounted]:
        customer = await self._customer()
        after = paging.after(UUID) or (START,)
        rows = await store.list_companies(
            self.tx,
            customer.customer_id,
            self.month,
            customer.demonstration_ended_at,
            after[0],
            paging.rows,
        )
        return page_of(rows, paging, _company, lambda row: [row.company_id])

    async def services(self, paging: PageRequest, code: str | None) -> Page[schemas.ServiceCounted]:
        customer = await self._customer()
        after = paging.after(UUID) or (START,)
        rows = await store.list_services(
            self.tx,
            customer.customer_id,
            self.month,
            customer.demonstration_ended_at,
            store.Part(after[0], paging.rows, code),
        )
        return page_of(rows, paging, _service, lambda row: [row.activation_id])

    async def _customer(self) -> store.Metered:
        customer = await store.find_customer(self.tx, self.customer_id) if self.customer_id else None
        if customer is None:
            raise CustomerNotMetered
        return customer


def _company(line: CompanyLine) -> schemas.CompanyCounted:
    return schemas.CompanyCounted(
        company_id=line.company_id,
        siret=line.siret,
        name=line.name,
        counted=line.reason is Reason.counted,
        reason=line.reason,
        activated_at=line.activated_at,
        deactivated_at=line.deactivated_at,
        credential_given_at=line.credential_given_at,
    )


def _service(line: ServiceLine) -> schemas.ServiceCounted:
    return schemas.ServiceCounted(
        activation_id=line.activation_id,
        offering_code=line.offering_code,
        company_id=line.company_id,
        counted=line.reason is Reason.counted,
        reason=line.reason,
        activated_at=line.activated_at,
        deactivated_at=line.deactivated_at,
    )


@router.get("/months/{month}/base")
async def read_base(month: MonthInPath, work: Read, caller: CustomerReader) -> schemas.BaseShown:
    """What the caller's month counts: companies, and services by offering (15-f, R10)."""
    return await _Asked(work.tx, caller.customer_id, month).base()


@router.get("/months/{month}/base/companies")
async def list_base_companies(
    month: MonthInPath, work: Read, caller: CustomerReader, paging: Paging
) -> Page[schemas.CompanyCounted]:
    """Every company, counted or not, with the reason and its dates."""
    return await _Asked(work.tx, caller.customer_id, month).companies(paging)


@router.get("/months/{month}/base/services")
async def list_base_services(
    month: MonthInPath, work: Read, caller: CustomerReader, paging: Paging, offering_code: Code = None
) -> Page[schemas.ServiceCounted]:
    """Every activation, counted or not, with the reason and its dates."""
    return await _Asked(work.tx, caller.customer_id, month).services(paging, offering_code)


@router.get("/customers/{customer_id}/months/{month}/base")
async def read_customer_base(
    customer_id: UUID, month: MonthInPath, work: Read, _caller: Billing
) -> schemas.BaseShown:
    """What the month of one customer counts, for the publisher."""
    return await _Asked(work.tx, customer_id, month).base()


@router.get("/customers/{customer_id}/months/{month}/base/companies")
async def list_customer_base_companies(
    customer_id: UUID, month: MonthInPath, work: Read, _caller: Billing, paging: Paging
) -> Page[schemas.CompanyCounted]:
    """Every company of one customer, counted or not, for the publisher."""
    return await _Asked(work.tx, customer_id, month).companies(paging)


@router.get("/customers/{customer_id}/months/{month}/base/services")
async def list_customer_base_services(
    customer_id: UUID,
    month: MonthInPath,
    work: Read,
    _caller: Billing,
    paging: Paging,
    offering_code: Code = None,
) -> Page[schemas.ServiceCounted]:
    """Every activation of one customer, counted or not, for the publisher."""
    return await _Asked(work.tx, customer_id, month).services(paging, offering_code)
