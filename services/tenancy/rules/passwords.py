"""What a password must be: long, and nobody's first guess (NIST SP 800-63B-4, 3.1.1.2).

No rule of composition and no periodic change, as that revision has it. What is refused is compared whole: a
password that is a known one, made of the words that surround its account, or a repetition; a long sentence
that holds such a word is none of them.
"""

import unicodedata
from collections.abc import Collection, Mapping
from itertools import pairwise

from services.tenancy.door_refusals import (
    PasswordBlocked,
    PasswordTooLong,
    PasswordTooShort,
)

MINIMUM_ALONE = 15
"""Fifteen characters where the password is the only factor."""
MINIMUM_BESIDE = 8
"""Eight where a second factor is asked for besides."""
MAXIMUM = 256
PRODUCT = "livret"
DIGITS = "0123456789"
SHORTEST_WORD = 3
LONGEST_UNIT = 4
LONGEST_PADDING = 4
"""Digits around a known word that make no other password of it: a year."""


def normal_password(password: str) -> str:
    """One password typed on two keyboards is the same: compatibility form, before any hashing."""
    return unicodedata.normalize("NFKC", password)


def of_fit_length(password: str, second_factor: bool) -> str:
    """At least 15 characters, 8 beside a second factor; code points are counted, all of them are kept."""
    normal = normal_password(password)
    minimum = MINIMUM_BESIDE if second_factor else MINIMUM_ALONE
    if len(normal) < minimum:
        raise PasswordTooShort(f"It needs {minimum} characters.")
    if len(normal) > MAXIMUM:
        raise PasswordTooLong
    return normal


def acceptable_password(
    password: str, *, second_factor: bool, common: Collection[str], words: Mapping[str, str]
) -> str:
    """The password in the form that is hashed. Raises PasswordTooShort, PasswordTooLong, PasswordBlocked.

    `common` are known passwords in lower case; `words` those of the account, and what each of them is.
    """
    normal = of_fit_length(password, second_factor)
    reason = why_blocked(normal, common, words)
    if reason is not None:
        raise PasswordBlocked(reason)
    return normal


def why_blocked(password: str, common: Collection[str], words: Mapping[str, str]) -> str | None:
    """Why a password is among the first that anybody tries, in a sentence; None when it is not."""
    folded = normal_password(password).casefold()
    bare = "".join(c for c in folded if c.isalnum())
    if _is_regular(folded) or _is_regular(bare):
        return "It repeats a few characters, or is a sequence of them."
    core = _without_padding(bare)
    if any(each in common for each in (folded, bare, core)) or _repeats_one_of(core, common):
        return "It is among the passwords that are tried first."
    used = _made_of(core, words)
    if used:
        return f"It is made of {' and '.join(sorted({words[each] for each in used}))} alone."
    return None


def words_of(portal: str, identifier: str, name: str) -> dict[str, str]:
    """The words that surround an account, folded, and what each of them is."""
    found = {PRODUCT: "the product's name"}
    for text, what in ((portal, "the portal's address"), (identifier, "the identifier"), (name, "the name")):
        folded = normal_password(text).casefold()
        parts = "".join(c if c.isalnum() else " " for c in folded).split()
        for word in (*parts, "".join(parts)):
            if len(word) >= SHORTEST_WORD:
                found.setdefault(word, what)
    return found


def _is_regular(text: str) -> bool:
    """A unit of at most four characters over and over, or each character the one after the last."""
    for length in range(1, LONGEST_UNIT + 1):
        if 2 * length <= len(text) and text == (text[:length] * len(text))[: len(text)]:
            return True
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    if all(c in DIGITS for c in text):
        steps = {step % 10 for step in steps}
    return len(text) > LONGEST_UNIT and steps in ({1}, {-1}, {9})


def _without_padding(bare: str) -> str:
    """Without a year or a count of digits before and after; other digits belong to it."""
    start, end = len(bare) - len(bare.lstrip(DIGITS)), len(bare.rstrip(DIGITS))
    if start >= end:
        return bare
    start = start if _is_padding(bare[:start]) else 0
    end = end if _is_padding(bare[end:]) else len(bare)
    return bare[start:end]


def _is_padding(digits: str) -> bool:
    return len(digits) <= LONGEST_PADDING or _is_regular(digits)


def _repeats_one_of(core: str, common: Collection[str]) -> bool:
    """Whether it is one known password written several times."""
    return any(
        core == core[:length] * (len(core) // length) and core[:length] in common
        for length in range(1, len(core) // 2 + 1)
        if len(core) % length == 0
    )


def _made_of(core: str, words: Mapping[str, str]) -> set[str]:
    """The words that, set side by side, are the whole of it; none when they are not."""
    reached: dict[int, set[str]] = {0: set()}
    for start in range(len(core)):
        if start in reached:
            for word in words:
                if core.startswith(word, start):
                    reached.setdefault(start + len(word), reached[start] | {word})
    return reached.get(len(core), set())
