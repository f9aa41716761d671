"""The door: a person logs in, follows an invitation, changes a password, logs out; a session becomes a token.

An attempt is counted before its password is looked at, in a transaction of its own: a thousand tries at once
are a thousand counted ones. Argon2id is never worked while a transaction is open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.auth import Caller, Role, SigningKey, claims_of, sign
from chassis.db import Database, Scope, Tx
from contracts.events.tenancy import CredentialIssued
from services.tenancy import passwords
from services.tenancy.commands.credentials import Instants
from services.tenancy.model import PUBLISHER, Entrant
from services.tenancy.passwords import Hasher
from services.tenancy.refusals import (
    CredentialsRefused,
    IdentifierUnfit,
    LinkSpent,
    SessionOver,
)
from services.tenancy.rules.credentials import (
    acceptable_password,
    folded_identifier,
    may_enter,
    may_follow_link,
)
from services.tenancy.store import sessions as store
from services.tenancy.throttle import Throttle

SESSION_LIVES = timedelta(hours=12)
TOKEN_LIVES = timedelta(seconds=60)
OF_ACCOUNT = Throttle("login-account", 10, timedelta(minutes=5))
OF_ADDRESS = Throttle("login-address", 300, timedelta(minutes=5))
"""Many people share a firm's address."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody presents at the door, and from which address."""

    portal: str
    identifier: str
    password: str
    new_password: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session: its token leaves in a cookie and is kept as a hash only."""

    token: str
    expires_at: datetime


def _scope(customer_id: UUID) -> Scope:
    return Scope.portal() if customer_id == PUBLISHER else Scope.customer(customer_id)


async def log_in(db: Database, hasher: Hasher, attempt: Attempt, at: Instants) -> Opened:
    """Opens a session for whoever presents an identifier and its password.

    A one-time secret needs a `new_password`, which replaces it. Raises CredentialsRefused, the same for an
    account that is not, PasswordChangeRequired, PasswordTooShort, or TooManyAttempts.
    """
    folded = _folded(attempt.identifier)
    account = passwords.digest(f"{attempt.portal.strip().lower()}\n{folded}")
    await OF_ADDRESS.take(db, attempt.address)
    await OF_ACCOUNT.take(db, account)
    async with db.transaction(Scope.machine()) as tx:
        entrant = await store.find_entrant(tx, attempt.portal.strip().lower(), folded)
    kept = entrant.secret_hash if entrant else None
    matches = await hasher.matches(kept, attempt.password)
    if entrant is None:
        raise CredentialsRefused
    may_enter(entrant, matches, attempt.new_password is not None, at.system)
    replacement = None
    if attempt.new_password is not None:
        replacement = await hasher.hashed(acceptable_password(attempt.new_password))
    async with db.transaction(_scope(entrant.customer_id)) as tx:
        if replacement is not None:
            await _replace(tx, entrant, replacement, at)
        opened = await _open(tx, entrant, attempt.address, at)
    await OF_ACCOUNT.forget(db, account)
    return opened


def _folded(identifier: str) -> str:
    """An identifier nobody can have is looked for all the same: the answer and its time tell nothing."""
    try:
        return folded_identifier(identifier)
    except IdentifierUnfit:
        return ""


async def _open(tx: Tx, entrant: Entrant, address: str, at: Instants) -> Opened:
    opened = Opened(passwords.link_token(), at.system + SESSION_LIVES)
    hashed = passwords.token_hash(opened.token)
    if not await store.open_session(tx, entrant, hashed, at.system, opened.expires_at, address):
        raise CredentialsRefused
    return opened


async def _replace(tx: Tx, entrant: Entrant, password_hash: str, at: Instants) -> None:
    """Puts the password in the place of the secret, and ends the sessions that the old one had opened."""
    customer_id, credential_id = entrant.customer_id, entrant.credential_id
    if not await store.save_password(
        tx, customer_id, credential_id, entrant.secret_hash, password_hash, at.business
    ):
        raise CredentialsRefused
    await store.end_sessions(tx, customer_id, credential_id, at.system)


async def follow_link(
    db: Database, hasher: Hasher, link: str, password: str, address: str, at: Instants
) -> None:
    """Gives an invited person its password: from now on it has an identifier and a password (11-a)."""
    await OF_ADDRESS.take(db, address)
    async with db.transaction(Scope.machine()) as tx:
        entrant = await store.find_invited(tx, passwords.digest(link))
    if entrant is None:
        raise LinkSpent
    may_follow_link(entrant, at.system)
    hashed = await hasher.hashed(acceptable_password(password))
    async with db.transaction(_scope(entrant.customer_id)) as tx:
        saved = await store.save_password(
            tx, entrant.customer_id, entrant.credential_id, entrant.secret_hash, hashed, at.business
        )
        if not saved:
            raise LinkSpent
        identifier = await store.load_identifier(tx, entrant.customer_id, entrant.credential_id)
        await tx.emit(
            CredentialIssued(
                customer_id=None if entrant.customer_id == PUBLISHER else entrant.customer_id,
                company_id=entrant.company_id,
                person_id=entrant.person_id,
                credential_id=entrant.credential_id,
                identifier=identifier,
                issued_at=at.business,
            )
        )


async def change_password(
    db: Database, hasher: Hasher, caller: Caller, current: str, password: str, at: Instants
) -> None:
    """Replaces the caller's password; its sessions end, this one too. The current one is asked for."""
    customer_id = caller.customer_id or PUBLISHER
    await OF_ACCOUNT.take(db, str(caller.credential_id))
    async with db.transaction(_scope(customer_id)) as tx:
        kept = await store.find_secret(tx, customer_id, caller.credential_id)
    if not await hasher.matches(kept.secret_hash if kept else None, current) or kept is None:
        raise CredentialsRefused
    hashed = await hasher.hashed(acceptable_password(password))
    async with db.transaction(_scope(customer_id)) as tx:
        if not await store.save_password(
            tx, customer_id, caller.credential_id, kept.secret_hash, hashed, at.business
        ):
            raise CredentialsRefused
        await store.end_sessions(tx, customer_id, caller.credential_id, at.system)
    await OF_ACCOUNT.forget(db, str(caller.credential_id))


async def log_out(tx: Tx, token: str, now: datetime) -> None:
    """Ends the session of this token; one that is over already stays so."""
    hashed = passwords.token_hash(token)
    session = await store.find_session(tx, hashed, now)
    if session is not None:
        await tx.rescope(_scope(session.customer_id))
        await store.end_session(tx, session.customer_id, hashed, now)


async def exchange(tx: Tx, token: str, key: SigningKey, now: datetime) -> str:
    """A bearer token of 60 seconds for an open session. Raises SessionOver."""
    session = await store.find_session(tx, passwords.token_hash(token), now)
    if session is None:
        raise SessionOver
    caller = Caller(
        person_id=session.person_id,
        credential_id=session.credential_id,
        role=Role(session.role),
        customer_id=None if session.customer_id == PUBLISHER else session.customer_id,
        company_id=session.company_id,
    )
    return sign(claims_of(caller, now, TOKEN_LIVES), key)
