"""A record as its history and the audit trail tell it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.audit import differing
from services.availability.model.records import (
    Change,
    ExclusionRecord,
    MaintenanceRecord,
    OutageRecord,
)

Record = OutageRecord | ExclusionRecord | MaintenanceRecord


def told(record: Record) -> dict[str, Any]:
    """The fields of a record but for its revision; ids and instants as text, those in UTC."""
    return {name: _plain(value) for name, value in asdict(record).items() if name != "revision"}


def change_between(
    before: Record, after: Record, change: str, reason: str, by: UUID | None, now: datetime
) -> Change:
    """The line of history that says what differs."""
    was, became = differing(told(before), told(after))
    return Change(now, by, change, reason, dict(was or {}), dict(became or {}))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value
