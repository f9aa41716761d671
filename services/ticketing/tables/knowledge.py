"""The knowledge base: articles are the publisher's, opinions of them the readers'."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from services.ticketing.tables.columns import METADATA, instant

ARTICLE = Table(
    "article",
    METADATA,
    Column("article_id", Uuid, primary_key=True),
    Column("product", Text),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("plain", Text, nullable=False),
    Column("keywords", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    instant("written_at"),
    Column("written_by", Uuid, nullable=False),
    instant("published_at", nullable=True),
    Column("revision", Integer, nullable=False),
    Column("words", TSVECTOR, nullable=False),
    CheckConstraint("state IN ('draft', 'published', 'retired')", name="article_state"),
    Index("article_words", "words", postgresql_using="gin"),
    Index("article_published", "article_id", postgresql_where=text("state = 'published'")),
)
"""`plain` is the answer without its Markdown, for excerpts; `words` what is searched: question and keywords
weigh A, the answer C."""

ARTICLE_REVISION = Table(
    "article_revision",
    METADATA,
    Column("article_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("product", Text),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("keywords", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    instant("at"),
    Column("by", Uuid, nullable=False),
    ForeignKeyConstraint(["article_id"], ["article.article_id"], name="article_revision_of"),
)
"""Every text an article ever had, the present one included."""

ARTICLE_OPINION = Table(
    "article_opinion",
    METADATA,
    Column("customer_id", Uuid, primary_key=True),
    Column("article_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("helpful", Boolean, nullable=False),
    Column("remark", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    instant("given_at"),
    ForeignKeyConstraint(["article_id"], ["article.article_id"], name="article_opinion_of"),
    Index("article_opinion_by_article", "article_id", "given_at"),
)
"""One opinion a person; `revision` is the text it was given on."""
