"""A contract's dates in words, French and English, and as a calendar that other programs subscribe to.

Events last all day. An event's UID stays the same when its date moves, so that a calendar moves it too.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event

from chassis.languages import Language
from services.tenancy.contract_model import Dated, DateKind, Party

_FRENCH: dict[DateKind, str] = {
    DateKind.contract_start: "Début du contrat",
    DateKind.renewal: "Reconduction tacite du contrat (période {period})",
    DateKind.price_revised: "Entrée en vigueur de la révision de prix",
    DateKind.last_notice_day: "Dernier jour pour notifier la non-reconduction (période {period})",
    DateKind.last_price_revision_day: "Dernier jour pour notifier une révision de prix (période {period})",
    DateKind.non_renewal_posted: "Non-reconduction notifiée par {party}",
    DateKind.non_renewal_withdrawn: "Non-reconduction retirée par {party}",
    DateKind.price_revision_notified: "Révision de prix notifiée",
    DateKind.trial_end: "Fin de la démonstration gratuite",
    DateKind.promotion_start: "Début d'un prix promotionnel",
    DateKind.promotion_end: "Dernier jour d'un prix promotionnel",
    DateKind.period_end: "Dernier jour de la période {period}",
    DateKind.contract_end: "Fin du contrat",
}
_ENGLISH: dict[DateKind, str] = {
    DateKind.contract_start: "The contract begins",
    DateKind.renewal: "Tacit renewal of the contract (period {period})",
    DateKind.price_revised: "The price revision takes effect",
    DateKind.last_notice_day: "Last day for notice of non-renewal (period {period})",
    DateKind.last_price_revision_day: "Last day for notice of a price revision (period {period})",
    DateKind.non_renewal_posted: "Notice of non-renewal by {party}",
    DateKind.non_renewal_withdrawn: "Notice of non-renewal withdrawn by {party}",
    DateKind.price_revision_notified: "Notice of a price revision",
    DateKind.trial_end: "The free demonstration ends",
    DateKind.promotion_start: "A promotional price begins",
    DateKind.promotion_end: "Last day of a promotional price",
    DateKind.period_end: "Last day of period {period}",
    DateKind.contract_end: "The contract ends",
}
_WORDS: dict[Language, dict[DateKind, str]] = {"fr": _FRENCH, "en": _ENGLISH}
_PARTIES: dict[Language, dict[Party, str]] = {
    "fr": {Party.customer: "le client", Party.publisher: "l'éditeur"},
    "en": {Party.customer: "the customer", Party.publisher: "the publisher"},
}
_NAMES: dict[Language, str] = {"fr": "Échéances du contrat", "en": "Dates of the contract"}
MEDIA_TYPE = "text/calendar; charset=utf-8"


def summary(dated: Dated, language: Language) -> str:
    """A date in a few words."""
    party = _PARTIES[language][dated.party] if dated.party else ""
    return _WORDS[language][dated.kind].format(period=dated.period, party=party)


def calendar_of(customer_id: UUID, dates: Iterable[Dated], language: Language, now: datetime) -> bytes:
    """The dates as iCalendar (RFC 5545)."""
    made = Calendar()
    made.add("prodid", f"-//Livret//Contract//{language.upper()}")
    made.add("version", "2.0")
    made.add("x-wr-calname", _NAMES[language])
    for dated in dates:
        made.add_component(_event(customer_id, dated, language, now))
    written: bytes = made.to_ical()
    return written


def _event(customer_id: UUID, dated: Dated, language: Language, now: datetime) -> Event:
    made = Event()
    made.add("uid", uid_of(customer_id, dated))
    made.add("dtstamp", now)
    made.add("dtstart", dated.on)
    if dated.on != date.max:
        made.add("dtend", dated.on + timedelta(days=1))
    made.add("summary", summary(dated, language), parameters={"LANGUAGE": language})
    made.add("transp", "TRANSPARENT")
    return made


def uid_of(customer_id: UUID, dated: Dated) -> str:
    """What identifies a date of a contract for ever: what it is the date of, never the date."""
    return f"{customer_id}.{dated.kind}.{dated.of or dated.period or 1}@livret"
