"""Who calls: the caller that a token stands for, and the refusals of identity."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from chassis.refusals import Refusal
from chassis.roles import PUBLISHER_ROLES, Role


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a token stands for. The publisher's staff has no customer; a firm's people have no company."""

    person_id: UUID
    credential_id: UUID
    role: Role
    customer_id: UUID | None = None
    company_id: UUID | None = None
    on_behalf_of: UUID | None = None
    """The representation under which a member of the publisher's staff acts for `customer_id`, with a
    collaborator's rights. `person_id` stays its own; tenancy shows the customer who it was, why, and when."""
    scopes: frozenset[str] = frozenset()
    """What a program was let in for; people have none, their role says what they may."""

    @property
    def is_publisher(self) -> bool:
        """True for the publisher's own staff, who see the whole portal."""
        return self.role in PUBLISHER_ROLES


class NotAuthenticated(Refusal):
    slug = "not-authenticated"
    status = 401
    sentence = "This asks for a bearer token or an open session."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class TokenRefused(NotAuthenticated):
    slug = "token-refused"
    sentence = "This token is not valid, or no longer."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail)
        self.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'


class NotAllowed(Refusal):
    slug = "not-allowed"
    status = 403
    sentence = "This role may not do this."


class ScopeInsufficient(Refusal):
    slug = "insufficient-scope"
    status = 403
    sentence = "This token was not given the scope that this asks for."

    def __init__(self, scopes: Iterable[str]) -> None:
        named = " ".join(sorted(scopes))
        challenge = f'Bearer error="insufficient_scope", scope="{named}"'
        super().__init__(f"It asks for: {named}.", headers={"WWW-Authenticate": challenge})
