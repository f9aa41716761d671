"""Contact and billing details of a customer (15-c). Frozen values only."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to write to or call."""

    name: str
    mail: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class BillingAddress:
    """Where invoices go; in any country."""

    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"


@dataclass(frozen=True, slots=True)
class Card:
    """A card as its provider names it: an opaque token, never the number. Good through `expires_on`."""

    token: str
    brand: str
    last4: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Mandate:
    """A SEPA direct debit mandate: who owes, from which account, under which reference, signed when."""

    holder: str
    iban: str
    bic: str
    reference: str
    signed_on: date


@dataclass(frozen=True, slots=True)
class BillingDetails:
    """All of it. Of the means of payment there is one, or none; what is read back is masked."""

    billing: Contact | None = None
    technical: Contact | None = None
    address: BillingAddress | None = None
    card: Card | None = None
    mandate: Mandate | None = None
    revision: int = 0


class Lack(StrEnum):
    """What is the matter with a part of the details."""

    missing = "missing"
    expires_soon = "expires_soon"
    expired = "expired"


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """A part that is not as it must be: where it stands, as a JSON pointer, and why."""

    pointer: str
    lack: Lack
