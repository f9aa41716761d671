"""Web sessions' HTTP shapes."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.ticketing.model.sessions import (
    RegistrationState,
    SessionLanguage,
    SessionState,
    SessionWords,
)
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.schemas.assistance import Instant, Title
from services.ticketing.schemas.fields import Explanation, MailAddress, PersonName, ProductCode, Shape

MAX_PRODUCTS = 20
MAX_INVITED = 200


def _of_a_host(link: str) -> str:
    """A link that a browser opens as it reads: no user before the host, none without one."""
    parts = urlsplit(link)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise ValueError("an https link with a host, and no user")
    return link


Link = Annotated[
    str,
    StringConstraints(max_length=500, pattern=r"^https://[!-~]+$"),
    AfterValidator(_of_a_host),
    Field(examples=["https://webinar.example/devis"], description="It is told, and never fetched."),
]
Description = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000, pattern=r"^[^\x00]*$"),
    Field(examples=["What **version 5** brings."], description="Markdown; HTML in it is shown as text."),
]


class NewWebSession(Shape):
    """A live session. Without products it is about the whole portal."""

    title: Title = Field(examples=["Quotes in version 5"])
    description: Description
    products: list[ProductCode] = Field(default=[], max_length=MAX_PRODUCTS)
    language: SessionLanguage = "fr"
    level: SupportPlan = Field(description="The least plan that attends: each includes those below it.")
    starts_at: Instant
    ends_at: Instant
    capacity: int = Field(ge=1, le=1_000, examples=[50])
    link: Link
    host_id: UUID | None = Field(default=None, description="The technician whose time it takes.")

    def as_words(self) -> SessionWords:
        """What the publisher says of it."""
        told = self.model_dump() | {"products": tuple(dict.fromkeys(self.products)), "level": self.level}
        return SessionWords(**told)


class WebSessionShown(BaseModel):
    """A session; its own link is told to the publisher, and in a registration to who has a seat."""

    session_id: UUID
    title: Title = Field(examples=["Quotes in version 5"])
    description: Description
    description_html: str = Field(max_length=300_000, examples=["<p>What version 5 brings.</p>"])
    products: list[ProductCode] = Field(max_length=MAX_PRODUCTS)
    language: SessionLanguage
    level: SupportPlan
    starts_at: datetime
    ends_at: datetime
    capacity: int = Field(ge=1)
    seats_free: int = Field(ge=0)
    state: SessionState
    cancelled_reason: Explanation | None
    replay_link: Link | None = Field(description="Once published, for plans of its level and above.")
    link: Link | None = Field(description="Told to the publisher only.")
    host_id: UUID | None = Field(description="Told to the publisher only.")
    revision: int = Field(ge=1)


class Replay(Shape):
    """Where a session can be seen again."""

    link: Link


class NewInvitations(Shape):
    """Whom to invite; nobody named: those of the customer who wrote tickets within a year."""

    mails: list[MailAddress] = Field(default=[], max_length=MAX_INVITED)


class InvitedShown(BaseModel):
    """The addresses that were invited now, and not before."""

    mails: list[MailAddress] = Field(max_length=MAX_INVITED)


class InvitationShown(BaseModel):
    """An address that was invited."""

    customer_id: UUID
    mail: MailAddress
    invited_at: datetime
    invited_by: UUID


class NewRegistration(Shape):
    """Who attends, and where the link is sent."""

    name: PersonName
    mail: MailAddress


class RegistrationShown(BaseModel):
    """A registration, in the order in which they came."""

    customer_id: UUID
    registration_id: UUID
    session_id: UUID
    name: PersonName
    mail: MailAddress
    state: RegistrationState
    registered_at: datetime
    cancelled_at: datetime | None
    attended: bool | None
    revision: int = Field(ge=1)


class OwnRegistration(RegistrationShown):
    """A registration with what it is for; the link is there for who has a seat."""

    title: Title = Field(examples=["Quotes in version 5"])
    starts_at: datetime
    ends_at: datetime
    link: Link | None


class NewAttendance(Shape):
    """Whether somebody was there."""

    attended: bool = Field(examples=[True])
