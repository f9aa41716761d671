"""What was changed on record, as the audit trail has it."""

from uuid import UUID

from chassis.unit import UnitOfWork
from services.availability.commands.told import Record, told


async def audit_change(
    work: UnitOfWork, action: str, record_id: UUID, before: Record, after: Record, reason: str = ""
) -> None:
    """A line for a record that stands otherwise than before, with the reason if one was given."""
    details = {"reason": reason} if reason else None
    await work.audit(action, subject=record_id, before=told(before), after=told(after), details=details)
