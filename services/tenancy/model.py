"""What tenancy speaks of: customers, companies, people, credentials, lines of an import.

Frozen values and enumerations only; nothing here decides or stores anything.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

PUBLISHER = UUID(int=0)
"""The publisher's own place among the portals: its staff are people of this one."""

PUBLISHER_PORTAL = "publisher"


class CustomerKind(StrEnum):
    """An accounting firm reaches its companies through its portal; a direct customer is its own company."""

    accounting_firm = "accounting_firm"
    direct = "direct"


class SupportPlan(StrEnum):
    """Inclusive levels: connect < open < private."""

    connect = "connect"
    open = "open"
    private = "private"


class CompanyState(StrEnum):
    """registered -> active -> inactive, and back to active."""

    registered = "registered"
    active = "active"
    inactive = "inactive"


class SecretKind(StrEnum):
    """What a credential opens with: a password of one's own, a secret to change, a link to follow."""

    password = "password"  # noqa: S105 - a name, no secret
    one_time = "one_time"
    link = "link"


class ImportState(StrEnum):
    """received -> checked (the dry run ends here) -> running -> done; failed when nothing could be read."""

    received = "received"
    checked = "checked"
    running = "running"
    done = "done"
    failed = "failed"


class Outcome(StrEnum):
    """What becomes of one line of an imported file."""

    create = "create"
    update = "update"
    unchanged = "unchanged"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as written; the rules say whether the booklet admits it."""

    street: str
    postcode: str
    city: str
    country: str = "FR"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a customer is and where it stands: what may be corrected of it."""

    name: str
    siret: str
    vat: str | None
    address: Address


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """Everything a registration brings."""

    kind: CustomerKind
    name: str
    siret: str
    vat: str | None
    address: Address
    portal: str
    support_plan: SupportPlan
    support_starts_on: date | None
    contract_starts_on: date
    term_months: int
    professional_use: bool


@dataclass(frozen=True, slots=True)
class NewCompany:
    """An establishment to register; SIRET and postcode already in their standard form."""

    siret: str
    name: str
    street: str = ""
    postcode: str = ""
    city: str = ""
    trade_name: str = ""
    activity_code: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """An establishment as tenancy knows it."""

    customer_id: UUID
    company_id: UUID
    siret: str
    name: str
    state: CompanyState
    activated_at: datetime | None
    deactivated_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Credential:
    """One identifier given to one person. `disabled_at` is final: another is given instead."""

    customer_id: UUID
    credential_id: UUID
    person_id: UUID
    company_id: UUID | None
    identifier: str
    secret_kind: SecretKind
    given_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entrant:
    """What the door knows of someone who presents an identifier, before anything is believed."""

    customer_id: UUID
    credential_id: UUID
    person_id: UUID
    company_id: UUID | None
    role: str
    secret_kind: SecretKind
    secret_hash: str
    secret_expires_at: datetime | None
    disabled: bool
    company_state: CompanyState | None
    portal: str = ""
    identifier: str = ""
    name: str = ""
    mail: str | None = None
    second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Representation:
    """A member of the publisher's staff acts for a customer, for a reason and a time."""

    customer_id: UUID
    representation_id: UUID
    person_id: UUID
    credential_id: UUID
    name: str
    reason: str
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line is refused: in which column, what stood there, what it may have meant."""

    code: str
    column: str
    value: str = ""
    suggestion: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """One line of a file after the rules have read it. `number` is the line in the file, header = 1."""

    number: int
    company: NewCompany
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Problem, ...] = ()

    @property
    def refused(self) -> bool:
        return bool(self.problems)
