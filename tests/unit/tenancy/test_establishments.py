"""4-a, and the numbers of establishments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusals import Refusal
from services.tenancy.model import Address
from services.tenancy.refusals import (
    CountryRefused,
    OverseasRefused,
    PostcodeUnreadable,
    SiretInvalid,
    VatInvalid,
)
from services.tenancy.rules.establishments import (
    LA_POSTE,
    admitted_address,
    is_metropolitan,
    is_siret,
    siret_of,
    vat_of,
)


def luhn(digits: str) -> bool:
    """The textbook's sum, from the right, every second digit doubled."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


@pytest.mark.parametrize(
    "text", ["73282932000074", "732 829 320 00074", "732.829.320.00074", "732\u00a0829 320 00074"]
)
def test_a_siret_is_read_however_it_is_spaced(text: str) -> None:
    assert siret_of(text) == "73282932000074"


@pytest.mark.parametrize(
    "text", ["73282932000075", "7328293200007", "", "7328293200007A", "00000000000000", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤"]
)
def test_what_is_no_siret_is_refused(text: str) -> None:
    with pytest.raises(SiretInvalid) as refused:
        siret_of(text)
    assert refused.value.errors[0].pointer == "/siret"


def test_la_poste_has_its_own_sum() -> None:
    """INSEE: a multiple of five, but for the head office, which follows Luhn."""
    assert is_siret("35600000000048")
    assert not luhn("35600000049837")
    assert is_siret("35600000049837")
    assert not is_siret("35600000049838")


@given(st.integers(min_value=0, max_value=99999))
def test_every_establishment_of_la_poste_but_its_head_office_sums_to_a_multiple_of_five(nic: int) -> None:
    number = f"{LA_POSTE}{nic:05}"
    expected = luhn(number) if nic == 48 else sum(map(int, number)) % 5 == 0
    assert is_siret(number) is expected


@given(st.integers(min_value=1, max_value=999_999_999), st.integers(min_value=0, max_value=99999))
def test_every_other_siret_follows_luhn_twice(siren: int, nic: int) -> None:
    number = f"{siren:09}{nic:05}"
    if not number.startswith(LA_POSTE):
        assert is_siret(number) is (luhn(number) and luhn(number[:9]))


def test_a_vat_number_is_that_of_the_siren() -> None:
    assert vat_of("FR 44 732829320", "73282932000074") == "FR44732829320"
    assert vat_of(None, "73282932000074") is None
    with pytest.raises(VatInvalid):
        vat_of("FR40303265045", "73282932000074")
    with pytest.raises(VatInvalid):
        vat_of("FR45732829320", "73282932000074")


@pytest.mark.parametrize("postcode", ["57000", "01000", "20000", "20200", "97000", "96999", "98900", "99999"])
def test_the_mainland_and_corsica_are_served(postcode: str) -> None:
    assert admitted_address(Address("", postcode, "")).postcode == postcode


@pytest.mark.parametrize("postcode", ["97100", "97400", "97600", "98000", "98800", "98899"])
def test_overseas_postcodes_and_monaco_are_refused_by_article_4(postcode: str) -> None:
    with pytest.raises(OverseasRefused) as refused:
        admitted_address(Address("", postcode, ""))
    assert (refused.value.clause, refused.value.article) == ("4-a", "4")


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        (Address("", "57000", "", "BE"), CountryRefused),
        (Address("", "5700", ""), PostcodeUnreadable),
        (Address("", "5700O", ""), PostcodeUnreadable),
        (Address("", "00100", ""), PostcodeUnreadable),
        (Address("", "57000\n", ""), PostcodeUnreadable),
    ],
)
def test_other_countries_and_unreadable_postcodes_are_refused(
    address: Address, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        admitted_address(address)


@given(st.integers(min_value=0, max_value=99999))
def test_metropolitan_is_all_but_00_and_971_to_988(number: int) -> None:
    assert is_metropolitan(f"{number:05}") is (number >= 1000 and not 97100 <= number <= 98899)
