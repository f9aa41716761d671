"""A second factor: begun and confirmed at the door, spent on each login, taken away by its owner.

It is enrolled with the password, before there is a session: so that the publisher's staff, who need one,
never hold a session without it. Adding or removing one ends every session, and the person is told by mail.
"""

from dataclasses import dataclass
from datetime import datetime

from chassis.audit import Whence
from chassis.auth import Caller
from chassis.db import Tx
from chassis.sealing import Sealer
from services.tenancy import passwords, totp
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.door import (
    Attempt,
    Door,
    forget_tries,
    prove,
    record,
    replace_password,
    scope_of,
)
from services.tenancy.commands.notices import FACTOR_ADDED, FACTOR_REMOVED, tell
from services.tenancy.commands.passwords import known_by_password
from services.tenancy.door_refusals import (
    CodeRefused,
    CredentialsRefused,
    NoSecondFactor,
    SecondFactorEnrolled,
    SecondFactorNotBegun,
)
from services.tenancy.model import Entrant
from services.tenancy.rules.passwords import of_fit_length
from services.tenancy.store import factors as store
from services.tenancy.store.sessions import end_sessions

RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Begun:
    """What an authenticator is told, shown once: the secret, and the address that holds it as a QR code."""

    secret: str
    uri: str


async def begin_factor(door: Door, attempt: Attempt, at: Instants) -> Begun:
    """A secret for an authenticator, of no effect until a code confirms it; the one begun before is void.

    A one-time secret is replaced by the `new_password`, as it is when one logs in. Raises what `prove` does,
    or SecondFactorEnrolled.
    """
    proved = await prove(door, attempt, at)
    entrant, secret = proved.entrant, totp.new_secret()
    async with door.db.transaction(scope_of(entrant.customer_id)) as tx:
        await replace_password(tx, proved, at)
        if not await store.begin(tx, entrant, door.sealer.seal(secret), at.system):
            raise SecondFactorEnrolled
        await record(tx, "begin_second_factor", entrant, attempt.whence, at)
    await forget_tries(door, proved, attempt.whence)
    return Begun(secret, totp.address_of(secret, entrant.portal, entrant.identifier))


async def confirm_factor(
    tx: Tx, sealer: Sealer, entrant: Entrant, attempt: Attempt, at: Instants
) -> list[str]:
    """Enrols the factor that was begun, by a code of it; gives the recovery codes, which are shown once.

    Every session ends. Raises SecondFactorNotBegun, SecondFactorEnrolled, CodeRefused.
    """
    factor = await store.load(tx, entrant.customer_id, entrant.credential_id)
    if factor is None:
        raise SecondFactorNotBegun
    if factor.enrolled_at is not None:
        raise SecondFactorEnrolled
    secret = sealer.opened(factor.secret_sealed)
    step = totp.accepted_step(secret, attempt.code or "", at.system, factor.last_step)
    if step is None:
        raise CodeRefused
    codes = [passwords.recovery_code() for _ in range(RECOVERY_CODES)]
    await store.enrol(tx, entrant, step, [passwords.digest(code) for code in codes], at.system)
    await end_sessions(tx, entrant.customer_id, entrant.credential_id, at.system)
    await tell(tx, entrant, FACTOR_ADDED)
    await record(tx, "enrol_second_factor", entrant, attempt.whence, at)
    return codes


async def spend_code(tx: Tx, sealer: Sealer, entrant: Entrant, code: str, now: datetime) -> None:
    """Takes a code of the authenticator, or a recovery code: each opens once. Raises CredentialsRefused.

    The row is locked, so that of two who bring the same code at once only one enters.
    """
    factor = await store.load(tx, entrant.customer_id, entrant.credential_id)
    if factor is None or factor.enrolled_at is None:
        raise CredentialsRefused
    secret = sealer.opened(factor.secret_sealed)
    step = totp.accepted_step(secret, code, now, factor.last_step)
    if step is not None:
        sealed = factor.secret_sealed if sealer.is_current(factor.secret_sealed) else sealer.seal(secret)
        await store.spend_step(tx, entrant, step, sealed)
    elif not await store.spend_recovery(tx, entrant, passwords.digest(passwords.as_shown(code))):
        raise CredentialsRefused


async def remove_factor(
    door: Door, caller: Caller, password: str, code: str, whence: Whence, at: Instants
) -> None:
    """Takes the caller's second factor away, with its password and a code; every session ends.

    A password of less than fifteen characters is not enough without it: PasswordTooShort.
    """
    entrant = await known_by_password(door, caller, password)
    if not entrant.second_factor:
        raise NoSecondFactor
    of_fit_length(password, second_factor=False)
    async with door.db.transaction(scope_of(entrant.customer_id)) as tx:
        await spend_code(tx, door.sealer, entrant, code, at.system)
        await store.remove(tx, entrant)
        await end_sessions(tx, entrant.customer_id, entrant.credential_id, at.system)
        await tell(tx, entrant, FACTOR_REMOVED)
        await record(tx, "remove_second_factor", entrant, whence, at)
