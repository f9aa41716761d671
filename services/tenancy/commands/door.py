"""What every deed at the door begins with: a try is counted, somebody is found, a secret is compared.

A try is counted before its password is looked at, in a transaction of its own: a thousand tries at once are
a thousand counted ones. Argon2id is never worked while a transaction is open. Nobody can lock a person out by
failing in its name: who comes with the cookie of a device that it has entered from is counted by that device
alone; everybody else by account and address, and all of them together by account, slowly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis import audit
from chassis.audit import Whence
from chassis.auth import Caller, Role
from chassis.db import Database, Scope, Tx
from chassis.sealing import CannotUnseal, Sealer
from services.tenancy import passwords
from services.tenancy.commands.credentials import Instants
from services.tenancy.door_refusals import CredentialsRefused
from services.tenancy.model import PUBLISHER, Entrant
from services.tenancy.passwords import Hasher
from services.tenancy.refusals import IdentifierUnfit
from services.tenancy.rules.credentials import folded_identifier, may_enter
from services.tenancy.rules.passwords import acceptable_password, normal_password, words_of
from services.tenancy.store import sessions as store
from services.tenancy.throttle import Throttle

OF_ADDRESS = Throttle("login-address", 300, timedelta(minutes=5))
"""Many people share a firm's address."""
OF_PAIR = Throttle("login-account-address", 10, timedelta(minutes=15))
OF_DEVICE = Throttle("login-device", 10, timedelta(minutes=5))
OF_ACCOUNT = Throttle("login-account", 100, timedelta(hours=1))
"""From all addresses together; one address alone cannot spend it (NIST SP 800-63B-4, 3.2.2: at most 100)."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the door works with in one process."""

    db: Database
    hasher: Hasher
    sealer: Sealer


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody presents at the door, and from where. `device` is the cookie of an earlier success."""

    portal: str
    identifier: str
    password: str
    new_password: str | None = None
    code: str | None = None
    device: str | None = None
    whence: Whence = field(default_factory=Whence)


@dataclass(frozen=True, slots=True)
class Proved:
    """Who has shown its password, the hash of the one that replaces it, and how its tries are counted."""

    entrant: Entrant
    replacement: str | None
    account: str
    device: str


def scope_of(customer_id: UUID) -> Scope:
    """The scope of a portal: the publisher's own staff work in that of all."""
    return Scope.portal() if customer_id == PUBLISHER else Scope.customer(customer_id)


def caller_of(entrant: Entrant) -> Caller:
    """Whoever has entered, in the words of the audit trail and of tokens."""
    return Caller(
        person_id=entrant.person_id,
        credential_id=entrant.credential_id,
        role=Role(entrant.role),
        customer_id=None if entrant.customer_id == PUBLISHER else entrant.customer_id,
        company_id=entrant.company_id,
    )


async def record(
    tx: Tx,
    action: str,
    entrant: Entrant,
    whence: Whence,
    at: Instants,
    details: Mapping[str, Any] | None = None,
) -> None:
    """A line of the audit trail on what somebody did at the door."""
    await audit.record(
        tx,
        action,
        business_at=at.business,
        caller=caller_of(entrant),
        whence=whence,
        subject=str(entrant.credential_id),
        details=details,
    )


async def note_refusal(door: Door, attempt: Attempt, entrant: Entrant | None, at: Instants) -> None:
    """A line of the trail on somebody who was not let in: in that portal's, or in the publisher's where
    nobody is known by what was presented. Of that only the portal's address is kept. Throttles bound the
    lines.
    """
    scope = scope_of(entrant.customer_id) if entrant else Scope.machine()
    async with door.db.transaction(scope) as tx:
        if entrant:
            await record(tx, "log_in_refused", entrant, attempt.whence, at)
        else:
            details = {"portal": attempt.portal[:40]}
            whence, now = attempt.whence, at.business
            await audit.record(tx, "log_in_refused", business_at=now, whence=whence, details=details)


async def prove(door: Door, attempt: Attempt, at: Instants) -> Proved:
    """Whoever presents an identifier and its password; the time and the answer are those of an unknown one.

    A one-time secret needs a `new_password`. Raises CredentialsRefused, PasswordChangeRequired, the refusals
    of a password, or TooManyAttempts.
    """
    portal, folded = attempt.portal.strip().lower(), folded_or_nobody(attempt.identifier)
    account = account_of(portal, folded)
    device = await _count(door, attempt, account)
    async with door.db.transaction(Scope.machine()) as tx:
        entrant = await store.find_entrant(tx, portal, folded)
    kept = entrant.secret_hash if entrant else None
    matches = await door.hasher.matches(kept, normal_password(attempt.password))
    if entrant is None:
        await note_refusal(door, attempt, None, at)
        raise CredentialsRefused
    try:
        may_enter(entrant, matches, attempt.new_password is not None, at.system)
    except CredentialsRefused:
        await note_refusal(door, attempt, entrant, at)
        raise
    replacement = None
    if attempt.new_password is not None:
        replacement = await hashed_choice(door.hasher, entrant, attempt.new_password)
    return Proved(entrant, replacement, account, device)


async def hashed_choice(hasher: Hasher, entrant: Entrant, password: str) -> str:
    """The hash of the password that somebody chose. Raises the refusals of a password."""
    words = words_of(entrant.portal, entrant.identifier, entrant.name)
    common = passwords.common_passwords()
    fit = acceptable_password(password, second_factor=entrant.second_factor, common=common, words=words)
    return await hasher.hashed(fit)


def account_of(portal: str, folded: str) -> str:
    """The name under which the tries at one account are counted, whether it is there or not."""
    return passwords.digest(f"{portal}\n{folded}")


def folded_or_nobody(identifier: str) -> str:
    """An identifier nobody can have is looked for all the same: the answer and its time tell nothing."""
    try:
        return folded_identifier(identifier)
    except IdentifierUnfit:
        return ""


async def _count(door: Door, attempt: Attempt, account: str) -> str:
    """Counts one try; gives the name of the device when it is one of this account's."""
    address = attempt.whence.origin or ""
    await OF_ADDRESS.take(door.db, address)
    device = _device_of(door.sealer, attempt.device, account)
    if device:
        await OF_DEVICE.take(door.db, device)
    else:
        await OF_PAIR.take(door.db, f"{account}\n{address}")
        await OF_ACCOUNT.take(door.db, account)
    return device


async def forget_tries(door: Door, proved: Proved, whence: Whence) -> None:
    """Gives the quotas back after a success."""
    await OF_PAIR.forget(door.db, f"{proved.account}\n{whence.origin or ''}")
    await OF_ACCOUNT.forget(door.db, proved.account)
    if proved.device:
        await OF_DEVICE.forget(door.db, proved.device)


def device_cookie(sealer: Sealer, proved: Proved) -> str:
    """What a device shows next time: sealed by us, good for this account alone, and for no more than that."""
    return sealer.seal(proved.device or f"{proved.account}\n{passwords.link_token()}")


def _device_of(sealer: Sealer, cookie: str | None, account: str) -> str:
    try:
        device = sealer.opened(cookie) if cookie else ""
    except CannotUnseal:
        return ""
    return device if device.startswith(f"{account}\n") else ""


async def replace_password(tx: Tx, proved: Proved, at: Instants) -> None:
    """Puts the password in the place of the secret, and ends the sessions that the old one had opened."""
    if proved.replacement is None:
        return
    entrant = proved.entrant
    if not await store.save_password(tx, entrant, proved.replacement, at.business):
        raise CredentialsRefused
    await store.end_sessions(tx, entrant.customer_id, entrant.credential_id, at.system)
