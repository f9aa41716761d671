"""A line of history as a row: what was and what became, as JSON."""

from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Row

from services.availability.model.records import Change


def columns_of(change: Change) -> dict[str, Any]:
    """The parameters of an INSERT."""
    return asdict(change) | {"before": json_of(change.before), "after": json_of(change.after)}


def change_of(row: Row[Any]) -> Change:
    """The line that a row holds."""
    return Change(row.at, row.by, row.change, row.reason, row.before, row.after)


def json_of(told: dict[str, Any] | None) -> str | None:
    """Ids, instants and words as JSON."""
    return None if told is None else orjson.dumps(told).decode()
