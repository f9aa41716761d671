"""What availability was told of customers and of the catalogue."""

from sqlalchemy import Column, Date, Table, Text, Uuid

from services.availability.tables.columns import METADATA, instant

CUSTOMER = Table(
    "customer",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    instant("registered_at"),
    Column("contract_starts_on", Date, nullable=False),
    Column("contract_last_day", Date),
)
"""`contract_last_day` is null while the contract is renewed."""

OFFERING = Table(
    "offering",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("ends_on", Date),
)

SUBSCRIPTION = Table(
    "subscription",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("activation_id", Uuid, primary_key=True),
    Column("offering_code", Text, nullable=False),
    instant("activated_at", nullable=True),
    instant("deactivated_at", nullable=True),
)
"""Which services a customer has in use, by activation: whom an outage of one of them touches."""
