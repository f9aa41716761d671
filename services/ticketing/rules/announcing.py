"""What people are told by mail of what is planned with them, in French and in English.

Titles are the publisher's; of a ticket only its reference is told.
"""

from datetime import datetime
from enum import StrEnum

from contracts.booklet.hours import calendar

ZONE_OF = "support.open"
Mail = tuple[str, str]
"""Subject and text."""


class Told(StrEnum):
    """What happened of it."""

    booked = "booked"
    moved = "moved"
    cancelled = "cancelled"
    reminder = "reminder"
    invited = "invited"
    registered = "registered"
    waiting = "waiting"
    replay = "replay"


_SUBJECTS = {
    Told.booked: "Rendez-vous confirmé / Appointment confirmed",
    Told.moved: "Changement / Change",
    Told.cancelled: "Annulation / Cancelled",
    Told.reminder: "Rappel / Reminder",
    Told.invited: "Invitation",
    Told.registered: "Inscription confirmée / You are registered",
    Told.waiting: "Liste d'attente / Waiting list",
    Told.replay: "Rediffusion disponible / Replay available",
}
_FRENCH = {
    Told.booked: "Le rendez-vous suivant est confirmé :",
    Told.moved: "Ce qui suit a changé. Désormais :",
    Told.cancelled: "Ce qui suit n'aura pas lieu :",
    Told.reminder: "Nous vous rappelons :",
    Told.invited: "Vous êtes invité à la session web suivante ; l'inscription se fait dans l'espace client :",
    Told.registered: "Votre inscription est confirmée :",
    Told.waiting: "La session est complète ; vous êtes sur la liste d'attente et serez prévenu si une place"
    " se libère :",
    Told.replay: "La rediffusion de la session suivante se trouve dans l'espace client :",
}
_ENGLISH = {
    Told.booked: "The following appointment is confirmed:",
    Told.moved: "The following has changed. From now on:",
    Told.cancelled: "The following does not take place:",
    Told.reminder: "We remind you of:",
    Told.invited: "You are invited to the following web session; register in the customer space:",
    Told.registered: "Your registration is confirmed:",
    Told.waiting: "The session is full; you are on its waiting list, and told if a seat becomes free:",
    Told.replay: "The replay of the following session is in the customer space:",
}
_TEXT = """Bonjour,

{french}
{title}
Le {day_fr}, de {from_} à {to} (heure de Paris).
{more}
Hello,

{english}
{title}
On {day_en}, from {from_} to {to} (Paris time).
{more}"""


def announcement(told: Told, title: str, starts_at: datetime, ends_at: datetime, more: str = "") -> Mail:
    """A mail's subject and text; `more` is a line below, as a link or a reason."""
    zone = calendar(ZONE_OF).zone
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    text = _TEXT.format(
        french=_FRENCH[told],
        english=_ENGLISH[told],
        title=title,
        day_fr=f"{first:%d/%m/%Y}",
        day_en=f"{first:%Y-%m-%d}",
        from_=f"{first:%H:%M}",
        to=f"{last:%H:%M}" if last.date() == first.date() else f"{last:%d/%m/%Y %H:%M}",
        more=f"{more}\n" if more else "",
    )
    return f"{_SUBJECTS[told]} - {title}", text
