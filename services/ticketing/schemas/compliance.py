"""The HTTP shapes of the committed share of tickets (13.2-g)."""

from datetime import date, datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.booklet.figures import sentence
from services.ticketing.model.clocks import Verdict
from services.ticketing.model.compliance import (
    Compliance,
    ComplianceLine,
    Count,
    Share,
    Standing,
    YearReport,
)
from services.ticketing.model.tickets import LeftOut, SetApart, SupportPlan
from services.ticketing.rules.compliance import tickets_standing
from services.ticketing.schemas.fields import Explanation, Reference
from services.ticketing.share_terms import zone

MAX_YEARS = 200
MAX_REASONS = 10
DEFINED_BY = ("13.2-e", "13.2-g", "13.2-h", "R1", "R9")
"""The clauses and rulings that say what is counted, and how."""

Rate = Annotated[
    str,
    Field(
        max_length=7,
        pattern=r"^[0-9]{1,3}\.[0-9]{3}$",
        examples=["81.250"],
        description="Percent, three decimals, rounded down; the verdict is on the exact value.",
    ),
]
Number = Annotated[int, Field(ge=0)]


class Definition(BaseModel):
    """A sentence of the contract, or of a ruling on it."""

    clause: str = Field(max_length=10, examples=["13.2-g"])
    sentence: str = Field(
        max_length=1000, examples=["The take-charge limit holds for at least the committed share of tickets."]
    )


class ShareShown(BaseModel):
    """How many take-charges kept their limit, of those that have a verdict. No ticket, no rate."""

    kept: Number
    missed: Number
    rate: Rate | None = Field(examples=["81.250"])
    commitment_kept: bool | None = Field(description="Exactly the committed share is kept.")

    @classmethod
    def of(cls, share: Share) -> Self:
        """As it is shown."""
        return cls(kept=share.kept, missed=share.missed, rate=share.rate, commitment_kept=share.holds)


class ReasonShown(BaseModel):
    """The tickets that one reason keeps out of the share."""

    standing: Standing
    reason: LeftOut | SetApart
    kept: Number
    missed: Number
    running: Number


class YearShown(BaseModel):
    """A contract year of support, or the present one so far."""

    number: int = Field(ge=1, le=MAX_YEARS, examples=[1])
    starts_on: date = Field(description="Its first day, in Paris.")
    last_day: date = Field(description="Its last day, in Paris; a lapse of support cuts it short.")
    starts_at: datetime
    ends_at: datetime = Field(description="The first instant after it.")
    running: bool = Field(description="Whether it goes on: counted so far.")
    committed_percent: int = Field(ge=0, le=100, examples=[75])
    tickets: Number = Field(description="Every support ticket registered in it.")
    counted: Number
    pending: Number = Field(description="Not taken in charge, and not due yet: left out of the rate.")
    left_out: Number = Field(description="No tickets in the contract's sense.")
    set_apart: Number = Field(description="The customer's duty was not met, or its support was suspended.")
    share: ShareShown
    with_left_out: ShareShown
    with_set_apart: ShareShown
    with_both: ShareShown
    reasons: list[ReasonShown] = Field(max_length=MAX_REASONS)

    @classmethod
    def of(cls, report: YearReport) -> Self:
        """As it is shown."""
        year, shares = report.year, report.shares
        standing = {each: tickets_standing(report.counts, each) for each in Standing}
        return cls(
            number=year.number,
            starts_on=year.starts_at.astimezone(zone()).date(),
            last_day=(year.ends_at - timedelta(microseconds=1)).astimezone(zone()).date(),
            starts_at=year.starts_at,
            ends_at=year.ends_at,
            running=year.running,
            committed_percent=report.committed_percent,
            tickets=sum(standing.values()),
            counted=standing[Standing.counted],
            pending=standing[Standing.pending],
            left_out=standing[Standing.left_out],
            set_apart=standing[Standing.set_apart],
            share=ShareShown.of(shares.counted),
            with_left_out=ShareShown.of(shares.with_left_out),
            with_set_apart=ShareShown.of(shares.with_set_apart),
            with_both=ShareShown.of(shares.with_both),
            reasons=[
                *_reasons(report.counts, Standing.left_out, LeftOut),
                *_reasons(report.counts, Standing.set_apart, SetApart),
            ],
        )


class ComplianceShown(BaseModel):
    """The committed share of tickets, year by year, and what defines it."""

    as_of: datetime
    definition: list[Definition] = Field(max_length=len(DEFINED_BY))
    years: list[YearShown] = Field(max_length=MAX_YEARS)
    outside: Number = Field(
        description="Tickets of no year: registered by what was known before a change of plan was heard of."
    )

    @classmethod
    def of(cls, found: Compliance) -> Self:
        """As it is shown."""
        definition = [Definition(clause=name, sentence=sentence(name)) for name in DEFINED_BY]
        years = [YearShown.of(report) for report in found.years]
        return cls(as_of=found.as_of, definition=definition, years=years, outside=found.outside)


class ComplianceLineShown(BaseModel):
    """A support ticket's take-charge, and where it stands in the share of its year."""

    ticket_id: UUID
    reference: Reference
    plan: SupportPlan
    registered_at: datetime
    due_at: datetime
    taken_in_charge_at: datetime | None
    limit_open_seconds: int = Field(examples=[28_800])
    elapsed_open_seconds: int = Field(
        examples=[3_600], description="To the take-charge, or until now; of its plan's own hours."
    )
    verdict: Verdict
    standing: Standing
    reason: LeftOut | SetApart | None = Field(description="Why it is left out or set apart.")
    explanation: Explanation | None

    @classmethod
    def of(cls, line: ComplianceLine) -> Self:
        """As it is shown."""
        return cls.model_validate(
            {
                "ticket_id": line.ticket_id,
                "reference": line.reference,
                "plan": line.plan,
                "registered_at": line.registered_at,
                "due_at": line.due_at,
                "taken_in_charge_at": line.taken_in_charge_at,
                "limit_open_seconds": line.limit_seconds,
                "elapsed_open_seconds": line.elapsed_seconds,
                "verdict": line.verdict,
                "standing": line.standing,
                "reason": line.reason,
                "explanation": line.explanation,
            }
        )


def _reasons(
    counts: tuple[Count, ...], standing: Standing, reasons: type[LeftOut] | type[SetApart]
) -> list[ReasonShown]:
    shown = []
    for reason in reasons:
        of = {
            verdict: sum(
                one.tickets
                for one in counts
                if one.verdict is verdict and reason in (one.left_out, one.set_apart)
            )
            for verdict in Verdict
        }
        if any(of.values()):
            kept, missed, running = (of[each] for each in (Verdict.kept, Verdict.missed, Verdict.running))
            shown.append(
                ReasonShown(standing=standing, reason=reason, kept=kept, missed=missed, running=running)
            )
    return shown
