"""References that people dictate: every slip of one digit, or of two neighbours, is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ticketing.refusals.tickets import ReferenceMistyped
from services.ticketing.rules.references import number_of, reference_of

NUMBERS = st.integers(1, 10**12)


@given(NUMBERS)
def test_a_reference_names_its_number_however_it_is_spaced(number: int) -> None:
    reference = reference_of(number)
    assert len(reference) <= 20
    for spoken in (
        reference,
        reference.replace("-", ""),
        f" {reference.replace('-', ' ')} ",
        f"#{reference}",
    ):
        assert number_of(spoken) == number


@given(NUMBERS, st.data())
def test_one_wrong_digit_is_seen(number: int, data: st.DataObject) -> None:
    digits = reference_of(number).replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    with pytest.raises(ReferenceMistyped):
        number_of(digits[:place] + wrong + digits[place + 1 :])


@given(NUMBERS, st.data())
def test_two_digits_in_each_other_s_place_are_seen(number: int, data: st.DataObject) -> None:
    digits = reference_of(number).replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 2))
    one, two = digits[place], digits[place + 1]
    if one != two:
        with pytest.raises(ReferenceMistyped):
            number_of(digits[:place] + two + one + digits[place + 2 :])


@pytest.mark.parametrize("spoken", ["", "1000", "1000-001", "ABCD-1234", "9" * 40, "\uff11" * 8, "0000-0000"])
def test_what_can_be_no_reference_is_told(spoken: str) -> None:
    with pytest.raises(ReferenceMistyped):
        number_of(spoken)
