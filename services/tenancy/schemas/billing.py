"""Contact and billing details as they are sent and shown (15-c): a card's token never, an IBAN masked."""

import calendar
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from services.tenancy.billing_model import BillingAddress, BillingDetails, Card, Contact, Lack, Mandate
from services.tenancy.rules.billing import shortcomings
from services.tenancy.schemas.fields import (
    Asked,
    City,
    Country,
    Mail,
    PersonName,
    Short,
    Shown,
    Street,
)

Phone = Annotated[str, StringConstraints(max_length=30), Field(examples=["+33 1 23 45 67 89"])]
InvoicePostcode = Annotated[str, StringConstraints(max_length=16), Field(examples=["57000"])]
Month = Annotated[
    str,
    StringConstraints(max_length=7, pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$"),
    Field(examples=["2028-07"], description="The last month in which the card is good."),
]


class ContactAsked(Asked):
    """Whom to write to or call."""

    name: PersonName
    mail: Annotated[Mail | None, Field(examples=["claire@cabinet-moreau.example"])] = None
    phone: Phone = ""

    def as_contact(self) -> Contact:
        """The same in the words of the rules."""
        return Contact(self.name, self.mail or "", self.phone)


class ContactsAsked(Asked):
    """Whom to ask about invoices, and whom about machines."""

    billing: ContactAsked | None = None
    technical: ContactAsked | None = None


class InvoiceAddressAsked(Asked):
    """Where invoices go."""

    name: Annotated[Short, Field(examples=["Cabinet Moreau"])] = ""
    street: Street = ""
    postcode: InvoicePostcode = ""
    city: City = ""
    country: Country = "FR"

    def as_address(self) -> BillingAddress:
        """The same in the words of the rules."""
        return BillingAddress(**self.model_dump())


class BillingAsked(Asked):
    """Contacts and address from now on; what is left out is forgotten."""

    contacts: ContactsAsked
    address: InvoiceAddressAsked | None = None


class CardAsked(Asked):
    """A card, by the token of its provider."""

    token: Annotated[str, StringConstraints(max_length=128), Field(examples=["tok_1PqXyZabc"])]
    brand: Annotated[str, StringConstraints(min_length=1, max_length=40), Field(examples=["visa"])]
    last4: Annotated[str, StringConstraints(max_length=20), Field(examples=["4242"])]
    expires: Month

    def as_card(self) -> Card:
        """The same in the words of the rules: good through the last day of its month."""
        year, month = map(int, self.expires.split("-"))
        last_day = date(year, month, calendar.monthrange(year, month)[1])
        return Card(self.token, self.brand, self.last4, last_day)


class MandateAsked(Asked):
    """A SEPA direct debit mandate."""

    holder: PersonName
    iban: Annotated[str, StringConstraints(max_length=50), Field(examples=["FR7630006000011234567890189"])]
    bic: Annotated[str, StringConstraints(max_length=20), Field(examples=["AGRIFRPP882"])]
    reference: Annotated[str, StringConstraints(max_length=35), Field(examples=["LIVRET-2026-0001"])]
    signed_on: date

    def as_mandate(self) -> Mandate:
        """The same in the words of the rules."""
        return Mandate(**self.model_dump())


class MeansAsked(Asked):
    """One means of payment: a card or a mandate."""

    card: Annotated[
        CardAsked | None,
        Field(examples=[{"token": "tok_1PqXyZabc", "brand": "visa", "last4": "4242", "expires": "2028-07"}]),
    ] = None
    mandate: MandateAsked | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "MeansAsked":
        if (self.card is None) is (self.mandate is None):
            raise ValueError("send a card or a mandate: one of both")
        return self

    def as_means(self) -> Card | Mandate:
        """The same in the words of the rules."""
        if self.card is not None:
            return self.card.as_card()
        if self.mandate is None:
            raise ValueError("neither")  # refused above
        return self.mandate.as_mandate()


class ContactShown(Shown):
    """Whom to write to or call."""

    name: PersonName
    mail: Annotated[str, Field(max_length=254, examples=["claire@cabinet-moreau.example"])]
    phone: Phone


class ContactsShown(Shown):
    """Whom to ask about invoices, and whom about machines."""

    billing: ContactShown | None
    technical: ContactShown | None


class InvoiceAddressShown(Shown):
    """Where invoices go."""

    name: Annotated[Short, Field(examples=["Cabinet Moreau"])]
    street: Street
    postcode: InvoicePostcode
    city: City
    country: Country


class MeansShown(Shown):
    """A means of payment, without what would let one use it."""

    kind: Literal["card", "sepa"]
    brand: Annotated[str | None, Field(max_length=40)] = None
    last4: Annotated[str | None, Field(max_length=20)] = None
    expires_on: date | None = None
    holder: Annotated[str | None, Field(max_length=250)] = None
    iban: Annotated[str | None, Field(max_length=50, description="Masked.")] = None
    bic: Annotated[str | None, Field(max_length=20)] = None
    reference: Annotated[str | None, Field(max_length=35)] = None
    signed_on: date | None = None


class ShortcomingShown(Shown):
    """What is not as it must be (15-c)."""

    pointer: Annotated[str, Field(max_length=300, examples=["/payment/expires_on"])]
    lack: Lack


class BillingShown(Shown):
    """The details, and what they lack."""

    contacts: ContactsShown
    address: InvoiceAddressShown | None
    payment: MeansShown | None
    complete: Annotated[bool, Field(description="Nothing is missing or expired (15-c).")]
    shortcomings: Annotated[list[ShortcomingShown], Field(max_length=100)]
    revision: int

    @classmethod
    def of(cls, details: BillingDetails, today: date) -> "BillingShown":
        """The details as they stand on this day."""
        lacking = shortcomings(details, today)
        return cls(
            contacts=ContactsShown.model_validate(details),
            address=InvoiceAddressShown.model_validate(details.address) if details.address else None,
            payment=_means(details),
            complete=all(each.lack is Lack.expires_soon for each in lacking),
            shortcomings=[ShortcomingShown.model_validate(each) for each in lacking],
            revision=details.revision,
        )


def _means(details: BillingDetails) -> MeansShown | None:
    if details.card is not None:
        card = details.card
        return MeansShown(kind="card", brand=card.brand, last4=card.last4, expires_on=card.expires_on)
    if details.mandate is not None:
        return MeansShown.model_validate(
            {"kind": "sepa"} | {name: getattr(details.mandate, name) for name in _OF_MANDATE}
        )
    return None


_OF_MANDATE = ("holder", "iban", "bic", "reference", "signed_on")


def told(details: BillingDetails) -> dict[str, Any]:
    """The details as the audit trail keeps them: masked."""
    means = _means(details)
    contacts = ContactsShown.model_validate(details).model_dump()
    address = InvoiceAddressShown.model_validate(details.address).model_dump() if details.address else None
    payment = means.model_dump(mode="json", exclude_none=True) if means else None
    return contacts | {"address": address, "payment": payment}
