"""What tenancy speaks of where programs are let in. Frozen values; nothing decides or stores here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.roles import Role


class KeyKind(StrEnum):
    """A secret that both sides know, or the public half of a key that only the program has."""

    secret = "secret"  # noqa: S105 - a name, no secret
    public_key = "public_key"


@dataclass(frozen=True, slots=True)
class ProgramKey:
    """A live key of a live program, as the door finds it by the client id that is presented."""

    customer_id: UUID
    program_id: UUID
    role: Role
    scopes: tuple[str, ...]
    credential_id: UUID
    secret_hash: str | None
    public_key: Mapping[str, str] | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenAsked:
    """A token request: who says it asks, by which proof, for what. `scopes` is None when none is named."""

    grant_type: str
    client_id: str
    secret: str | None = None
    assertion: str | None = None
    scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """A token that was given, with the scopes it carries."""

    token: str
    seconds: int
    scopes: frozenset[str]
