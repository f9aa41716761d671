"""What tables share: where they are registered, a column for an instant, and the history of a record."""

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData()


def instant(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[object]:
    """A column of instants, in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable, primary_key=primary_key)


def history_of(record: str) -> Table:
    """The table of what was done to records of a kind: by whom, when and why, and what differs."""
    record_id = f"{record}_id"
    return Table(
        f"{record}_history",
        METADATA,
        Column(record_id, Uuid, primary_key=True),
        Column("seq", Integer, primary_key=True),
        instant("at"),
        Column("by", Uuid),
        Column("change", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("before", JSONB(none_as_null=True)),
        Column("after", JSONB(none_as_null=True)),
        ForeignKeyConstraint([record_id], [f"{record}.{record_id}"], name=f"{record}_history_of"),
    )
