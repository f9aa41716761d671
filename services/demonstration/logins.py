"""Who there is in the demonstration, and what each types at the door."""

from dataclasses import dataclass
from uuid import UUID

from chassis.auth import PUBLISHER_ROLES, Role
from chassis.clock import system_now
from chassis.scopes import scopes_of
from services.tenancy import totp
from services.tenancy.model import PUBLISHER_PORTAL

PASSWORD = "demonstration-livret"  # noqa: S105 - known to everybody, on purpose
AUTHENTICATOR = "LIVRETDEMONSTRATIONLIVRETDEMONST"
"""The secret of the staff's second factors, as well known as the password."""
FIRM_PORTAL = "cabinet-moreau"

STAFF = (
    ("admin", "Alice Martin", Role.publisher_admin),
    ("support", "Bruno Petit", Role.support_agent),
    ("operations", "Chloé Garnier", Role.operations),
    ("billing", "David Lefèvre", Role.billing),
)
FIRM_PEOPLE = (("claire", "Claire Moreau", Role.firm_admin), ("paul", "Paul Rivière", Role.firm_collaborator))
OF_COMPANY = (("boulangerie", "Emma Colas", Role.company_admin), ("epis", "Lucas Colas", Role.company_user))


@dataclass(frozen=True, slots=True)
class Login:
    """What one types at the door."""

    portal: str
    identifier: str
    role: Role

    def __str__(self) -> str:
        told = f"{self.role.value:18} portal {self.portal:15} {self.identifier:12} {PASSWORD}"
        return f"{told}  + code" if self.role in PUBLISHER_ROLES else told


@dataclass(frozen=True, slots=True)
class Partner:
    """What the firm's program presents."""

    client_id: UUID
    secret: str
    scopes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{Role.partner.value:18} client {self.client_id} secret {self.secret}"


PARTNER = Partner(
    UUID("11111111-2222-4333-8444-555555555555"),
    f"{PASSWORD}-partner",
    tuple(sorted(scopes_of(Role.partner))),
)
HOW_TO_CODE = f"A code, for the staff's second factor: .venv/bin/livret totp {AUTHENTICATOR}"


def logins() -> list[object]:
    """Everybody who can log in, a line each, and how to have a code."""
    staff = [Login(PUBLISHER_PORTAL, identifier, role) for identifier, _, role in STAFF]
    firm = [Login(FIRM_PORTAL, identifier, role) for identifier, _, role in (*FIRM_PEOPLE, *OF_COMPANY)]
    return [*staff, *firm, PARTNER, HOW_TO_CODE]


def code() -> str:
    """A code of the step before this one, which is taken still: that of now is left to who reads this."""
    return totp.code_at(AUTHENTICATOR, totp.step_at(system_now()) - 1)
