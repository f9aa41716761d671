"""An invitation by mail: the link is the secret, and the mail the only place where it stands."""

from uuid import UUID

from chassis import mail
from chassis.db import Tx
from services.tenancy.commands.credentials import Given, Giver, Instants, access_issued, give_link

SUBJECT = "Votre accès au portail / Your access to the portal"
TEXT = """Bonjour {name},

Un accès au portail vous est ouvert, avec l'identifiant {identifier}.
Choisissez votre mot de passe : {link}
Ce lien ne sert qu'une fois, pendant 14 jours.

Hello {name},

You were given access to the portal, with the identifier {identifier}.
Choose your password: {link}
This link opens once, within 14 days.
"""
PAGE = "/api/tenancy/invitation"


async def invite(
    tx: Tx, customer_id: UUID, person_id: UUID, identifier: str, giver: Giver, at: Instants, origin: str
) -> Given:
    """Gives a person a credential and has the link mailed, and is shown nowhere else.

    The token stands after `#`: no browser sends that part, so that no log of ours ever holds it.
    """
    given, person = await give_link(tx, customer_id, person_id, identifier, giver, at)
    link = f"{origin.rstrip('/')}{PAGE}#{given.secret}"
    body = TEXT.format(name=person.name, identifier=given.identifier, link=link)
    await mail.send(tx, key=f"invitation/{given.credential_id}", to=person.mail, subject=SUBJECT, text=body)
    await tx.emit_many(access_issued(person, given, at))
    return given
