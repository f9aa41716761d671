"""How an answer of support reads as a mail, in French and in English, and how a customer's goes on."""

from services.ticketing.model.tickets import Channel, Contact, Description, NewTicket, Ticket
from services.ticketing.rules.mail_wording import CONTEXT_LENGTH
from services.ticketing.rules.quoting import MARKER

_SUBJECT = "[{reference}] {subject}"
_LENGTH = 180
_TEXT = """{marker}

{text}

--
Le support vous a répondu au sujet de votre demande {reference}. Répondez à ce message ou dans votre espace.
Support answered your ticket {reference}. Reply to this message, or in your customer space.
"""


def answer_mail(ticket: Ticket, text: str) -> tuple[str, str]:
    """Subject and text of the mail that brings support's answer to the ticket's contact."""
    about = " ".join(_on_one_line(ticket.description.subject).split())[:_LENGTH]
    subject = _SUBJECT.format(reference=ticket.reference, subject=about)
    return subject, _TEXT.format(marker=MARKER, text=text, reference=ticket.reference)


def _on_one_line(text: str) -> str:
    """A header holds no control character; somebody may have copied one with an error message."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def follow_up(ticket: Ticket, text: str, channel: Channel, contact: Contact | None = None) -> NewTicket:
    """What a customer writes about a closed ticket is another one, which goes on from it.

    Its contact is who wrote, where that is known by a mail, else that of the closed one. What is longer than
    a description may be is whole in its first message.
    """
    return NewTicket(
        customer_id=ticket.customer_id,
        kind=ticket.kind,
        channel=channel,
        description=Description(
            subject=ticket.description.subject,
            context=text[:CONTEXT_LENGTH],
            feature=ticket.description.feature,
        ),
        contact=contact or ticket.contact,
        product=ticket.product,
        company_id=ticket.company_id,
        urgency=ticket.urgency,
        follows=ticket.ticket_id,
    )
