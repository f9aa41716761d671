"""A program proves that it is itself and is given a token: RFC 6749, section 4.4; RFC 7523 for assertions.

A request is counted before anything is looked up. A stranger costs what a known client costs: one look at the
door, and one comparison or one signature.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.auth import Caller, SigningKey, claims_of, sign
from chassis.db import Database, Scope, Tx
from services.tenancy import assertions, passwords
from services.tenancy.door_refusals import TooManyAttempts
from services.tenancy.model import PUBLISHER
from services.tenancy.program_model import Granted, ProgramKey, TokenAsked
from services.tenancy.program_refusals import ClientRefused, GrantUnsupported, TooManyTokenRequests
from services.tenancy.rules.programs import SKEW, assertion_end, granted_scopes, token_life
from services.tenancy.store import programs as store
from services.tenancy.throttle import Throttle

GRANT = "client_credentials"
OF_CLIENT = Throttle("token-client", 60, timedelta(minutes=5))
"""By client and address together: whoever knows a client id cannot keep its program out from elsewhere."""
OF_ADDRESS = Throttle("token-address", 600, timedelta(minutes=5))

Spent = tuple[bytes, datetime]
"""An assertion's name, hashed, and until when it is to be remembered."""


async def grant_token(
    db: Database, key: SigningKey, asked: TokenAsked, audiences: frozenset[str], address: str, now: datetime
) -> Granted:
    """A token for the program that asks, with the scopes it asks for; `now` is system time.

    `audiences` are the names that an assertion may be meant for. Raises a TokenRequestRefused.
    """
    await _count(db, asked.client_id, address)
    if asked.grant_type != GRANT:
        raise GrantUnsupported
    async with db.transaction(Scope.machine()) as tx:
        keys = await store.list_keys_at_the_door(tx, _looked_for(asked.client_id))
    proved, spent = _proved(asked, keys, audiences, now)
    life = token_life(proved.expires_at, now)
    scopes = granted_scopes(proved.scopes, asked.scopes)
    async with db.transaction(_scope(proved.customer_id)) as tx:
        await _use(tx, proved, spent, now)
    customer_id = None if proved.customer_id == PUBLISHER else proved.customer_id
    caller = Caller(proved.program_id, proved.credential_id, proved.role, customer_id, scopes=scopes)
    return Granted(sign(claims_of(caller, now, life), key), int(life.total_seconds()), scopes)


async def _count(db: Database, client_id: str, address: str) -> None:
    try:
        await OF_ADDRESS.take(db, address)
        await OF_CLIENT.take(db, f"{address}\n{client_id}")
    except TooManyAttempts as refused:
        raise TooManyTokenRequests(retry_after=refused.retry_after, headers=refused.headers) from None


def _looked_for(client_id: str) -> UUID:
    """A client id that none can be is looked for all the same."""
    try:
        return UUID(client_id)
    except ValueError:
        return PUBLISHER


def _scope(customer_id: UUID) -> Scope:
    return Scope.portal() if customer_id == PUBLISHER else Scope.customer(customer_id)


def _proved(
    asked: TokenAsked, keys: Sequence[ProgramKey], audiences: frozenset[str], now: datetime
) -> tuple[ProgramKey, Spent | None]:
    if asked.assertion is None:
        return _by_secret(asked.secret or "", keys), None
    key, claims = assertions.verified(asked.assertion, keys)
    ends_at = assertion_end(claims, str(key.program_id), audiences, now)
    return key, (hashlib.sha256(claims["jti"].encode()).digest(), ends_at + SKEW)


def _by_secret(secret: str, keys: Sequence[ProgramKey]) -> ProgramKey:
    """The key whose secret was presented. Each kept hash is compared whole."""
    presented = passwords.digest(secret)
    fitting = [key for key in keys if hmac.compare_digest(key.secret_hash or "", presented)]
    if not fitting:
        raise ClientRefused
    return fitting[0]


async def _use(tx: Tx, key: ProgramKey, spent: Spent | None, now: datetime) -> None:
    if spent is not None and not await store.spend_assertion(tx, key.program_id, *spent):
        raise ClientRefused("The assertion was used already.")
    if not await store.use_key(tx, key, now):
        raise ClientRefused
