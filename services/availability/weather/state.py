"""The state of the weather in one shape: exported as JSON, read back to be drawn, answered by the API.

Others read it too: a field is only ever added, with a default.
"""

import re
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.availability.model.weather import (
    MAX_TOLD,
    Interruption,
    Notice,
    Phase,
    Standing,
    Status,
    Told,
)

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text without the characters that XML and iCalendar cannot carry."""
    return _UNWRITABLE.sub("", text)


Code = Annotated[str, Field(max_length=64, examples=["devis-factures"])]
ServiceName = Annotated[str, AfterValidator(writable), Field(max_length=500, examples=["Devis"])]
Title = Annotated[
    str, AfterValidator(writable), Field(max_length=500, examples=["New version of the database"])
]
Text = Annotated[
    str, AfterValidator(writable), Field(max_length=20_000, examples=["Nobody can log in meanwhile."])
]


class _Shape(BaseModel):
    """A reader of another version finds what it knows, and leaves the rest."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


class StandingShown(_Shape):
    """How the portal stands, and since when if it is not as it should be."""

    status: Status
    since: datetime | None


class ServiceStanding(StandingShown):
    """How a service of the catalogue stands."""

    code: Code
    name: ServiceName

    @classmethod
    def of(cls, standing: Standing) -> Self:
        """The shape of a service's standing."""
        return cls.model_validate(standing)


class InterruptionShown(_Shape):
    """An interruption of production; without `offering_code`, of the portal itself."""

    outage_id: UUID
    offering_code: Code | None
    title: Title | None
    starts_at: datetime
    ends_at: datetime | None
    changed_at: datetime | None = Field(description="When what is on record of it last changed.")

    @classmethod
    def of(cls, interruption: Interruption) -> Self:
        """The shape of an interruption."""
        return cls.model_validate(interruption)


class MaintenanceShown(_Shape):
    """Maintenance as it was announced, and as it was."""

    maintenance_id: UUID
    kind: str = Field(max_length=20, examples=["planned"])
    phase: Phase
    title: Title
    description: Text
    blocking: bool = Field(description="Whether the portal cannot be used meanwhile.")
    starts_at: datetime
    ends_at: datetime | None
    announced_at: datetime = Field(description="The proof of its notice (5-d).")
    started_at: datetime | None
    ended_at: datetime | None
    cancelled_at: datetime | None
    overran_since: datetime | None = Field(description="The announced end that it has gone past.")
    revision: int
    changed_at: datetime | None

    @classmethod
    def of(cls, notice: Notice) -> Self:
        """The shape of a maintenance with its phase."""
        told = {"phase": notice.phase, "overran_since": notice.overran_since}
        return cls.model_validate(asdict(notice.maintenance) | told)


class WeatherShown(_Shape):
    """The state at one instant. `as_of` and all instants in it are of the portal's time; `told_at`,
    `changed_at` and `good_until` are of real time.
    """

    as_of: datetime
    told_at: datetime = Field(description="When this was told.")
    changed_at: datetime = Field(description="Since when it says the same.")
    good_until: datetime = Field(description="Later than this, updates have stopped.")
    stale: bool = Field(default=False, description="Whether updates had stopped when this was answered.")
    number: int
    origin: str = Field(max_length=500, examples=["https://portal.example"])
    portal: StandingShown
    services: list[ServiceStanding] = Field(max_length=MAX_TOLD)
    interruptions: list[InterruptionShown] = Field(max_length=MAX_TOLD)
    maintenance: list[MaintenanceShown] = Field(max_length=MAX_TOLD, description="Going on, or due.")
    planned: list[MaintenanceShown] = Field(max_length=MAX_TOLD)
    past_interruptions: list[InterruptionShown] = Field(max_length=MAX_TOLD)
    past_maintenance: list[MaintenanceShown] = Field(max_length=MAX_TOLD)

    @classmethod
    def of(cls, told: Told, origin: str, lasts: timedelta) -> Self:
        """The shape of a weather that is told now, and good for so long."""
        weather = told.weather
        return cls(
            as_of=weather.as_of,
            told_at=told.told_at,
            changed_at=told.changed_at,
            good_until=told.told_at + lasts,
            number=told.number,
            origin=origin,
            portal=StandingShown.model_validate(weather.portal),
            services=[ServiceStanding.of(each) for each in weather.services[:MAX_TOLD]],
            interruptions=[InterruptionShown.of(each) for each in weather.interruptions[:MAX_TOLD]],
            maintenance=[MaintenanceShown.of(each) for each in weather.maintenance[:MAX_TOLD]],
            planned=[MaintenanceShown.of(each) for each in weather.planned[:MAX_TOLD]],
            past_interruptions=[InterruptionShown.of(each) for each in weather.past_interruptions[:MAX_TOLD]],
            past_maintenance=[MaintenanceShown.of(each) for each in weather.past_maintenance[:MAX_TOLD]],
        )

    @property
    def notices(self) -> list[MaintenanceShown]:
        """Every maintenance that is told, what is to come first."""
        return [*self.planned, *self.maintenance, *self.past_maintenance]
