"""The door: logging in, resets of a password, second factors, open sessions."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.tenancy.schemas.fields import Asked, Identifier, Secret, Shown, Slug, Token

Link = Annotated[str, StringConstraints(min_length=1, max_length=100), Field(examples=["kX3…"])]
Code = Annotated[
    str,
    StringConstraints(min_length=6, max_length=40),
    Field(examples=["492039"], description="Six digits of an authenticator, or a recovery code."),
]


class LoginAsked(Asked):
    """What one presents at the door. `new_password` replaces a one-time secret, or a password."""

    portal: Slug
    identifier: Identifier
    password: Secret
    new_password: Secret | None = None
    code: Code | None = None


class SessionShown(Shown):
    """A session that was opened; its token is in the cookie alone."""

    expires_at: datetime


class TokenShown(Shown):
    """A bearer token for an open session."""

    access_token: Token
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a name, no secret
    expires_in: int


class PasswordAsked(Asked):
    """Another password; the current one is asked for."""

    current: Secret
    new: Secret


class LinkAsked(Asked):
    """The secret part of a link that was mailed, and the password its person chose."""

    token: Link
    password: Secret


class ResetAsked(Asked):
    """Whose password is to be reset, if it is anybody's."""

    portal: Slug
    identifier: Identifier


class ResetTaken(Shown):
    """The answer to every request for a reset."""

    taken: Literal[True] = True


class EnrolmentAsked(Asked):
    """The password again. `new_password` replaces a one-time secret."""

    portal: Slug
    identifier: Identifier
    password: Secret
    new_password: Secret | None = None


class FactorBegun(Shown):
    """Shown once: what an authenticator keeps."""

    secret: Annotated[str, Field(max_length=64, examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])]
    otpauth_uri: Annotated[str, Field(max_length=600, examples=["otpauth://totp/Livret:claire@moreau"])]


class ConfirmationAsked(Asked):
    """A first code of the factor that was begun, with the password again."""

    portal: Slug
    identifier: Identifier
    password: Secret
    code: Code


class FactorEnrolled(Shown):
    """Shown once: each recovery code opens once in the place of a code. A session is open besides."""

    recovery_codes: Annotated[list[Code], Field(max_length=10)]
    expires_at: datetime


class RemovalAsked(Asked):
    """The password, and a code or a recovery code."""

    password: Secret
    code: Code


class OpenSession(Shown):
    """A session of one's own; when it was used is known to some minutes."""

    session_id: UUID
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: Annotated[str, Field(max_length=100, examples=["198.51.100.7"])]
    user_agent: Annotated[str, Field(max_length=1000, examples=["Mozilla/5.0 (X11; Linux x86_64)"])]
    current: bool


class OpenSessions(Shown):
    """Open sessions, the newest first."""

    items: Annotated[list[OpenSession], Field(max_length=200)]


class SessionsEnded(Shown):
    """How many sessions were ended."""

    ended: int
