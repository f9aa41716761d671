"""From the record to its HTTP shapes."""

from dataclasses import asdict
from datetime import datetime

from services.availability.model.rates import ExclusionKind
from services.availability.model.records import (
    Change,
    Evidence,
    ExclusionRecord,
    MaintenanceRecord,
    OutageRecord,
)
from services.availability.rules.exclusion_record import seconds_left_out
from services.availability.rules.exclusions import counts
from services.availability.rules.maintenance_record import overrun
from services.availability.rules.outages import makes_unavailability
from services.availability.schemas.exclusions import ExclusionShown
from services.availability.schemas.fields import HistoryLine
from services.availability.schemas.maintenance import MaintenanceShown, OverrunShown
from services.availability.schemas.outages import EvidenceShown, OutageOnRecord, OutageShown

IN_WINDOW = "The maintenance window lies outside the reference period: inside it this leaves nothing out."
NOT_PRODUCTION = "Only production counts for the rate: this leaves nothing out."


def outage_shown(outage: OutageRecord) -> OutageShown:
    """An outage, as those it touches read it."""
    return OutageShown.model_validate(outage_on_record(outage), extra="ignore")


def outage_on_record(outage: OutageRecord) -> OutageOnRecord:
    """An outage, as the publisher's staff reads it."""
    return OutageOnRecord(
        **asdict(outage),
        scope="all" if outage.customers is None else "some",
        counts=makes_unavailability(outage),
    )


def evidence_shown(evidence: Evidence) -> EvidenceShown:
    """A piece of evidence with its number."""
    return EvidenceShown(number=evidence.seq, at=evidence.at, kind=evidence.kind, content=evidence.content)


def exclusion_shown(exclusion: ExclusionRecord, now: datetime) -> ExclusionShown:
    """An exclusion, and how much of the reference period it leaves out until now."""
    return ExclusionShown(
        **asdict(exclusion),
        scope="all" if exclusion.customers is None else "some",
        reference_seconds=seconds_left_out(exclusion, now),
        remark=_remark(exclusion),
    )


def _remark(exclusion: ExclusionRecord) -> str | None:
    if not counts(exclusion.environment):
        return NOT_PRODUCTION
    return IN_WINDOW if exclusion.kind is ExclusionKind.maintenance_window else None


def maintenance_shown(maintenance: MaintenanceRecord, now: datetime) -> MaintenanceShown:
    """Maintenance, and how long it went on after its announced end."""
    over = overrun(maintenance, now)
    return MaintenanceShown(
        **asdict(maintenance), overrun=None if over is None else OverrunShown.model_validate(over)
    )


def history_line(numbered: tuple[int, Change]) -> HistoryLine:
    """A line of a record's history with its number."""
    number, change = numbered
    return HistoryLine(number=number, **asdict(change))
