"""A ticket's reference: digits that a person can dictate, and that tell a slip of the tongue.

`1000-0014`: a number in groups of four, whose last digit is Damm's check digit of the others. One wrong
digit, or two neighbours in each other's place, is always seen.
"""

import re

from stdnum import damm

from services.ticketing.refusals.tickets import ReferenceMistyped

FIRST = 1_000_000
_GROUP = 4
_BETWEEN = re.compile(r"[\s.\-\u2010-\u2015_/#]+")
_DIGITS = re.compile(r"[0-9]{8,18}")


def reference_of(number: int) -> str:
    """The reference of the ticket of that number, 1 or more."""
    digits = str(FIRST + number)
    digits += damm.calc_check_digit(digits)
    return "-".join(digits[place : place + _GROUP] for place in range(0, len(digits), _GROUP))


def number_of(reference: str) -> int:
    """The number of the ticket that a reference names, however it is spaced. Raises ReferenceMistyped."""
    digits = _BETWEEN.sub("", reference)
    if not _DIGITS.fullmatch(digits) or not damm.is_valid(digits):
        raise ReferenceMistyped
    number = int(digits[:-1]) - FIRST
    if number < 1:
        raise ReferenceMistyped
    return number
