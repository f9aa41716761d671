"""11-a, 11-b, 3-b: who enters, who gives, and what an identifier is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.refusals import Refusal
from chassis.roles import COMPANY_ROLES, FIRM_ROLES, PUBLISHER_ROLES, Role
from services.tenancy.door_refusals import (
    CredentialsRefused,
    EnrolmentRequired,
    LinkSpent,
    PasswordChangeRequired,
    SecondFactorRequired,
)
from services.tenancy.model import CompanyState, Entrant, SecretKind
from services.tenancy.refusals import IdentifierUnfit, RoleNotGiven
from services.tenancy.rules.credentials import (
    folded_identifier,
    may_enter,
    may_follow_link,
    may_give_role,
    may_reset,
    rights_change,
    rights_of,
)
from services.tenancy.rules.factors import must_present_code

NOW = datetime(2026, 3, 27, 9, tzinfo=UTC)
ONE = UUID(int=1)
MARTIN = Entrant(
    customer_id=ONE,
    credential_id=ONE,
    person_id=ONE,
    company_id=ONE,
    role="company_admin",
    secret_kind=SecretKind.password,
    secret_hash="$argon2id$…",
    secret_expires_at=None,
    disabled=False,
    company_state=CompanyState.active,
)


def test_an_identifier_and_its_password_open() -> None:
    may_enter(MARTIN, True, False, NOW)
    may_enter(replace(MARTIN, company_state=CompanyState.registered), True, False, NOW)
    may_enter(replace(MARTIN, company_id=None, company_state=None), True, False, NOW)


@pytest.mark.parametrize(
    "entrant",
    [
        replace(MARTIN, disabled=True),
        replace(MARTIN, secret_kind=SecretKind.link),
        replace(MARTIN, company_state=CompanyState.inactive),
        replace(MARTIN, secret_kind=SecretKind.one_time, secret_expires_at=NOW),
    ],
)
def test_what_is_closed_is_refused_like_a_wrong_password(entrant: Entrant) -> None:
    with pytest.raises(CredentialsRefused):
        may_enter(entrant, True, True, NOW)


def test_a_wrong_password_tells_nothing_of_the_account() -> None:
    for kind in (SecretKind.password, SecretKind.one_time):
        with pytest.raises(CredentialsRefused):
            may_enter(replace(MARTIN, secret_kind=kind), False, False, NOW)


def test_a_one_time_secret_opens_only_to_be_replaced() -> None:
    given = replace(MARTIN, secret_kind=SecretKind.one_time, secret_expires_at=NOW + timedelta(days=1))
    with pytest.raises(PasswordChangeRequired):
        may_enter(given, True, False, NOW)
    may_enter(given, True, True, NOW)


def test_a_link_opens_until_it_expires() -> None:
    invited = replace(MARTIN, secret_kind=SecretKind.link, secret_expires_at=NOW + timedelta(seconds=1))
    may_follow_link(invited, NOW)
    for spent in (
        replace(invited, secret_expires_at=NOW),
        replace(invited, disabled=True),
        replace(invited, secret_kind=SecretKind.password),
    ):
        with pytest.raises(LinkSpent):
            may_follow_link(spent, NOW)


@pytest.mark.parametrize("written", ["Claire.Moreau", " claire.moreau ", "ＣＬＡＩＲＥ.moreau"])
def test_identifiers_that_look_the_same_are_the_same(written: str) -> None:
    assert folded_identifier(written) == "claire.moreau"


@pytest.mark.parametrize("written", ["", "  ", "a b", "a\u200bb", "a\x00b", "a\nb", "x" * 121])
def test_an_unfit_identifier_is_refused(written: str) -> None:
    with pytest.raises(IdentifierUnfit):
        folded_identifier(written)


def test_only_a_password_of_ones_own_is_reset_by_mail() -> None:
    assert may_reset(MARTIN)
    for closed in (
        replace(MARTIN, disabled=True),
        replace(MARTIN, secret_kind=SecretKind.one_time),
        replace(MARTIN, secret_kind=SecretKind.link),
        replace(MARTIN, company_state=CompanyState.inactive),
    ):
        assert not may_reset(closed)


def test_the_publishers_staff_enter_with_a_second_factor_and_others_if_they_have_one() -> None:
    must_present_code(MARTIN, presented=False)
    must_present_code(replace(MARTIN, second_factor=True), presented=True)
    with pytest.raises(SecondFactorRequired):
        must_present_code(replace(MARTIN, second_factor=True), presented=False)
    for role in PUBLISHER_ROLES:
        with pytest.raises(EnrolmentRequired):
            must_present_code(replace(MARTIN, role=role.value), presented=True)
        must_present_code(replace(MARTIN, role=role.value, second_factor=True), presented=True)


def refusal_of(
    giver: Role, role: Role, *, to_a_company: bool, at_the_publisher: bool
) -> type[Refusal] | None:
    try:
        may_give_role(giver, role, to_a_company=to_a_company, at_the_publisher=at_the_publisher)
    except RoleNotGiven as refused:
        return type(refused)
    return None


def test_who_gives_which_role_is_exactly_this() -> None:
    given = {
        (giver, role)
        for giver in Role
        for role in Role
        if refusal_of(
            giver, role, to_a_company=role in COMPANY_ROLES, at_the_publisher=role in PUBLISHER_ROLES
        )
        is None
    }
    publisher = {(Role.publisher_admin, role) for role in PUBLISHER_ROLES | {Role.firm_admin}}
    assert given == publisher | {(Role.firm_admin, role) for role in FIRM_ROLES | COMPANY_ROLES}


def test_a_role_stands_where_it_belongs() -> None:
    for to_a_company, at_the_publisher, giver, role in (
        (True, False, Role.firm_admin, Role.firm_admin),
        (False, False, Role.firm_admin, Role.company_user),
        (False, False, Role.publisher_admin, Role.publisher_admin),
        (False, True, Role.publisher_admin, Role.firm_admin),
    ):
        assert refusal_of(giver, role, to_a_company=to_a_company, at_the_publisher=at_the_publisher)


def test_rights_are_a_set_of_codes() -> None:
    assert rights_of([" Devis ", "devis", "facture"]) == ["devis", "facture"]
    assert not rights_change(["a", "b"], ["b", "a"])
    assert rights_change(["a"], [])
