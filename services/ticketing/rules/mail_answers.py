"""What a sender is told whose mail was refused, in French and in English."""

from chassis.refusals import Refusal
from services.ticketing.refusals.clocks import TicketGoesToTheFirm
from services.ticketing.refusals.tickets import (
    DescriptionMissing,
    ProductWithdrawn,
    SupportOver,
    SupportSuspendedNow,
)

_SUBJECT = "Votre message n'a pas été enregistré / Your message was not registered"
_IN_FRENCH = {
    TicketGoesToTheFirm.slug: "Les entreprises sont aidées par leur cabinet comptable : adressez-vous à lui.",
    SupportSuspendedNow.slug: (
        "Le support est suspendu et n'enregistre pas de nouvelle demande :"
        " demandez au service client comment il reprend."
    ),
    SupportOver.slug: "Le contrat a pris fin, et le support avec lui : adressez-vous au service client.",
    DescriptionMissing.slug: (
        "Rien n'est dit : décrivez le contexte, le message d'erreur et l'enchaînement des menus."
    ),
    ProductWithdrawn.slug: (
        "Ce produit a été retiré et son dernier jour est passé :"
        " demandez au service client ce qui le remplace."
    ),
}
_OTHERWISE = "Il ne peut pas devenir une demande de support : adressez-vous au service client."
_TEXT = """Bonjour,

Votre message n'a pas été enregistré.
{french}{article_fr}

Hello,

Your message was not registered.
{english}{article_en}
"""


def refusal_mail(refusal: Refusal) -> tuple[str, str]:
    """Subject and text. Nothing that the sender wrote is in it: its address may be somebody else's."""
    text = _TEXT.format(
        french=_IN_FRENCH.get(refusal.slug, _OTHERWISE),
        article_fr=f" (article {refusal.clause})" if refusal.clause else "",
        english=refusal.sentence,
        article_en=f" (article {refusal.clause})" if refusal.clause else "",
    )
    return _SUBJECT, text
