"""The tables of tenancy, for the statements of the store. Keys and policies are in the migrations.

Every tenant table begins with `customer_id`. `signing_key`, `attempt` and `import_due` are the machine's:
they hold nothing of a tenant but an id.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
)

metadata = MetaData()
_Instant = DateTime(timezone=True)

portal = Table(
    "portal",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("address", String),
)

customer = Table(
    "customer",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("kind", String),
    Column("name", String),
    Column("siret", String),
    Column("vat", String),
    Column("street", String),
    Column("postcode", String),
    Column("city", String),
    Column("country", String),
    Column("support_plan", String),
    Column("support_starts_on", Date),
    Column("contract_starts_on", Date),
    Column("term_months", Integer),
    Column("professional_use_at", _Instant),
    Column("professional_use_by", Uuid),
    Column("registered_at", _Instant),
    Column("version", Integer),
)

company = Table(
    "company",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("company_id", Uuid, primary_key=True),
    Column("siret", String),
    Column("name", String),
    Column("trade_name", String),
    Column("activity_code", String),
    Column("street", String),
    Column("postcode", String),
    Column("city", String),
    Column("search", String),
    Column("state", String),
    Column("registered_at", _Instant),
    Column("activated_at", _Instant),
    Column("deactivated_at", _Instant),
    Column("version", Integer),
)

person = Table(
    "person",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("company_id", Uuid),
    Column("role", String),
    Column("name", String),
    Column("mail", String),
    Column("added_at", _Instant),
)

credential = Table(
    "credential",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("credential_id", Uuid, primary_key=True),
    Column("person_id", Uuid),
    Column("company_id", Uuid),
    Column("identifier", String),
    Column("folded", String),
    Column("secret_kind", String),
    Column("secret_hash", String),
    Column("secret_expires_at", _Instant),
    Column("issued_at", _Instant),
    Column("issued_by", Uuid),
    Column("given_at", _Instant),
    Column("last_used_at", _Instant),
    Column("disabled_at", _Instant),
    Column("disabled_by", Uuid),
    Column("disabled_reason", String),
)

session = Table(
    "session",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("token_hash", LargeBinary, primary_key=True),
    Column("credential_id", Uuid),
    Column("started_at", _Instant),
    Column("expires_at", _Instant),
    Column("ended_at", _Instant),
    Column("address", String),
)

import_job = Table(
    "import_job",
    metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("import_id", Uuid, primary_key=True),
    Column("file_name", String),
    Column("content", LargeBinary),
    Column("mapping", JSON),
    Column("dry_run", Boolean),
    Column("repair", Boolean),
    Column("activate", Boolean),
    Column("state", String),
    Column("fault", String),
    Column("columns", JSON),
    Column("lines", Integer),
    Column("applied", Integer),
    Column("received_at", _Instant),
    Column("received_by", Uuid),
    Column("ended_at", _Instant),
)
