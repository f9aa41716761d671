"""What looks like a card number is found; what is none is let through; each refusal by its name."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusals import Refusal
from services.tenancy.billing_model import BillingAddress, Card, Mandate
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
from services.tenancy.rules.billing import (
    admitted_address,
    admitted_card,
    admitted_mandate,
    holds_card_number,
    masked,
)

TODAY = date(2026, 3, 2)
CARD = Card("tok_1PqXyZabc", "visa", "4242", date(2027, 7, 31))
MANDATE = Mandate("Cabinet", "FR7630006000011234567890189", "AGRIFRPP882", "LIVRET-1", TODAY)
VISA, AMEX = "4242424242424242", "378282246310005"


def luhn_holds(digits: str) -> bool:
    """The sum as one does it by hand."""
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def completed(digits: str) -> str:
    """These digits and the one that checks them."""
    return next(digits + check for check in "0123456789" if luhn_holds(digits + check))


SEPARATORS = st.sampled_from(["", " ", "-", ".", "\u00a0", "/", " - ", "\u200b", "\u2011"])


@given(st.text("0123456789", min_size=12, max_size=18), SEPARATORS, st.sampled_from(["", "carte ", "n°: "]))
def test_every_number_that_checks_is_found(digits: str, separator: str, before: str) -> None:
    number = completed(digits)
    groups = [number[place : place + 4] for place in range(0, len(number), 4)]
    assert holds_card_number(before + separator.join(groups) + " exp")


@given(st.text("0123456789", min_size=13, max_size=19).filter(lambda digits: not luhn_holds(digits)))
def test_no_number_that_does_not_check_is(digits: str) -> None:
    assert not holds_card_number(digits)


@pytest.mark.parametrize(
    "text",
    [
        f"{VISA} 12/27",
        f"06 {VISA}",
        f"{AMEX}",
        f"a{VISA}b",
        f"tel 0123456789, {AMEX}",
        "４２４２ ４２４２４２４２ ４２４２",
    ],
)
def test_a_number_beside_other_digits(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text", ["", "+33 1 23 45 67 89", "2026-03-02", "42 rue du 8 mai 1945", "1" * 20, VISA[:12]]
)
def test_other_numbers_are_none(text: str) -> None:
    assert not holds_card_number(text)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"token": VISA}, CardNumberRefused),
        ({"token": f"tok_{VISA}"}, CardNumberRefused),
        ({"last4": VISA}, CardNumberRefused),
        ({"brand": f"visa {VISA}"}, CardNumberRefused),
        ({"token": "short"}, CardTokenUnfit),
        ({"token": "with a space"}, CardTokenUnfit),
        ({"last4": "42"}, CardTokenUnfit),
        ({"last4": "٤٢٤٢"}, CardTokenUnfit),
        ({"brand": " "}, CardTokenUnfit),
        ({"expires_on": date(2026, 3, 1)}, CardExpired),
    ],
)
def test_a_card_is_refused(changes: dict[str, Any], refusal: type[Refusal]) -> None:
    require_refused(lambda: admitted_card(replace(CARD, **changes), TODAY), refusal)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"iban": "FR7630006000011234567890188"}, IbanInvalid),
        ({"iban": ""}, IbanInvalid),
        ({"iban": VISA}, CardNumberRefused),
        ({"bic": VISA}, CardNumberRefused),
        ({"reference": VISA}, CardNumberRefused),
        ({"holder": f"Claire {VISA}"}, CardNumberRefused),
        ({"iban": "BR1800360305000010009795493C1"}, IbanOutsideSepa),
        ({"bic": "AGRI"}, BicInvalid),
        ({"reference": ""}, MandateReferenceUnfit),
        ({"reference": "é"}, MandateReferenceUnfit),
        ({"reference": "a" * 36}, MandateReferenceUnfit),
        ({"signed_on": date(2026, 3, 3)}, MandateSignedLater),
    ],
)
def test_a_mandate_is_refused(changes: dict[str, Any], refusal: type[Refusal]) -> None:
    require_refused(lambda: admitted_mandate(replace(MANDATE, **changes), TODAY), refusal)


def require_refused(decide: object, refusal: type[Refusal]) -> None:
    """It is refused by this name, and nothing of a number is told."""
    assert callable(decide)
    with pytest.raises(refusal) as refused:
        decide()
    assert type(refused.value) is refusal
    assert VISA not in str((refused.value.detail, refused.value.errors))


def test_a_country_is_two_letters() -> None:
    assert admitted_address(BillingAddress(country="be")).country == "BE"
    require_refused(lambda: admitted_address(BillingAddress(country="33")), CountryUnknown)


def test_an_iban_is_shown_by_its_ends() -> None:
    assert masked("FR7630006000011234567890189") == "FR76*******************0189"
