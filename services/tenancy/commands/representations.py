"""The publisher's staff acts for a customer: it says why and for how long, and the customer sees it.

It acts by tokens of a minute, with a collaborator's rights: giving and taking access stays the firm's alone
(11-a). `on_behalf_of` of each is the representation, and stands in the audit trail with whatever is done.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from chassis import mail
from chassis.auth import Caller, Role, SigningKey, claims_of, sign
from chassis.db import Tx
from services.tenancy.model import PUBLISHER, Representation
from services.tenancy.rules.representations import ends_at, must_be_its_own, must_be_open
from services.tenancy.store import representations as store
from services.tenancy.store.credentials import load_person
from services.tenancy.store.customers import load_kind

TOKEN_LIVES = timedelta(seconds=60)
SUBJECT = "Votre éditeur agit en votre nom / Your publisher acts for you"
TEXT = """Bonjour {name},

{staff} (support de l'éditeur) agit au nom de votre cabinet pendant {minutes} minutes au plus.
Motif : {reason}
Vous voyez cet accès dans votre portail, ce qui est fait est inscrit dans votre journal, et vous pouvez y
mettre fin à tout moment.

Hello {name},

{staff} (the publisher's support) acts for your firm for at most {minutes} minutes.
Reason: {reason}
You see this access in your portal, what is done stands in your audit trail, and you may end it at any time.
"""


async def start_representation(
    tx: Tx, caller: Caller, customer_id: UUID, reason: str, minutes: int, now: datetime
) -> Representation:
    """Begins to act for a customer, whose administrators are told by mail.

    Raises CustomerUnknown, PersonUnknown.
    """
    await load_kind(tx, customer_id)
    staff = await load_person(tx, PUBLISHER, caller.person_id)
    new = Representation(
        customer_id=customer_id,
        representation_id=uuid4(),
        person_id=caller.person_id,
        credential_id=caller.credential_id,
        name=staff.name,
        reason=reason,
        started_at=now,
        ends_at=ends_at(now, minutes),
    )
    await store.insert(tx, new)
    for administrator in await store.list_administrators(tx, customer_id):
        text = TEXT.format(name=administrator.name, staff=staff.name, reason=reason, minutes=minutes)
        key = f"representation/{new.representation_id}/{administrator.person_id}"
        await mail.send(tx, key=key, to=administrator.mail, subject=SUBJECT, text=text)
    return new


async def token_of(
    tx: Tx, caller: Caller, customer_id: UUID, representation_id: UUID, key: SigningKey, now: datetime
) -> tuple[str, timedelta]:
    """A bearer token to act with, and how long it lives: a minute, or what is left.

    Raises RepresentationUnknown, also for a colleague's, and RepresentationOver.
    """
    representation = await store.load(tx, customer_id, representation_id)
    must_be_its_own(representation, caller.person_id, now)
    lives = min(TOKEN_LIVES, representation.ends_at - now)
    acting = Caller(
        person_id=caller.person_id,
        credential_id=caller.credential_id,
        role=Role.firm_collaborator,
        customer_id=customer_id,
        on_behalf_of=representation_id,
    )
    return sign(claims_of(acting, now, lives), key), lives


async def end_representation(tx: Tx, customer_id: UUID, representation_id: UUID, now: datetime) -> None:
    """Ends it before its time: the customer does, or the publisher. No token is given any more."""
    representation = await store.load(tx, customer_id, representation_id)
    must_be_open(representation, now)
    await store.end(tx, representation, now)
