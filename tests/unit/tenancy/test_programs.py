"""Programs: scopes, keys' ends, and what a signed assertion must say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.roles import Role
from chassis.scopes import SCOPES, scopes_of
from services.tenancy.program_refusals import (
    ClientRefused,
    KeyLifetimeUnfit,
    ProgramDisabled,
    PublicKeyUnfit,
    ScopeRefused,
    ScopesUnfit,
    TooManyKeys,
)
from services.tenancy.rules import programs as rules

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ME, US = "6e2b8c0e-0000-4000-8000-000000000001", frozenset({"https://portal.example"})


def test_each_kind_of_program_holds_its_own_scopes() -> None:
    assert rules.acceptable_scopes(Role.partner, ["companies:read", "catalog:read", "companies:read"]) == [
        "catalog:read",
        "companies:read",
    ]
    assert rules.acceptable_scopes(Role.machine, ["customers:read"]) == ["customers:read"]


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        (Role.partner, []),
        (Role.partner, ["customers:read"]),
        (Role.machine, ["companies:read"]),
        (Role.partner, ["companies:read", "x"]),
        (Role.firm_admin, ["companies:read"]),
    ],
)
def test_what_a_role_does_not_hold_is_unfit(role: Role, scopes: list[str]) -> None:
    with pytest.raises(ScopesUnfit):
        rules.acceptable_scopes(role, scopes)


@given(
    held=st.sets(st.sampled_from(sorted(SCOPES)), min_size=1), asked=st.sets(st.sampled_from(sorted(SCOPES)))
)
def test_a_token_is_never_wider_than_its_program(held: set[str], asked: set[str]) -> None:
    if asked and asked <= held:
        assert rules.granted_scopes(sorted(held), sorted(asked)) == asked
    else:
        with pytest.raises(ScopeRefused):
            rules.granted_scopes(sorted(held), sorted(asked))
    assert rules.granted_scopes(sorted(held), None) == held


def test_people_hold_no_scope() -> None:
    assert all(not scopes_of(role) for role in Role if role not in {Role.partner, Role.machine})


def test_a_key_lives_a_year_or_as_asked_within_two() -> None:
    assert rules.key_end(None, NOW) == NOW + timedelta(days=365)
    for asked in (NOW + timedelta(seconds=1), NOW + rules.KEY_LIVES_AT_MOST):
        assert rules.key_end(asked, NOW) == asked
    for asked in (NOW, NOW - timedelta(days=1), NOW + rules.KEY_LIVES_AT_MOST + timedelta(seconds=1)):
        with pytest.raises(KeyLifetimeUnfit):
            rules.key_end(asked, NOW)


def test_another_key_is_given_to_a_live_program_with_fewer_than_ten() -> None:
    rules.may_have_another_key(None, rules.KEYS_AT_MOST - 1)
    with pytest.raises(TooManyKeys):
        rules.may_have_another_key(None, rules.KEYS_AT_MOST)
    with pytest.raises(ProgramDisabled):
        rules.may_have_another_key(NOW, 0)


def test_a_token_lives_ten_minutes_but_not_beyond_its_key() -> None:
    assert rules.token_life(NOW + timedelta(days=1), NOW) == timedelta(minutes=10)
    assert rules.token_life(NOW + timedelta(seconds=90), NOW) == timedelta(seconds=90)
    with pytest.raises(ClientRefused):
        rules.token_life(NOW, NOW)


def test_each_kind_of_key_verifies_one_algorithm() -> None:
    assert rules.algorithm_of({"kty": "EC", "crv": "P-256"}) == "ES256"
    assert rules.algorithm_of({"kty": "RSA", "alg": "RS256", "use": "sig"}) == "RS256"
    for jwk in (
        {},
        {"kty": "oct"},
        {"kty": "EC", "crv": "P-384"},
        {"kty": "EC", "crv": "P-256", "alg": "RS256"},
        {"kty": "RSA", "alg": "HS256"},
        {"kty": "RSA", "use": "enc"},
    ):
        with pytest.raises(PublicKeyUnfit):
            rules.algorithm_of(jwk)


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_an_rsa_key_is_neither_weak_nor_costly(bits: int) -> None:
    rules.acceptable_bits(bits)
    for unfit in (1024, 2047, 4097, 16_384):
        with pytest.raises(PublicKeyUnfit):
            rules.acceptable_bits(unfit)


def claims(**changes: Any) -> dict[str, Any]:
    """A good assertion, but for these; None leaves one out."""
    at = int(NOW.timestamp())
    good = {"iss": ME, "sub": ME, "aud": "https://portal.example", "exp": at + 60, "jti": "1"} | changes
    return {name: value for name, value in good.items() if value is not None}


AT = int(NOW.timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["https://elsewhere.example", "https://portal.example"]},
        {"exp": AT + 1},
        {"exp": AT + 305},
        {"nbf": AT + 5},
        {"jti": "x" * 200},
    ],
)
def test_an_assertion_at_its_limits_is_good(changes: dict[str, Any]) -> None:
    ends_at = rules.assertion_end(claims(**changes), ME, US, NOW)
    assert ends_at == NOW + timedelta(seconds=claims(**changes)["exp"] - AT)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"}, {"sub": "other"}, {"iss": None}, {"sub": None},
        {"aud": "other"}, {"aud": []}, {"aud": None}, {"aud": 7}, {"aud": [["https://portal.example"]]},
        {"exp": AT}, {"exp": None}, {"exp": AT + 306}, {"exp": AT + 0.5}, {"exp": True}, {"exp": 10**30},
        {"nbf": AT + 6}, {"nbf": "now"}, {"nbf": -1},
        {"jti": None}, {"jti": ""}, {"jti": 7}, {"jti": "x" * 201},
    ],
)  # fmt: skip
def test_an_assertion_beyond_its_limits_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ClientRefused):
        rules.assertion_end(claims(**changes), ME, US, NOW)
