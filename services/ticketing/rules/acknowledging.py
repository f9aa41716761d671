"""What a customer is told at once when its ticket is registered (13.2-d), in French and in English."""

from datetime import datetime

from contracts.booklet.hours import calendar
from services.ticketing.model.tickets import Ticket
from services.ticketing.rules.quoting import MARKER

_SUBJECT = "[{reference}] Demande enregistrée / Ticket registered"
_DUE_FR = (
    "Un technicien la prendra en charge au plus tard le {day} à {hour} (heure de Paris),"
    " selon votre formule {plan} (article 13.2)."
)
_DUE_EN = (
    "A technician takes it in charge by {day} at {hour} (Paris time),"
    " as your plan {plan} says (article 13.2)."
)
_SERVICE_FR = "Le service client vous répondra ; cette demande ne relève pas des délais du support."
_SERVICE_EN = "Customer service will answer you; this request is outside support's time limits."
_TEXT = """{marker}

Bonjour,

Votre demande est enregistrée sous la référence {reference}.
Ce message n'est pas une prise en charge.
{due_fr}

Hello,

Your ticket is registered under the reference {reference}.
This message is not a take-charge.
{due_en}
"""


def acknowledgement(ticket: Ticket, due_at: datetime | None) -> tuple[str, str]:
    """Subject and text of the mail. Nothing that the customer wrote is in it."""
    subject = _SUBJECT.format(reference=ticket.reference)
    if due_at is None or ticket.terms is None:
        return subject, _told(ticket, _SERVICE_FR, _SERVICE_EN)
    local = due_at.astimezone(calendar(ticket.terms.calendar).zone)
    hour, plan = f"{local:%H:%M:%S}", ticket.plan.value
    return subject, _told(
        ticket,
        _DUE_FR.format(day=f"{local:%d/%m/%Y}", hour=hour, plan=plan),
        _DUE_EN.format(day=f"{local:%Y-%m-%d}", hour=hour, plan=plan),
    )


def _told(ticket: Ticket, due_fr: str, due_en: str) -> str:
    return _TEXT.format(marker=MARKER, reference=ticket.reference, due_fr=due_fr, due_en=due_en)
