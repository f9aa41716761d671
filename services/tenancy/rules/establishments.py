"""Which number names an establishment, and where it may stand.

The numbers are checked by python-stdnum; this adds what it leaves out: the number made of zeros, and the
agreement of a SIRET with a VAT number.
"""

import re

from stdnum.exceptions import ValidationError
from stdnum.fr import siret as stdnum_siret
from stdnum.fr import tva as stdnum_vat

from services.tenancy.model import Address
from services.tenancy.refusals import (
    CountryRefused,
    NameMissing,
    OverseasRefused,
    PostcodeUnreadable,
    SiretInvalid,
    VatInvalid,
)

LA_POSTE = "356000000"
POSTCODE = re.compile(r"[0-9]{5}\Z", re.ASCII)
SEPARATORS = re.compile(r"[\s.\u00a0\u202f-]+")
OVERSEAS = range(971, 989)


def is_siret(number: str) -> bool:
    """Whether 14 digits name an establishment.

    Luhn over the 14 digits and over the SIREN's nine; for the establishments of La Poste (SIREN 356000000)
    but its head office, a sum of digits that is a multiple of five instead. Zeros alone satisfy both sums
    and name nobody.
    """
    return len(number) == 14 and not number.startswith("000000000") and stdnum_siret.is_valid(number)


def siret_of(text: str) -> str:
    """The SIRET written in `text`, spaces and dots removed. Raises SiretInvalid."""
    number = SEPARATORS.sub("", text)
    if not is_siret(number):
        raise SiretInvalid.of(text)
    return number


def siren_of(siret: str) -> str:
    """The company's own number: the first nine digits, shared by all its establishments."""
    return siret[:9]


def vat_of(text: str | None, siret: str) -> str | None:
    """The French VAT number written in `text`, as FR + 11 characters. Raises VatInvalid.

    It must be that of the SIREN which the SIRET carries.
    """
    if not text:
        return None
    try:
        number = stdnum_vat.validate(text)
    except ValidationError:
        raise VatInvalid.of(text) from None
    if number[2:] != siren_of(siret):
        raise VatInvalid.of(text)
    return f"FR{number}"


def is_metropolitan(postcode: str) -> bool:
    """4-a: mainland France and Corsica only; postcodes 971 to 988 are refused (Monaco's 980 among them)."""
    return bool(POSTCODE.match(postcode)) and postcode[:2] != "00" and int(postcode[:3]) not in OVERSEAS


def admitted_address(address: Address) -> Address:
    """4-a: the establishment's address decides; country FR, five digits, no overseas postcode.

    Raises CountryRefused, PostcodeUnreadable or OverseasRefused.
    """
    if address.country != "FR":
        raise CountryRefused.of(address.country)
    if not POSTCODE.match(address.postcode) or address.postcode.startswith("00"):
        raise PostcodeUnreadable.of(address.postcode)
    if not is_metropolitan(address.postcode):
        raise OverseasRefused.of(address.postcode)
    return address


def given_name(name: str) -> str:
    """A name with its spaces in order. Raises NameMissing when nothing is left."""
    tidy = " ".join(name.split())
    if not tidy:
        raise NameMissing
    return tidy
