"""Tenancy's present state, said again: what a service that was added later, or restored, learns from."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis.db import Tx
from contracts.events import Event
from contracts.events.tenancy import (
    AccessRightsChanged,
    CompanyActivated,
    CompanyDeactivated,
    CredentialDisabled,
    CredentialIssued,
)
from services.tenancy.commands.contract_events import contract_standing
from services.tenancy.commands.presentation import presentation_changed
from services.tenancy.commands.standing import company_standing, customer_standing
from services.tenancy.model import PUBLISHER
from services.tenancy.store.companies import list_companies_after
from services.tenancy.store.contracts import list_contracts_after
from services.tenancy.store.credentials import list_credentials_after, list_rights_after
from services.tenancy.store.customers import list_customers_after
from services.tenancy.store.presentation import list_presentations_after, presentation_of
from services.tenancy.store.programs import list_disabled_keys_after

AT_ONCE = 1000


def _of_company(row: Row[Any]) -> list[Event]:
    keys = {"customer_id": row.customer_id, "company_id": row.company_id}
    events: list[Event] = [company_standing(row)]
    if row.activated_at is not None:
        events.append(CompanyActivated(**keys, activated_at=row.activated_at))
    if row.deactivated_at is not None:
        events.append(CompanyDeactivated(**keys, deactivated_at=row.deactivated_at))
    return events


def _of_credential(row: Row[Any]) -> list[Event]:
    customer_id: UUID | None = None if row.customer_id == PUBLISHER else row.customer_id
    events: list[Event] = []
    if row.given_at is not None:
        events.append(
            CredentialIssued(
                customer_id=customer_id,
                company_id=row.company_id,
                person_id=row.person_id,
                credential_id=row.credential_id,
                identifier=row.identifier,
                issued_at=row.given_at,
            )
        )
    if row.disabled_at is not None:
        events.append(
            CredentialDisabled(
                customer_id=customer_id,
                company_id=row.company_id,
                credential_id=row.credential_id,
                disabled_at=row.disabled_at,
                reason=row.disabled_reason,
            )
        )
    return events


def _of_disabled_key(row: Row[Any]) -> list[Event]:
    """Of programs' keys only this is said: which open nothing any more."""
    return [
        CredentialDisabled(
            customer_id=None if row.customer_id == PUBLISHER else row.customer_id,
            company_id=None,
            credential_id=row.credential_id,
            disabled_at=row.disabled_at,
            reason=row.disabled_reason,
        )
    ]


def _of_rights(row: Row[Any]) -> list[Event]:
    return [
        AccessRightsChanged(
            customer_id=row.customer_id,
            company_id=row.company_id,
            offering_codes=row.codes,
            changed_at=row.settled_at,
        )
    ]


@dataclass(frozen=True, slots=True)
class _Part:
    """What is listed in order of its ids, and what each says; `beside` is its id within the customer."""

    list_after: Callable[[Tx, Any, int], Awaitable[Sequence[Any]]]
    says: Callable[[Any], Iterable[Event]]
    beside: str | None = None

    async def said(self, tx: Tx) -> AsyncIterator[Event]:
        """All of it, read part by part."""
        after: Any = PUBLISHER if self.beside is None else (PUBLISHER, PUBLISHER)
        while rows := await self.list_after(tx, after, AT_ONCE):
            for row in rows:
                for event in self.says(row):
                    yield event
            last = rows[-1]
            after = (
                last.customer_id if self.beside is None else (last.customer_id, getattr(last, self.beside))
            )


PARTS = (
    _Part(list_customers_after, lambda row: [customer_standing(row)]),
    _Part(list_contracts_after, contract_standing),
    _Part(list_companies_after, _of_company, "company_id"),
    _Part(list_credentials_after, _of_credential, "credential_id"),
    _Part(list_disabled_keys_after, _of_disabled_key, "credential_id"),
    _Part(list_rights_after, _of_rights, "company_id"),
    _Part(
        list_presentations_after,
        lambda row: [presentation_changed(row.customer_id, presentation_of(row), row.changed_at)],
    ),
)


async def resync(tx: Tx) -> AsyncIterator[Event]:
    """Customers, contracts, companies, credentials, access rights and presentations, as they stand now."""
    for part in PARTS:
        async for event in part.said(tx):
            yield event
