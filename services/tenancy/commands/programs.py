"""Programs are let in, changed, given keys and shut out. A customer keeps its own, the publisher its.

A key is a credential: what refuses the tokens of a disabled one everywhere is what does so for people (11-b).
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row

from chassis.auth import Role, revoke
from chassis.db import Tx
from contracts.events.tenancy import CredentialDisabled
from services.tenancy import passwords
from services.tenancy.assertions import registered_key
from services.tenancy.commands.credentials import Instants
from services.tenancy.model import PUBLISHER
from services.tenancy.program_model import KeyKind
from services.tenancy.program_refusals import KeyNameTaken, ProgramDisabled, ProgramKeyDisabled
from services.tenancy.rules.establishments import given_name
from services.tenancy.rules.programs import acceptable_scopes, key_end, may_have_another_key
from services.tenancy.store import programs as store
from services.tenancy.store.customers import load_kind

SECRET_PREFIX = "lvs_"  # noqa: S105 - so that a secret that leaked into a text can be found
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to give: a public one, or none for a secret that we make. No end asked for means a year."""

    name: str
    expires_at: datetime | None = None
    public_key: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class KeyGiven:
    """What is shown once: the secret is kept as a hash. A public key has none."""

    credential_id: UUID
    client_id: UUID
    name: str
    kind: KeyKind
    expires_at: datetime
    client_secret: str | None


def role_at(customer_id: UUID) -> Role:
    """Programs of a customer are partners; the publisher's own are machines."""
    return Role.machine if customer_id == PUBLISHER else Role.partner


async def register_program(
    tx: Tx, customer_id: UUID, name: str, scopes: Sequence[str], by: UUID | None, now: datetime
) -> UUID:
    """Lets a program in, which has no key yet; gives its id, the client id. Raises ScopesUnfit."""
    if customer_id != PUBLISHER:
        await load_kind(tx, customer_id)
    program_id, role = uuid4(), role_at(customer_id)
    row = {
        "customer_id": customer_id,
        "program_id": program_id,
        "name": given_name(name),
        "role": role,
        "scopes": acceptable_scopes(role, scopes),
        "registered_at": now,
        "registered_by": by,
    }
    await store.insert_program(tx, row)
    return program_id


async def change_program(
    tx: Tx,
    customer_id: UUID,
    program_id: UUID,
    name: str,
    scopes: Sequence[str],
    require: Callable[[int], None],
) -> Row[Any]:
    """Another name and other scopes; tokens given before keep theirs, for ten minutes at most.

    `require` refuses a version that is not the one that was seen. Gives the program as it was.
    """
    program = await store.load_program(tx, customer_id, program_id, lock=True)
    require(program.version)
    if program.disabled_at is not None:
        raise ProgramDisabled
    acceptable = acceptable_scopes(role_at(customer_id), scopes)
    await store.change_program(tx, customer_id, program_id, given_name(name), acceptable)
    return program


async def give_key(
    tx: Tx, customer_id: UUID, program_id: UUID, new: NewKey, by: UUID | None, at: Instants
) -> KeyGiven:
    """Gives a program another key: a long random secret, shown once, or a public key that it brought."""
    program = await store.load_program(tx, customer_id, program_id, lock=True)
    live = await store.count_live_keys(tx, customer_id, program_id, at.system)
    may_have_another_key(program.disabled_at, live)
    public_key = None if new.public_key is None else registered_key(new.public_key)
    secret = SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES) if public_key is None else None
    kind = KeyKind.public_key if secret is None else KeyKind.secret
    expires_at = key_end(new.expires_at, at.system)
    given = KeyGiven(uuid4(), program_id, new.name.strip(), kind, expires_at, secret)
    row = {
        "customer_id": customer_id,
        "credential_id": given.credential_id,
        "program_id": program_id,
        "name": given.name,
        "kind": given.kind,
        "secret_hash": None if secret is None else passwords.digest(secret),
        "public_key": public_key,
        "issued_at": at.business,
        "issued_by": by,
        "expires_at": expires_at,
    }
    if not await store.insert_key(tx, row):
        raise KeyNameTaken.of(given.name)
    return given


async def disable_key(
    tx: Tx,
    customer_id: UUID,
    program_id: UUID,
    credential_id: UUID,
    by: UUID | None,
    reason: str,
    at: Instants,
) -> None:
    """11-b: a key is disabled; the tokens that were given for it are refused everywhere within seconds."""
    program = await store.load_program(tx, customer_id, program_id, lock=True)
    key = await store.load_key(tx, customer_id, program_id, credential_id)
    if key.disabled_at is not None:
        raise ProgramKeyDisabled
    disabled = await store.disable_keys(tx, program, credential_id, by, reason, at.business)
    await _shut_out(tx, customer_id, disabled, reason, at)


async def disable_program(
    tx: Tx, customer_id: UUID, program_id: UUID, by: UUID | None, reason: str, at: Instants
) -> None:
    """11-b: a program is shut out for good, which disables all its keys."""
    program = await store.load_program(tx, customer_id, program_id, lock=True)
    if program.disabled_at is not None:
        raise ProgramDisabled
    await store.disable_program(tx, program, by, reason, at.business)
    disabled = await store.disable_keys(tx, program, None, by, reason, at.business)
    await _shut_out(tx, customer_id, disabled, reason, at)


async def _shut_out(
    tx: Tx, customer_id: UUID, credential_ids: Sequence[UUID], reason: str, at: Instants
) -> None:
    await revoke(tx, credential_ids, at.business)
    await tx.emit_many(
        CredentialDisabled(
            customer_id=None if customer_id == PUBLISHER else customer_id,
            company_id=None,
            credential_id=credential_id,
            disabled_at=at.business,
            reason=reason,
        )
        for credential_id in credential_ids
    )
