"""The support's agents: who they are for each other, and which queues they serve, in their own order."""

from sqlalchemy import Boolean, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from services.ticketing.tables.columns import METADATA, instant

AGENT = Table(
    "agent",
    METADATA,
    Column("person_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("queues", ARRAY(Text), nullable=False),
    Column("present", Boolean, nullable=False),
    instant("changed_at"),
)
"""No queues: all of them."""
