"""Mails to a person about its own access, so that it learns of what it did not do itself."""

from uuid import uuid4

from chassis import mail
from chassis.db import Tx
from services.tenancy.model import Entrant

PASSWORD_CHANGED = (
    "Le mot de passe de votre identifiant {identifier} vient d'être changé.",
    "The password of your identifier {identifier} has just been changed.",
)
FACTOR_ADDED = (
    "Un second facteur protège désormais votre identifiant {identifier}.",
    "A second factor protects your identifier {identifier} from now on.",
)
FACTOR_REMOVED = (
    "Le second facteur de votre identifiant {identifier} vient d'être retiré.",
    "The second factor of your identifier {identifier} has just been removed.",
)
SUBJECT = "Votre accès au portail a changé / Your access to the portal has changed"
TEXT = """Bonjour {name},

{french}
Si ce n'était pas vous, prévenez tout de suite qui vous a donné cet accès.

Hello {name},

{english}
If it was not you, tell whoever gave you this access at once.
"""


async def tell(tx: Tx, entrant: Entrant, sentences: tuple[str, str]) -> None:
    """Has a mail sent to the person, who may have no address: then nothing is sent."""
    if not entrant.mail:
        return
    french, english = (each.format(identifier=entrant.identifier) for each in sentences)
    text = TEXT.format(name=entrant.name, french=french, english=english)
    key = f"access-changed/{entrant.credential_id}/{uuid4()}"
    await mail.send(tx, key=key, to=entrant.mail, subject=SUBJECT, text=text)
