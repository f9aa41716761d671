"""What all tables share: where they are registered, and a column for an instant."""

from sqlalchemy import Column, DateTime, MetaData

METADATA = MetaData()


def instant(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[object]:
    """A column of instants, in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable, primary_key=primary_key)
