"""Tenancy's present state, said again: what a service that was added later, or restored, learns from."""

from collections.abc import AsyncIterator
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


async def resync(tx: Tx) -> AsyncIterator[Event]:
    """Customers, contracts, companies, credentials, access rights and presentations, as they stand now."""
    async for event in _customers(tx):
        yield event
    async for event in _contracts(tx):
        yield event
    async for event in _companies(tx):
        yield event
    async for event in _credentials(tx):
        yield event
    async for event in _disabled_keys(tx):
        yield event
    async for event in _rights(tx):
        yield event
    async for event in _presentations(tx):
        yield event


async def _customers(tx: Tx) -> AsyncIterator[Event]:
    after = PUBLISHER
    while rows := await list_customers_after(tx, after, AT_ONCE):
        for row in rows:
            yield customer_standing(row)
        after = rows[-1].customer_id


async def _contracts(tx: Tx) -> AsyncIterator[Event]:
    after = PUBLISHER
    while held := await list_contracts_after(tx, after, AT_ONCE):
        for each in held:
            for event in contract_standing(each):
                yield event
        after = held[-1].customer_id


async def _companies(tx: Tx) -> AsyncIterator[Event]:
    after = (PUBLISHER, PUBLISHER)
    while rows := await list_companies_after(tx, after, AT_ONCE):
        for row in rows:
            for event in _of_company(row):
                yield event
        after = (rows[-1].customer_id, rows[-1].company_id)


def _of_company(row: Row[Any]) -> list[Event]:
    keys = {"customer_id": row.customer_id, "company_id": row.company_id}
    events: list[Event] = [company_standing(row)]
    if row.activated_at is not None:
        events.append(CompanyActivated(**keys, activated_at=row.activated_at))
    if row.deactivated_at is not None:
        events.append(CompanyDeactivated(**keys, deactivated_at=row.deactivated_at))
    return events


async def _credentials(tx: Tx) -> AsyncIterator[Event]:
    after = (PUBLISHER, PUBLISHER)
    while rows := await list_credentials_after(tx, after, AT_ONCE):
        for row in rows:
            for event in _of_credential(row):
                yield event
        after = (rows[-1].customer_id, rows[-1].credential_id)


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


async def _disabled_keys(tx: Tx) -> AsyncIterator[Event]:
    """Of programs' keys only this is said: which open nothing any more."""
    after = (PUBLISHER, PUBLISHER)
    while rows := await list_disabled_keys_after(tx, after, AT_ONCE):
        for row in rows:
            yield CredentialDisabled(
                customer_id=None if row.customer_id == PUBLISHER else row.customer_id,
                company_id=None,
                credential_id=row.credential_id,
                disabled_at=row.disabled_at,
                reason=row.disabled_reason,
            )
        after = (rows[-1].customer_id, rows[-1].credential_id)


async def _rights(tx: Tx) -> AsyncIterator[Event]:
    after = (PUBLISHER, PUBLISHER)
    while rows := await list_rights_after(tx, after, AT_ONCE):
        for row in rows:
            yield AccessRightsChanged(
                customer_id=row.customer_id,
                company_id=row.company_id,
                offering_codes=row.codes,
                changed_at=row.settled_at,
            )
        after = (rows[-1].customer_id, rows[-1].company_id)


async def _presentations(tx: Tx) -> AsyncIterator[Event]:
    after = PUBLISHER
    while rows := await list_presentations_after(tx, after, AT_ONCE):
        for row in rows:
            yield presentation_changed(row.customer_id, presentation_of(row), row.changed_at)
        after = rows[-1].customer_id
