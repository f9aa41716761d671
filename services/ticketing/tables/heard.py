"""What ticketing was told of customers, their plans and companies, and of the products one may ask about."""

from sqlalchemy import Column, Date, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from services.ticketing.tables.columns import METADATA, instant

CUSTOMER = Table(
    "customer",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    instant("registered_at"),
    Column("contract_starts_on", Date, nullable=False),
    Column("contract_last_day", Date),
)

PLAN_PERIOD = Table(
    "plan_period",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("since", instant("since").type, primary_key=True),
    Column("plan", Text, nullable=False),
)
"""A customer's support plan from `since` on, until the next one's."""

COMPANY = Table(
    "company",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("company_id", Uuid, primary_key=True),
    Column("siret", Text),
    Column("name", Text),
)

PRODUCT = Table(
    "product",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("essential_features", ARRAY(Text), nullable=False),
    Column("stricter_terms", ARRAY(Text), nullable=False),
    Column("ends_on", Date),
)
"""The services of the publisher's catalogue; one queue each."""
