"""Metering's tables: facts as they were heard, each written once. Nothing here refers to another row,
since facts of different producers, and of different keys, come in any order."""

from sqlalchemy import Boolean, Column, DateTime, Index, MetaData, Table, Text, Uuid

METADATA = MetaData()

CUSTOMER_FACT = Table(
    "customer_fact",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("name", Text),
    Column("registered_at", DateTime(timezone=True)),
    Column("demonstration_ended_at", DateTime(timezone=True)),
)

COMPANY_FACT = Table(
    "company_fact",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("company_id", Uuid, primary_key=True),
    Column("siret", Text),
    Column("name", Text),
    Column("credential_given_at", DateTime(timezone=True)),
)

COMPANY_CHANGE = Table(
    "company_change",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("company_id", Uuid, primary_key=True),
    Column("active", Boolean, primary_key=True),
    Column("changed_at", DateTime(timezone=True), primary_key=True),
)

SERVICE_FACT = Table(
    "service_fact",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("activation_id", Uuid, primary_key=True),
    Column("company_id", Uuid),
    Column("offering_code", Text, nullable=False),
    Column("activated_at", DateTime(timezone=True)),
    Column("deactivated_at", DateTime(timezone=True)),
    Index("service_fact_by_offering", "customer_id", "offering_code"),
)

OFFERING_FACT = Table(
    "offering_fact",
    METADATA,
    Column("offering_code", Text, primary_key=True),
    Column("name", Text, nullable=False),
)
