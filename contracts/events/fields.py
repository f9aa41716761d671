"""The field types of events: every instant aware and in UTC, every string with its maximum."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, StringConstraints


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]

Name = Annotated[str, StringConstraints(min_length=1, max_length=250)]
Sentence = Annotated[str, StringConstraints(max_length=500)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=320)]
OfferingCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Siret = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}$")]

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Markdown = Annotated[str, StringConstraints(max_length=5000)]

CustomerKind = Literal["accounting_firm", "direct"]
SupportPlan = Literal["connect", "open", "private"]
