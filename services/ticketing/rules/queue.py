"""In which order what waits is served, and who may pass a ticket on."""

from datetime import UTC, datetime
from uuid import UUID

from services.ticketing.model.queue import Waiting
from services.ticketing.model.tickets import SupportPlan
from services.ticketing.refusals.queue import TicketAssigned, TicketNotYours

_LAST = datetime.max.replace(tzinfo=UTC)

Place = tuple[int, datetime, datetime, UUID]


def goes_before(one: Waiting, other: Waiting) -> bool:
    """13.9-a: private calls go first on their product's line, in order of arrival; all others by the nearest
    due instant of their clocks, those without a clock last, in order of arrival.
    """
    return _place(one) < _place(other)


def _place(waiting: Waiting) -> Place:
    """The smaller goes first."""
    if waiting.plan is SupportPlan.private:
        return (0, waiting.registered_at, waiting.registered_at, waiting.ticket_id)
    return (1, waiting.nearest_due_at or _LAST, waiting.registered_at, waiting.ticket_id)


def may_assign(assigned_to: UUID | None, by: UUID, *, is_administrator: bool) -> None:
    """An agent takes what nobody has; what another has, an administrator alone gives to somebody else."""
    if assigned_to is not None and assigned_to != by and not is_administrator:
        raise TicketAssigned


def may_hand_over(assigned_to: UUID | None, by: UUID, *, is_administrator: bool) -> None:
    """Who has a ticket hands it over, or an administrator does."""
    if assigned_to != by and not is_administrator:
        raise TicketNotYours
