"""NIST SP 800-63B-4: how long a password is, and which are refused though they are long."""

import unicodedata

import pytest

from services.demonstration import PASSWORD as OF_THE_DEMONSTRATION
from services.tenancy.door_refusals import PasswordBlocked, PasswordTooLong, PasswordTooShort
from services.tenancy.passwords import as_shown, common_passwords, recovery_code
from services.tenancy.rules.passwords import acceptable_password, of_fit_length, why_blocked, words_of

WORDS = words_of("cabinet-moreau", "claire.moreau", "Claire Moreau")
COMMON = common_passwords()


def accepted(password: str, *, second_factor: bool = False) -> str:
    return acceptable_password(password, second_factor=second_factor, common=COMMON, words=WORDS)


@pytest.mark.parametrize(
    "password",
    [
        "cheval pile été",
        "correct horse battery staple",
        OF_THE_DEMONSTRATION,
        "claire mange des pommes",
        "un mot de passe assez long",
        "839201748392love",
        "密码很长而且没有人会猜到的一句话",
        "🐎🔋📎 cheval pile agrafe",
        "x7" + "abcdefgh" * 3,
    ],
)
def test_a_long_password_of_any_characters_is_taken(password: str) -> None:
    assert accepted(password) == unicodedata.normalize("NFKC", password)


def test_fifteen_characters_alone_and_eight_beside_a_second_factor() -> None:
    assert accepted("cheval pile été") == "cheval pile été"
    assert accepted("chevalpi", second_factor=True) == "chevalpi"
    for short, second_factor in (("cheval pile ét", False), ("chevalp", True)):
        with pytest.raises(PasswordTooShort):
            accepted(short, second_factor=second_factor)


def test_code_points_are_counted_after_normalisation_and_none_is_cut() -> None:
    assert len(of_fit_length("e\u0301" * 15, second_factor=False)) == 15
    with pytest.raises(PasswordTooShort):
        of_fit_length("e\u0301" * 14, second_factor=False)
    assert len(of_fit_length("é" * 256, second_factor=False)) == 256
    for long in ("x" * 257, "\ufb03" * 100):
        with pytest.raises(PasswordTooLong):
            of_fit_length(long, second_factor=False)


def test_one_password_typed_on_two_keyboards_is_one() -> None:
    assert accepted("cafe\u0301 cre\u0300me par ici") == accepted("caf\u00e9 cr\u00e8me par ici")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("1qaz2wsx3edc4rfv", "tried first"),
        ("1QAZ2wsx3EDC4rfv", "tried first"),
        ("PasswordPassword", "tried first"),
        ("password-1234567890", "tried first"),
        ("2024 sunshine 2024", "tried first"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("abcabcabcabcabcabc", "repeats"),
        ("1234567890123456", "sequence"),
        ("abcdefghijklmnop", "sequence"),
        ("ponmlkjihgfedcba", "sequence"),
        ("Livret-Livret-Livret", "the product's name"),
        ("cabinet-moreau-2026", "the portal's address"),
        ("claire.moreau.claire", "the identifier"),
        ("ClaireMoreauLivret", "the product's name"),
        ("ｌｉｖｒｅｔ livret livret", "the product's name"),
    ],
)
def test_what_is_guessed_first_is_refused_and_says_why(password: str, why: str) -> None:
    with pytest.raises(PasswordBlocked) as refused:
        accepted(password)
    assert why in str(refused.value.detail)


def test_words_are_compared_whole() -> None:
    assert why_blocked("livretlivretlivrex", COMMON, WORDS) is None
    assert why_blocked("moreau", COMMON, {"more": "a word", "reau": "another"}) is None
    assert why_blocked("moremoreaureau", frozenset(), {"more": "a", "moreau": "b", "reau": "c"}) is not None


def test_a_hostile_password_is_judged_at_once() -> None:
    """Words that overlap would make a naive search exponential."""
    words = {"a" * n: "a word" for n in range(3, 40)}
    assert why_blocked("xa" + "a" * 250 + "b", frozenset(), words) is None


def test_a_recovery_code_is_known_however_it_is_typed() -> None:
    code = recovery_code()
    assert len(code) == 29
    assert as_shown(code.upper().replace("-", " ")) == code
