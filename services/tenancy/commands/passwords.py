"""Passwords: chosen by an invited person, changed, and reset by a link that is mailed.

Who asks for a reset learns nothing: the request is only written down, the same for any name, and a worker
answers it afterwards, by mail or not at all.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from chassis import mail
from chassis.audit import Whence
from chassis.auth import Caller
from chassis.db import Scope, Tx
from contracts.events.tenancy import CredentialIssued
from services.tenancy import passwords
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.door import (
    OF_ADDRESS,
    OF_PAIR,
    Door,
    account_of,
    folded_or_nobody,
    hashed_choice,
    record,
    scope_of,
)
from services.tenancy.commands.notices import PASSWORD_CHANGED, tell
from services.tenancy.door_refusals import CredentialsRefused, LinkSpent
from services.tenancy.model import PUBLISHER, Entrant
from services.tenancy.rules.credentials import may_follow_link, may_reset
from services.tenancy.rules.passwords import normal_password
from services.tenancy.store import resets
from services.tenancy.store import sessions as store
from services.tenancy.throttle import Throttle

RESET_LIVES = timedelta(minutes=30)
RESETS_OF_ADDRESS = Throttle("reset-address", 30, timedelta(minutes=15))
RESETS_OF_ACCOUNT = Throttle("reset-account", 3, timedelta(minutes=15))
"""Shorter than a link lives: who is refused here has one in its mailbox that opens still."""
ANSWERED_AT_ONCE = 100
PAGE = "/api/tenancy/password-reset"
SUBJECT = "Votre mot de passe / Your password"
TEXT = """Bonjour {name},

Quelqu'un demande un nouveau mot de passe pour l'identifiant {identifier}. Si c'est vous, choisissez-le :
{link}
Ce lien ne sert qu'une fois, pendant 30 minutes. Sinon, ne faites rien : rien n'a changé.

Hello {name},

Somebody asks for a new password for the identifier {identifier}. If it is you, choose one:
{link}
This link opens once, within 30 minutes. If not, do nothing: nothing has changed.
"""


async def follow_link(door: Door, link: str, password: str, whence: Whence, at: Instants) -> None:
    """Gives an invited person its password: from now on it has an identifier and a password (11-a)."""
    await OF_ADDRESS.take(door.db, whence.origin or "")
    async with door.db.transaction(Scope.machine()) as tx:
        entrant = await store.find_invited(tx, passwords.digest(link))
    if entrant is None:
        raise LinkSpent
    may_follow_link(entrant, at.system)
    hashed = await hashed_choice(door.hasher, entrant, password)
    async with door.db.transaction(scope_of(entrant.customer_id)) as tx:
        if not await store.save_password(tx, entrant, hashed, at.business):
            raise LinkSpent
        await record(tx, "accept_invitation", entrant, whence, at)
        await tx.emit(
            CredentialIssued(
                customer_id=None if entrant.customer_id == PUBLISHER else entrant.customer_id,
                company_id=entrant.company_id,
                person_id=entrant.person_id,
                credential_id=entrant.credential_id,
                identifier=entrant.identifier,
                issued_at=at.business,
            )
        )


async def known_by_password(door: Door, caller: Caller, password: str) -> Entrant:
    """The caller itself, once it has shown its password again. Raises CredentialsRefused, TooManyAttempts."""
    customer_id = caller.customer_id or PUBLISHER
    subject = str(caller.credential_id)
    await OF_PAIR.take(door.db, subject)
    async with door.db.transaction(scope_of(customer_id)) as tx:
        entrant = await store.find_by_credential(tx, customer_id, caller.credential_id)
    kept = entrant.secret_hash if entrant else None
    if not await door.hasher.matches(kept, normal_password(password)) or entrant is None:
        raise CredentialsRefused
    await OF_PAIR.forget(door.db, subject)
    return entrant


async def change_password(
    door: Door, caller: Caller, current: str, password: str, whence: Whence, at: Instants
) -> None:
    """Replaces the caller's password; its sessions end, this one too. The current one is asked for."""
    entrant = await known_by_password(door, caller, current)
    hashed = await hashed_choice(door.hasher, entrant, password)
    async with door.db.transaction(scope_of(entrant.customer_id)) as tx:
        if not await _replaced(tx, entrant, hashed, at):
            raise CredentialsRefused
        await record(tx, "change_password", entrant, whence, at)


async def _replaced(tx: Tx, entrant: Entrant, hashed: str, at: Instants) -> bool:
    """Another password in the place of this one: every session ends and the person is told."""
    if not await store.save_password(tx, entrant, hashed, at.business):
        return False
    await store.end_sessions(tx, entrant.customer_id, entrant.credential_id, at.system)
    await tell(tx, entrant, PASSWORD_CHANGED)
    return True


async def ask_reset(door: Door, portal: str, identifier: str, whence: Whence, now: datetime) -> None:
    """Writes down that somebody asks for a reset, whoever it is, if anybody. Raises TooManyAttempts."""
    address, folded = portal.strip().lower(), folded_or_nobody(identifier)
    await RESETS_OF_ADDRESS.take(door.db, whence.origin or "")
    await RESETS_OF_ACCOUNT.take(door.db, account_of(address, folded))
    async with door.db.transaction(Scope.machine()) as tx:
        await resets.ask(tx, uuid4(), address, folded, now)


async def answer_resets(tx: Tx, origin: str, at: Instants) -> None:
    """Mails a link to those who asked and may have one; the others are forgotten."""
    for asked in await resets.take_asked(tx, ANSWERED_AT_ONCE):
        entrant = await store.find_entrant(tx, asked.portal, asked.folded)
        if entrant is None or not entrant.mail or not may_reset(entrant):
            continue
        secret = passwords.link_token()
        await resets.save_link(tx, entrant, passwords.digest(secret), at.system + RESET_LIVES)
        link = f"{origin.rstrip('/')}{PAGE}#{secret}"
        text = TEXT.format(name=entrant.name, identifier=entrant.identifier, link=link)
        key = f"password-reset/{asked.reset_id}"
        await mail.send(tx, key=key, to=entrant.mail, subject=SUBJECT, text=text)
        await record(tx, "mail_password_reset", entrant, Whence(), at)


async def accept_reset(door: Door, link: str, password: str, whence: Whence, at: Instants) -> None:
    """Another password by a mailed link, which is spent with it; every session ends. Raises LinkSpent.

    A second factor stays: who enters next needs its code.
    """
    await OF_ADDRESS.take(door.db, whence.origin or "")
    hashed_link = passwords.digest(link)
    async with door.db.transaction(Scope.machine()) as tx:
        entrant = await resets.find_by_link(tx, hashed_link, at.system)
    if entrant is None or not may_reset(entrant):
        raise LinkSpent
    hashed = await hashed_choice(door.hasher, entrant, password)
    async with door.db.transaction(scope_of(entrant.customer_id)) as tx:
        spent = await resets.spend_link(tx, entrant, hashed_link)
        if not spent or not await _replaced(tx, entrant, hashed, at):
            raise LinkSpent
        await record(tx, "reset_password", entrant, whence, at)
