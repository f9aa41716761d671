"""Identifiers and secrets are given to one or to many, and disabled. The firm alone does it (11-a, 11-b)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row

from chassis.auth import Role, revoke
from chassis.db import Tx
from contracts.events import Event
from contracts.events.tenancy import AdminAccessIssued, CredentialDisabled, CredentialIssued
from services.tenancy import passwords
from services.tenancy.model import PUBLISHER, Credential, SecretKind
from services.tenancy.refusals import (
    CompanyUnknown,
    CredentialAlreadyDisabled,
    IdentifierTaken,
    NoMailAddress,
)
from services.tenancy.rules.credentials import folded_identifier, may_give_role
from services.tenancy.store import credentials as store
from services.tenancy.store.companies import existing_of

ONE_TIME_SECRET_LIVES = timedelta(days=90)
LINK_LIVES = timedelta(days=14)
RENEWED = "Replaced by another one."


@dataclass(frozen=True, slots=True)
class Instants:
    """The two clocks at one moment: facts are dated by the first, secrets and sessions by the second."""

    business: datetime
    system: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """What is shown once to whoever gives a credential: it is kept nowhere in this form."""

    credential_id: UUID
    person_id: UUID
    company_id: UUID | None
    identifier: str
    secret: str
    name: str = ""


def _customer(customer_id: UUID) -> UUID | None:
    return None if customer_id == PUBLISHER else customer_id


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives a credential. `person_id` is None when it is the command line of the portal itself."""

    role: Role
    person_id: UUID | None = None


async def give_secret(
    tx: Tx, customer_id: UUID, person_id: UUID, identifier: str, giver: Giver, at: Instants
) -> Given:
    """Gives a person an identifier and a one-time secret, to be replaced when first used."""
    person = await _person_of(tx, customer_id, person_id, giver)
    given = await _issue(tx, person, identifier, giver, at, SecretKind.one_time, passwords.one_time_secret())
    await tx.emit_many([_issued(customer_id, given, at.business), *access_issued(person, given, at)])
    return given


async def give_link(
    tx: Tx, customer_id: UUID, person_id: UUID, identifier: str, giver: Giver, at: Instants
) -> tuple[Given, Row[Any]]:
    """Invites a person by a link that opens once; gives also the person as it is known.

    Its identifier and password are given when it is followed (11-a); an administrator's access is
    communicated now (15-e), which is the caller's to say once the mail is written down: `access_issued`.
    Raises NoMailAddress.
    """
    person = await _person_of(tx, customer_id, person_id, giver)
    if not person.mail:
        raise NoMailAddress
    given = await _issue(tx, person, identifier, giver, at, SecretKind.link, passwords.link_token())
    return given, person


async def _person_of(tx: Tx, customer_id: UUID, person_id: UUID, giver: Giver) -> Row[Any]:
    """The person, whom the giver may give access to (11-a)."""
    person = await store.load_person(tx, customer_id, person_id)
    may_give_role(
        giver.role,
        Role(person.role),
        to_a_company=person.company_id is not None,
        at_the_publisher=customer_id == PUBLISHER,
    )
    return person


async def _issue(
    tx: Tx, person: Row[Any], identifier: str, giver: Giver, at: Instants, kind: SecretKind, secret: str
) -> Given:
    lives = LINK_LIVES if kind is SecretKind.link else ONE_TIME_SECRET_LIVES
    credential_id = uuid4()
    row = {
        "customer_id": person.customer_id,
        "credential_id": credential_id,
        "person_id": person.person_id,
        "company_id": person.company_id,
        "identifier": identifier.strip(),
        "folded": folded_identifier(identifier),
        "secret_kind": kind,
        "secret_hash": passwords.digest(secret),
        "secret_expires_at": at.system + lives,
        "issued_at": at.business,
        "issued_by": giver.person_id,
        "given_at": None if kind is SecretKind.link else at.business,
    }
    if not await store.insert_credential(tx, row):
        raise IdentifierTaken
    return Given(credential_id, person.person_id, person.company_id, identifier.strip(), secret, person.name)


