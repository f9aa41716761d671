"""What Alertmanager tells, and which of it is an outage.

Frozen values and enumerations only. Instants are those of the alert, in real time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.availability.model.rates import PRODUCTION


class Comparison(StrEnum):
    """As Alertmanager writes them; a pattern always means the whole value."""

    equal = "="
    different = "!="
    like = "=~"
    unlike = "!~"


@dataclass(frozen=True, slots=True)
class Matcher:
    """A label and what it must be like; a label that is not there is empty."""

    label: str
    comparison: Comparison
    value: str


@dataclass(frozen=True, slots=True)
class AlertRouteText:
    """Which alerts are an outage, and of what. The first route in order whose matchers all match decides.

    `offering_label` and `environment_label` name labels that say which; without them, what is written here
    holds. Neither offering: the portal. `opens` false: such alerts are kept and make no outage.
    """

    name: str
    position: int
    matchers: tuple[Matcher, ...]
    offering_code: str | None = None
    offering_label: str | None = None
    environment: str = PRODUCTION
    environment_label: str | None = None
    opens: bool = True


@dataclass(frozen=True, slots=True)
class AlertRoute:
    """A route as it is on record."""

    route_id: UUID
    text: AlertRouteText
    revision: int


@dataclass(frozen=True, slots=True)
class Told:
    """One alert of a notification. `ends_at` is None while it fires."""

    fingerprint: str
    starts_at: datetime
    ends_at: datetime | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    generator: str = ""


@dataclass(frozen=True, slots=True)
class Concerns:
    """What an alert is about, by the route that decides."""

    route_id: UUID
    offering_code: str | None
    environment: str


@dataclass(frozen=True, slots=True)
class Episode:
    """An alert from its start to its end, as far as it is known."""

    starts_at: datetime
    ends_at: datetime | None
    told_at: datetime
    """When it was last told of, in our time."""


class Deed(StrEnum):
    """What a told alert leads to."""

    begin = "begin"
    end = "end"
    begin_and_end = "begin_and_end"
    nothing = "nothing"


@dataclass(frozen=True, slots=True)
class AlertShown:
    """An episode as staff reads it."""

    fingerprint: str
    starts_at: datetime
    ends_at: datetime | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator: str
    receiver: str
    route_id: UUID | None
    outage_id: UUID | None
    told_at: datetime
    times_told: int
