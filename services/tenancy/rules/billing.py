"""15-c: contact and billing details are complete and kept current, and never hold a card number."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from stdnum import bic as stdnum_bic
from stdnum import iban as stdnum_iban
from stdnum import luhn
from stdnum.exceptions import ValidationError

from chassis.refusals import Pointer
from services.tenancy.billing_model import (
    BillingAddress,
    BillingDetails,
    Card,
    Contact,
    Lack,
    Mandate,
    Shortcoming,
)
from services.tenancy.billing_refusals import (
    BicInvalid,
    CardExpired,
    CardNumberRefused,
    CardTokenUnfit,
    CountryUnknown,
    IbanInvalid,
    IbanOutsideSepa,
    MandateReferenceUnfit,
    MandateSignedLater,
)

PARIS = ZoneInfo("Europe/Paris")
WARNED_BEFORE = timedelta(days=60)
CARD_DIGITS = range(13, 20)
# The SEPA schemes' area (European Payments Council, EPC409-09).
SEPA = frozenset(
    {
        *("AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI"),
        *("GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL"),
        *("NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA"),
    }
)

# Spaces of any kind, dots, dashes, slashes, and the marks that take no room.
_BETWEEN = r"[\s._/\-\u2010-\u2015\u200b-\u200f\u2060\ufeff]{1,3}"
_DIGITS = re.compile(rf"[0-9]+(?:{_BETWEEN}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_TOKEN = re.compile(r"[A-Za-z0-9_.:-]{8,128}\Z", re.ASCII)
_LAST4 = re.compile(r"[0-9]{4}\Z", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9/?:().,'+ -]{1,35}\Z", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}\Z", re.ASCII)


def today_in_paris(now: datetime) -> date:
    """The day that a card's expiry or a signature is compared with."""
    return now.astimezone(PARIS).date()


def shortcomings(details: BillingDetails, today: date) -> tuple[Shortcoming, ...]:
    """15-c: what is missing, or will soon be out of date; nothing when all is complete and current.

    Needed are a contact for billing with a mail address, the address of invoices, and one means of payment. A
    card is told of 60 days before it expires.
    """
    return (*_of_contact(details.billing), *_of_address(details.address), *_of_means(details, today))


def _of_contact(billing: Contact | None) -> Iterator[Shortcoming]:
    if billing is None:
        yield Shortcoming("/contacts/billing", Lack.missing)
    elif not billing.mail:
        yield Shortcoming("/contacts/billing/mail", Lack.missing)


def _of_address(address: BillingAddress | None) -> Iterator[Shortcoming]:
    if address is None:
        yield Shortcoming("/address", Lack.missing)
        return
    written = {"name": address.name, "street": address.street}
    written |= {"postcode": address.postcode, "city": address.city}
    for place, text in written.items():
        if not text.strip():
            yield Shortcoming(f"/address/{place}", Lack.missing)


def _of_means(details: BillingDetails, today: date) -> Iterator[Shortcoming]:
    if details.card is None and details.mandate is None:
        yield Shortcoming("/payment", Lack.missing)
    if details.card is None:
        return
    if details.card.expires_on < today:
        yield Shortcoming("/payment/card", Lack.expired)
    elif details.card.expires_on < today + WARNED_BEFORE:
        yield Shortcoming("/payment/card", Lack.expires_soon)


def holds_card_number(text: str) -> bool:
    """15-c: whether 13 to 19 digits that check as a card's (Luhn) stand in it, in groups or in one piece."""
    ascii_digits = "".join(str(unicodedata.decimal(each, each)) for each in text)
    for found in _DIGITS.finditer(ascii_digits):
        groups = _GROUP.findall(found.group())
        for start in range(len(groups)):
            number = ""
            for group in groups[start:]:
                number += group
                if len(number) >= CARD_DIGITS.stop:
                    break
                if len(number) in CARD_DIGITS and luhn.is_valid(number):
                    return True
    return False


def without_card_numbers(texts: Mapping[str, str]) -> None:
    """15-c: no text, by its place in what was sent, holds a card number. The refusal names places only."""
    places = [place for place, text in texts.items() if holds_card_number(text)]
    if places:
        raise CardNumberRefused(errors=[Pointer(place, CardNumberRefused.sentence) for place in places])


def admitted_address(address: BillingAddress) -> BillingAddress:
    """15-c: the address of invoices, in any country, which is named by two letters."""
    country = address.country.strip().upper()
    if not _COUNTRY.match(country):
        raise CountryUnknown(errors=[Pointer("/address/country", CountryUnknown.sentence)])
    return replace(address, country=country)


def admitted_card(card: Card, today: date) -> Card:
    """15-c: a card is named by its provider's token, never by its number, and has not expired."""
    without_card_numbers({"/card/token": card.token, "/card/brand": card.brand, "/card/last4": card.last4})
    if not _TOKEN.match(card.token) or not _LAST4.match(card.last4) or not card.brand.strip():
        raise CardTokenUnfit
    if card.expires_on < today:
        raise CardExpired(errors=[Pointer("/card/expires", CardExpired.sentence)])
    return card


def admitted_mandate(mandate: Mandate, today: date) -> Mandate:
    """15-c: a SEPA mandate has an account of the area, a reference and the day it was signed."""
    written = {"holder": mandate.holder, "bic": mandate.bic, "reference": mandate.reference}
    if not stdnum_iban.is_valid(mandate.iban):
        written["iban"] = mandate.iban
    without_card_numbers({f"/mandate/{place}": text for place, text in written.items()})
    iban, bic = _iban_of(mandate.iban), _bic_of(mandate.bic)
    if not _REFERENCE.match(mandate.reference):
        raise MandateReferenceUnfit(errors=[Pointer("/mandate/reference", MandateReferenceUnfit.sentence)])
    if mandate.signed_on > today:
        raise MandateSignedLater(errors=[Pointer("/mandate/signed_on", MandateSignedLater.sentence)])
    return replace(mandate, iban=iban, bic=bic)


def _iban_of(text: str) -> str:
    try:
        iban: str = stdnum_iban.validate(text)
    except ValidationError:
        raise IbanInvalid(errors=[Pointer("/mandate/iban", IbanInvalid.sentence)]) from None
    if iban[:2] not in SEPA:
        raise IbanOutsideSepa(errors=[Pointer("/mandate/iban", IbanOutsideSepa.sentence)])
    return iban


def _bic_of(text: str) -> str:
    try:
        bic: str = stdnum_bic.validate(text)
    except ValidationError:
        raise BicInvalid(errors=[Pointer("/mandate/bic", BicInvalid.sentence)]) from None
    return bic


def masked(iban: str) -> str:
    """An IBAN as it is shown: country and check digits, and the last four."""
    return f"{iban[:4]}{'*' * (len(iban) - 8)}{iban[-4:]}"
