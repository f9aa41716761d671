"""The HTTP shapes of Alertmanager's notifications (its webhook, version 4), and of the routes for them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.availability.model.alerts import Comparison
from services.availability.model.rates import PRODUCTION
from services.availability.schemas.fields import Asked, Environment, OfferingCode, Shown
from services.availability.schemas.targets import TargetName

MAX_ALERTS = 5_000
MAX_LABELS = 1_000
MAX_WORDS = 200_000
"""Wide: one refused alert would lose the others of its notification, which is not sent again. What bounds
them is the size of the whole.
"""

LabelName = Annotated[str, StringConstraints(max_length=1_000), Field(examples=["alertname"])]
LabelValue = Annotated[str, StringConstraints(max_length=MAX_WORDS), Field(examples=["PortalDown"])]
LongText = Annotated[str, StringConstraints(max_length=MAX_WORDS)]
Address = Annotated[
    str, StringConstraints(max_length=MAX_WORDS), Field(examples=["http://prometheus.example/graph"])
]
Labels = Annotated[
    dict[LabelName, LabelValue], Field(max_length=MAX_LABELS, examples=[{"alertname": "PortalDown"}])
]
Annotations = Annotated[dict[LabelName, LongText], Field(max_length=MAX_LABELS)]
Fingerprint = Annotated[
    str, StringConstraints(min_length=1, max_length=64), Field(examples=["f1c2b5a1d5e3c4b6"])
]
Receiver = Annotated[str, StringConstraints(max_length=1_000), Field(examples=["livret"])]
FiringState = Literal["firing", "resolved"]


class _FromAlertmanager(BaseModel):
    """Fields that a later version adds are left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class AlertSent(_FromAlertmanager):
    """One alert. While it fires, `endsAt` is year 1, or a guess."""

    status: FiringState
    labels: Labels
    annotations: Annotations = {}
    startsAt: AwareDatetime  # noqa: N815 - Alertmanager's name
    endsAt: AwareDatetime  # noqa: N815 - Alertmanager's name
    generatorURL: Address = ""  # noqa: N815 - Alertmanager's name
    fingerprint: Fingerprint


class NotificationSent(_FromAlertmanager):
    """A group of alerts, as Alertmanager's webhook sends it."""

    version: Literal["4"]
    groupKey: LongText = Field(examples=['{}:{alertname="PortalDown"}'])  # noqa: N815 - Alertmanager's name
    truncatedAlerts: int = Field(default=0, ge=0)  # noqa: N815 - Alertmanager's name
    status: FiringState
    receiver: Receiver
    groupLabels: Labels = {}  # noqa: N815 - Alertmanager's name
    commonLabels: Labels = {}  # noqa: N815 - Alertmanager's name
    commonAnnotations: Annotations = {}  # noqa: N815 - Alertmanager's name
    externalURL: Address = ""  # noqa: N815 - Alertmanager's name
    alerts: list[AlertSent] = Field(max_length=MAX_ALERTS)


class NotificationTaken(Shown):
    """What became of a notification."""

    began: int = Field(description="Alerts that began.")
    ended: int = Field(description="Alerts that ended.")
    unmatched: int = Field(description="Alerts that no route makes an outage of; they are kept.")
    truncated: int = Field(description="Alerts that Alertmanager left out: they are told of by nothing else.")


class AlertShown(Shown):
    """An alert from its start to its end, as it was told."""

    fingerprint: Fingerprint
    starts_at: datetime
    ends_at: datetime | None
    labels: Labels
    annotations: Annotations
    generator: Address
    receiver: Receiver
    route_id: UUID | None = Field(description="The route that made an outage of it; null: none did.")
    outage_id: UUID | None
    told_at: datetime
    times_told: int


class MatcherSent(Asked):
    """A label and what it must be like; one that is not there is empty. Patterns mean the whole value: words
    parted by `|`, with the wildcards `.`, `.*` and `.+`.
    """

    label: LabelName
    comparison: Comparison = Comparison.equal
    value: Annotated[str, StringConstraints(max_length=200), Field(examples=["critical"])]


class AlertRouteText(Asked):
    """Which alerts are an outage, and of what. Of all routes the first in order that matches decides."""

    name: TargetName
    position: int = Field(default=100, ge=0, le=1_000_000, description="Its place in the order.")
    matchers: list[MatcherSent] = Field(min_length=1, max_length=20)
    offering_code: OfferingCode | None = Field(
        default=None, description="The service; null, and no label that says which: the portal itself."
    )
    offering_label: LabelName | None = Field(default=None, description="The label that says which service.")
    environment: Environment = PRODUCTION
    environment_label: LabelName | None = Field(
        default=None, description="The label that says which environment."
    )
    opens: bool = Field(default=True, description="False: such alerts are kept and make no outage.")


class AlertRouteShown(AlertRouteText):
    """A route as it is on record."""

    route_id: UUID
    revision: int
