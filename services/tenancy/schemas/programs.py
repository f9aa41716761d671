"""Programs and their keys."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from chassis.roles import Role
from chassis.scopes import SCOPES
from services.tenancy.commands.programs import NewKey
from services.tenancy.program_model import KeyKind
from services.tenancy.schemas.fields import Asked, Name, Reason, Secret, Shown, Token

Scope = Annotated[str, StringConstraints(min_length=1, max_length=64), Field(examples=["companies:read"])]
Scopes = Annotated[
    list[Scope],
    Field(max_length=50, description=" ".join(f"`{name}`: {o.sentence}" for name, o in SCOPES.items())),
]
ProgramName = Annotated[Name, Field(examples=["Accounting bridge"])]
KeyName = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"\S"), Field(examples=["spring 2026"])
]
_Coordinate = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
_Number = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[A-Za-z0-9_-]+$")]


class ProgramAsked(Asked):
    """A program to let in, or what it is to be called and let in for from now on."""

    name: ProgramName
    scopes: Scopes


class ProgramShown(Shown):
    """A program; its id is the client id it presents."""

    program_id: UUID
    name: ProgramName
    role: Role
    scopes: Scopes
    registered_at: datetime
    disabled_at: datetime | None
    disabled_reason: Reason | None


class PublicKey(Asked):
    """RFC 7517: the public half of a key, for `private_key_jwt`. Inline, and nothing private in it."""

    kty: Annotated[Literal["EC", "RSA"], Field(examples=["EC"])]
    crv: Literal["P-256"] | None = None
    x: _Coordinate | None = None
    y: _Coordinate | None = None
    n: _Number | None = None
    e: Annotated[str, StringConstraints(max_length=20, pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    kid: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    alg: Literal["ES256", "RS256"] | None = None
    use: Literal["sig"] | None = None


class KeyAsked(Asked):
    """A key to give: a secret that is shown in the answer, or the public key that is sent."""

    name: KeyName
    expires_at: Annotated[AwareDatetime | None, Field(description="A year from now unless said.")] = None
    public_key: PublicKey | None = None

    def as_key(self) -> NewKey:
        """The same in the words of the commands."""
        public = None if self.public_key is None else self.public_key.model_dump(exclude_none=True)
        return NewKey(self.name, self.expires_at, public)


class KeyGiven(Shown):
    """What is shown once: the secret is kept nowhere in this form."""

    credential_id: UUID
    client_id: UUID
    name: KeyName
    kind: KeyKind
    expires_at: datetime
    client_secret: Annotated[Secret | None, Field(examples=["Zr4mXsV2kT7w9cQp…"])]


class KeyShown(Shown):
    """A key, without its secret."""

    credential_id: UUID
    name: KeyName
    kind: KeyKind
    issued_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: Reason | None


class ProgramWithKeys(ProgramShown):
    """A program and its newest keys, disabled ones too."""

    keys: Annotated[list[KeyShown], Field(max_length=100)]


class ProgramToken(Shown):
    """RFC 6749, 5.1: a token, for how long, and for what."""

    access_token: Token
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a name, no secret
    expires_in: int
    scope: Annotated[str, Field(max_length=4000, examples=["companies:read customers:read"])]


class TokenRefused(Shown):
    """RFC 6749, 5.2: why no token is given."""

    error: Annotated[str, Field(max_length=64, examples=["invalid_client"])]
    error_description: Annotated[str, Field(max_length=1000, examples=["The client is not known."])]


class AuthorityShown(Shown):
    """RFC 8414: what this authorization server offers."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    service_documentation: str
