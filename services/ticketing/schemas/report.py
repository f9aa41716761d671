"""The HTTP shapes of the private plan's detailed report (13.11-a)."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ticketing.model.report import Group, ReportMonth
from services.ticketing.model.tickets import TicketKind

MAX_GROUPS = 5_000

Month = Annotated[
    str,
    StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", max_length=7),
    Field(examples=["2026-03"]),
]
Number = Annotated[int, Field(ge=0)]


class VerdictsShown(BaseModel):
    """How many kept their limit; `missed` holds those whose limit has gone by unanswered."""

    model_config = ConfigDict(from_attributes=True)

    kept: Number
    missed: Number


class DelaysShown(BaseModel):
    """Seconds that half, nine tenths and nineteen twentieths of so many tickets did not exceed."""

    model_config = ConfigDict(from_attributes=True)

    tickets: Number
    p50: Number | None = Field(examples=[3_600])
    p90: Number | None = Field(examples=[12_600])
    p95: Number | None = Field(examples=[14_400])


class GroupShown(BaseModel):
    """The tickets registered in the month, all or those of one kind, product or criticality."""

    model_config = ConfigDict(from_attributes=True)

    by: Literal["all", "kind", "criticality", "product"]
    kind: TicketKind | None = Field(description="None: to support and to customer service.")
    product: str | None = Field(max_length=64, examples=["devis-factures"])
    criticality: int | None = Field(ge=1, le=3, description="None: not qualified, or not grouped by it.")
    registered: Number
    taken_in_charge: Number
    closed: Number
    left_out: Number = Field(description="No tickets in the contract's sense.")
    set_apart: Number
    take_charge: VerdictsShown
    take_charge_open_seconds: DelaysShown
    correction: VerdictsShown = Field(description="Corrective plans, corrections and workarounds in time.")
    correction_open_seconds: DelaysShown
    closing_seconds: DelaysShown = Field(description="From registration, by the clock on the wall.")
    backlog: Number = Field(description="Not closed at the month's end, or now, whenever registered.")


class ReportShown(BaseModel):
    """A month's tickets to support and to customer service: volumes, delays, verdicts and what waits."""

    month: Month
    starts_at: datetime
    ends_at: datetime
    running: bool = Field(description="Whether the month goes on: told so far.")
    groups: list[GroupShown] = Field(max_length=MAX_GROUPS)

    @classmethod
    def of(cls, month: ReportMonth, groups: list[Group]) -> Self:
        """As it is shown."""
        return cls(
            month=month.name,
            starts_at=month.starts_at,
            ends_at=month.ends_at,
            running=month.running,
            groups=[GroupShown.model_validate(group) for group in groups],
        )


def cells_of(group: Group) -> dict[str, str]:
    """A group as a line of a file, under the headings of its columns."""
    cells: dict[str, str] = {}
    for name, value in asdict(group).items():
        parts = value.items() if isinstance(value, dict) else [(None, value)]
        for part, told in parts:
            cells[f"{name}_{part}" if part else name] = "" if told is None else str(told)
    return cells
