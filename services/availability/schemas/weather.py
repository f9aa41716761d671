"""The weather as a customer's people read it besides the public one."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.availability.model.weather import MAX_TOLD
from services.availability.schemas.months import FiguresShown
from services.availability.weather.state import InterruptionShown, ServiceStanding, StandingShown


class OwnWeather(BaseModel):
    """What concerns a customer. Maintenance concerns everybody, and stands in the public weather."""

    as_of: datetime
    portal: StandingShown
    services_in_use: list[ServiceStanding] = Field(max_length=MAX_TOLD)
    interruptions: list[InterruptionShown] = Field(
        max_length=MAX_TOLD, description="Going on: of the portal, of services in use, of it alone."
    )
    past_interruptions: list[InterruptionShown] = Field(max_length=MAX_TOLD)
    month: FiguresShown = Field(
        description="The running month so far, and what it may still take; `/v1/months/{month}` tells why."
    )
