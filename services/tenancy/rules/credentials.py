"""Who may enter, who may give and take credentials, and what an identifier looks like."""

import unicodedata
from datetime import datetime

from chassis.roles import COMPANY_ROLES, FIRM_ROLES, PUBLISHER_ROLES, Role
from services.tenancy.door_refusals import (
    CredentialsRefused,
    LinkSpent,
    PasswordChangeRequired,
)
from services.tenancy.model import CompanyState, Entrant, SecretKind
from services.tenancy.refusals import (
    IdentifierUnfit,
    OfferingCodesUnfit,
    RoleNotGiven,
)

IDENTIFIER_MAXIMUM = 120

GIVEN_BY: dict[Role, frozenset[Role]] = {
    Role.publisher_admin: PUBLISHER_ROLES | {Role.firm_admin},
    Role.firm_admin: FIRM_ROLES | COMPANY_ROLES,
}


def folded_identifier(identifier: str) -> str:
    """Two identifiers that look the same are the same: compatibility form, no case, no outer space.

    Raises IdentifierUnfit when nothing is left, or when it holds a space or a control character.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", identifier.strip()).casefold())
    unfit = any(c.isspace() or unicodedata.category(c).startswith("C") for c in folded)
    if not folded or unfit or len(folded) > IDENTIFIER_MAXIMUM:
        raise IdentifierUnfit.of(identifier)
    return folded


def may_give_role(giver: Role, role: Role, *, to_a_company: bool, at_the_publisher: bool) -> None:
    """11-a: the firm alone gives access to its companies; the publisher only to its staff and to a firm's
    first administrators. A role of a company needs a company, one of the publisher's staff its own portal.
    """
    if (
        role not in GIVEN_BY.get(giver, frozenset())
        or (role in COMPANY_ROLES) is not to_a_company
        or (role in PUBLISHER_ROLES) is not at_the_publisher
    ):
        raise RoleNotGiven.of(role)


def may_enter(entrant: Entrant, secret_matches: bool, has_new_password: bool, now: datetime) -> None:
    """11-a: only those to whom an identifier and a password were given, not disabled (11-b).

    A company that is deactivated does not enter. A one-time secret opens only to replace it. Whatever fails,
    the answer is the same, except to the one who knows a valid one-time secret.
    """
    closed = (
        entrant.disabled
        or entrant.secret_kind is SecretKind.link
        or entrant.company_state is CompanyState.inactive
        or is_spent(entrant.secret_expires_at, now)
    )
    if closed or not secret_matches:
        raise CredentialsRefused
    if entrant.secret_kind is SecretKind.one_time and not has_new_password:
        raise PasswordChangeRequired


def may_follow_link(entrant: Entrant, now: datetime) -> None:
    """An invitation's link opens once, before it expires, for a credential that was not disabled since."""
    if (
        entrant.disabled
        or entrant.secret_kind is not SecretKind.link
        or is_spent(entrant.secret_expires_at, now)
    ):
        raise LinkSpent


def may_reset(entrant: Entrant) -> bool:
    """11-a: whoever has chosen a password may choose another by mail; who has none yet asks its firm."""
    return (
        not entrant.disabled
        and entrant.secret_kind is SecretKind.password
        and entrant.company_state is not CompanyState.inactive
    )


def is_spent(expires_at: datetime | None, now: datetime) -> bool:
    """Whether a secret's time is over; one without an end never is."""
    return expires_at is not None and expires_at <= now


def rights_of(codes: list[str]) -> list[str]:
    """3-b: a firm gives its companies their access rights, offering by offering; each code once, in order."""
    tidy = sorted({code.strip().lower() for code in codes})
    if any(not code for code in tidy):
        raise OfferingCodesUnfit
    return tidy


def rights_change(current: list[str], asked: list[str]) -> bool:
    """3-b: whether rights differ; the same ones given again are no fact to tell."""
    return sorted(current) != sorted(asked)
