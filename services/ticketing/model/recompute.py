"""What is kept of a ticket beside its history, and where that says otherwise than the history does."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.ticketing.model.clocks import Pause
from services.ticketing.model.histories import ClockRow
from services.ticketing.model.tickets import HistoryEntry, Ticket


@dataclass(frozen=True, slots=True)
class Kept:
    """A ticket with everything that is stored of it."""

    ticket: Ticket
    history: tuple[HistoryEntry, ...]
    clocks: tuple[ClockRow, ...]
    waits: tuple[Pause, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one ticket; None on a side where a whole clock or wait is missing."""

    customer_id: UUID
    ticket_id: UUID
    reference: str
    field: str
    stored: Any
    recomputed: Any
