"""What the weather last said: one row, which every export takes the newest state from."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.availability.tables.columns import METADATA, instant

WEATHER = Table(
    "weather",
    METADATA,
    Column("one", Boolean, primary_key=True),
    Column("number", BigInteger, nullable=False),
    instant("told_at"),
    instant("changed_at"),
    Column("digest", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    CheckConstraint("one", name="weather_is_one"),
)
"""`told_at` and `changed_at` are real time: when it was told, since when it says the same (by `digest`)."""
