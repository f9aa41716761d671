"""People, their credentials, their sessions."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.roles import Role
from services.tenancy.commands.people import NewPerson
from services.tenancy.model import SecretKind
from services.tenancy.schemas.companies import CompanyChoice
from services.tenancy.schemas.fields import (
    Asked,
    Identifier,
    Mail,
    Name,
    OfferingCode,
    PersonName,
    Reason,
    Secret,
    Shown,
    Slug,
)


class PersonAsked(Asked):
    """Somebody to add."""

    name: PersonName
    role: Role
    mail: Mail | None = None

    def as_person(self) -> NewPerson:
        """The same in the words of the commands."""
        return NewPerson(self.name, self.role, self.mail)


class FirmPersonAsked(PersonAsked):
    """Somebody of a firm to add; `company_id` for a company's people only."""

    role: Annotated[Role, Field(examples=["firm_collaborator"])]
    company_id: UUID | None = None

    def as_person(self) -> NewPerson:
        """The same in the words of the commands."""
        return NewPerson(self.name, self.role, self.mail, self.company_id)


class PersonShown(Shown):
    """Somebody who may have a credential."""

    person_id: UUID
    company_id: UUID | None
    role: Role
    name: PersonName
    mail: Annotated[Mail | None, Field(examples=["claire@cabinet-moreau.example"])]
    added_at: datetime


class CredentialAsked(Asked):
    """An identifier to give: with a one-time secret, shown in the answer, or an invitation by mail."""

    identifier: Identifier
    by: Literal["secret", "mail"] = "secret"


class CredentialsOfManyAsked(CompanyChoice):
    """Credentials for the administrators of companies; `renew` replaces the ones they have."""

    renew: bool = False


class CredentialGiven(Shown):
    """What is shown once: the secret is kept nowhere in this form. By mail, it is not shown at all."""

    credential_id: UUID
    person_id: UUID
    company_id: UUID | None
    name: Name
    identifier: Identifier
    secret: Annotated[Secret | None, Field(examples=["kT7w-9cQp-Zr4m-XsV2"])] = None


class CredentialsGiven(Shown):
    """Credentials given together, shown once."""

    items: Annotated[list[CredentialGiven], Field(max_length=500_000)]


class CredentialShown(Shown):
    """A credential, without its secret."""

    credential_id: UUID
    person_id: UUID
    company_id: UUID | None
    name: PersonName
    role: Role
    identifier: Identifier
    secret_kind: SecretKind
    issued_at: datetime
    given_at: datetime | None
    last_used_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: Reason | None


class DisablementAsked(Asked):
    """11-b: why a credential is disabled."""

    reason: Reason


class MeShown(Shown):
    """Who calls."""

    person_id: UUID
    credential_id: UUID
    name: PersonName
    role: Role
    customer_id: UUID | None
    customer_name: Name | None
    portal: Slug | None
    company_id: UUID | None
    company_name: Name | None
    offering_codes: Annotated[list[OfferingCode], Field(max_length=1000)]
    second_factor: bool = False
    recovery_codes_left: int = 0
    representation_id: UUID | None = None


class Jwks(Shown):
    """RFC 7517: the public keys that tokens are checked with."""

    keys: Annotated[
        list[dict[str, Annotated[str, Field(max_length=1000)]]],
        Field(max_length=100, examples=[[{"kty": "EC", "crv": "P-256", "kid": "2026-03", "alg": "ES256"}]]),
    ]