def _issued(customer_id: UUID, given: Given, now: datetime) -> CredentialIssued:
    return CredentialIssued(
        customer_id=_customer(customer_id),
        company_id=given.company_id,
        person_id=given.person_id,
        credential_id=given.credential_id,
        identifier=given.identifier,
        issued_at=now,
    )


def access_issued(person: Row[Any], given: Given, at: Instants) -> list[Event]:
    """15-e, R8: the day the administrator's access codes are communicated."""
    if person.role != Role.firm_admin:
        return []
    return [
        AdminAccessIssued(
            customer_id=person.customer_id,
            person_id=given.person_id,
            credential_id=given.credential_id,
            issued_at=at.business,
        )
    ]


async def give_to_companies(
    tx: Tx, customer_id: UUID, ids: Sequence[UUID] | None, renew: bool, by: UUID | None, at: Instants
) -> list[Given]:
    """Gives an administrator of each company (these, or all) its SIRET as identifier and a one-time secret.

    Companies that have a live credential are left alone, unless `renew`: theirs are disabled and replaced.
    Set-based: 17,000 companies take seconds. Raises CompanyUnknown when one of them is not the customer's.
    """
    if ids is not None and await existing_of(tx, customer_id, ids) < set(ids):
        raise CompanyUnknown
    rows = await store.list_companies_to_give(tx, customer_id, ids)
    chosen = [row for row in rows if not row.taken and (renew or not row.live)]
    old = [credential_id for row in chosen for credential_id in row.live or ()]
    disabled = await _disable(tx, customer_id, old, by, RENEWED, at)
    given = [
        Given(uuid4(), uuid4(), row.company_id, row.siret, passwords.one_time_secret(), row.name)
        for row in chosen
    ]
    await store.insert_given(tx, _columns(customer_id, given, by, at))
    issued: list[Event] = [_issued(customer_id, one, at.business) for one in given]
    await tx.emit_many([*disabled, *issued])
    return given


def _columns(customer_id: UUID, given: Sequence[Given], by: UUID | None, at: Instants) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "credential_ids": [one.credential_id for one in given],
        "person_ids": [one.person_id for one in given],
        "company_ids": [one.company_id for one in given],
        "identifiers": [one.identifier for one in given],
        "names": [one.name for one in given],
        "hashes": [passwords.digest(one.secret) for one in given],
        "expires_at": at.system + ONE_TIME_SECRET_LIVES,
        "now": at.business,
        "by": by,
    }


async def disable_credential(
    tx: Tx, customer_id: UUID, credential_id: UUID, by: UUID | None, reason: str, at: Instants
) -> Credential:
    """11-b: stolen or diverted, the credential is disabled; its sessions and tokens end everywhere."""
    credential = await store.load_credential(tx, customer_id, credential_id)
    if credential.disabled_at is not None:
        raise CredentialAlreadyDisabled
    await tx.emit_many(await _disable(tx, customer_id, [credential_id], by, reason, at))
    return credential


async def _disable(
    tx: Tx, customer_id: UUID, ids: Sequence[UUID], by: UUID | None, reason: str, at: Instants
) -> list[Event]:
    """Disables, ends sessions, and writes what refuses the tokens; the events are the caller's to emit."""
    if not ids:
        return []
    rows = await store.disable_credentials(
        tx, customer_id, ids, by=by, reason=reason, now=at.business, real_now=at.system
    )
    await revoke(tx, [row.credential_id for row in rows], at.business)
    return [
        CredentialDisabled(
            customer_id=_customer(customer_id),
            company_id=row.company_id,
            credential_id=row.credential_id,
            disabled_at=at.business,
            reason=reason,
        )
        for row in rows
    ]
