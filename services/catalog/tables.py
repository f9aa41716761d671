"""The catalogue's tables. Those of a tenant begin their keys with the customer; none refers to what
another service owns, since its events come in any order between keys.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

METADATA = MetaData()


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


OFFERING = Table(
    "offering",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("essential_features", ARRAY(Text), nullable=False),
    Column("collaborative", Boolean, nullable=False),
    Column("confirmation_needed", Boolean, nullable=False),
    _instant("published_at"),
    Column("published_by", Uuid, nullable=False),
    _instant("edited_at", nullable=True),
    Column("edited_by", Uuid),
    _instant("withdrawn_at", nullable=True),
    Column("withdrawn_by", Uuid),
    Column("ends_on", Date),
    _instant("ends_at", nullable=True),
    _instant("ended_at", nullable=True),
    Column("revision", Integer, nullable=False),
    CheckConstraint("(withdrawn_at IS NULL) = (ends_on IS NULL)", name="withdrawn_with_its_end"),
    Index("offering_due_to_end", "ends_at", postgresql_where=text("ended_at IS NULL")),
)

OFFERING_TERMS = Table(
    "offering_terms",
    METADATA,
    Column("offering_code", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("in_force", Boolean, nullable=False),
    _instant("published_at"),
    ForeignKeyConstraint(["offering_code"], ["offering.code"], name="offering_terms_offering_code_fkey"),
    Index("offering_terms_in_force", "offering_code", "kind", unique=True, postgresql_where=text("in_force")),
)

CUSTOMER = Table(
    "customer",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    _instant("registered_at"),
)

COMPANY = Table(
    "company",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("company_id", Uuid, primary_key=True),
    Column("siret", Text),
    Column("name", Text),
    _instant("registered_at", nullable=True),
    _instant("activated_at", nullable=True),
    _instant("deactivated_at", nullable=True),
)

ACCESS_RIGHTS = Table(
    "access_rights",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("company_id", Uuid, primary_key=True),
    Column("offering_codes", ARRAY(Text), nullable=False),
    _instant("changed_at"),
)

PORTAL_SELECTION = Table(
    "portal_selection",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("offering_codes", ARRAY(Text), nullable=False),
    Column("revision", Integer, nullable=False),
    _instant("changed_at"),
    Column("changed_by", Uuid, nullable=False),
)

ACKNOWLEDGEMENT = Table(
    "acknowledgement",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("offering_code", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    _instant("acknowledged_at"),
    Column("acknowledged_by", Uuid, nullable=False),
    ForeignKeyConstraint(
        ["offering_code", "kind", "version"],
        ["offering_terms.offering_code", "offering_terms.kind", "offering_terms.version"],
        name="acknowledgement_terms_fkey",
    ),
)

DEMONSTRATION = Table(
    "demonstration",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    _instant("ended_at"),
    Column("offering_code", Text, nullable=False),
    Column("company_id", Uuid),
)

ACTIVATION = Table(
    "activation",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("activation_id", Uuid, primary_key=True),
    Column("company_id", Uuid),
    Column("offering_code", Text, nullable=False),
    _instant("activated_at"),
    Column("activated_by", Uuid, nullable=False),
    _instant("requested_at", nullable=True),
    Column("requested_by", Uuid),
    Column("confirmed_by", Uuid),
    _instant("deactivated_at", nullable=True),
    ForeignKeyConstraint(["offering_code"], ["offering.code"], name="activation_offering_code_fkey"),
    CheckConstraint("deactivated_at >= activated_at", name="activation_ends_after_it_began"),
    Index(
        "activation_live",
        "customer_id",
        "company_id",
        "offering_code",
        unique=True,
        postgresql_where=text("deactivated_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    ),
    Index("activation_by_offering", "offering_code", postgresql_where=text("deactivated_at IS NULL")),
    Index(
        "activation_to_confirm",
        "requested_at",
        "activation_id",
        postgresql_where=text("requested_at IS NOT NULL AND deactivated_at IS NULL"),
    ),
)
