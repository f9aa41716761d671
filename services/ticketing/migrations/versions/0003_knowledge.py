"""The knowledge base: articles, their search, what readers said of them.

French is searched twice. `french` stems words with their accents, which are folded only then: a word that was
folded first is not recognised as a verb. The folded text finds what was typed without accents.
"""

from alembic import op

from chassis.db import tenant_policy

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE FUNCTION french_words(written text) RETURNS tsvector
    LANGUAGE sql STABLE PARALLEL SAFE RETURN
        unaccent(to_tsvector('french', written)::text)::tsvector || to_tsvector('french', unaccent(written))
    """,
    """
    CREATE FUNCTION french_question(asked text) RETURNS tsquery
    LANGUAGE sql STABLE PARALLEL SAFE RETURN
        unaccent(websearch_to_tsquery('french', asked)::text)::tsquery
        || websearch_to_tsquery('french', unaccent(asked))
    """,
    """
    CREATE TABLE article (
        article_id uuid NOT NULL,
        product text,
        question text NOT NULL,
        answer text NOT NULL,
        plain text NOT NULL,
        keywords text[] NOT NULL,
        state text NOT NULL,
        written_at timestamptz NOT NULL,
        written_by uuid NOT NULL,
        published_at timestamptz,
        revision integer NOT NULL,
        words tsvector NOT NULL,
        PRIMARY KEY (article_id),
        CONSTRAINT article_state CHECK (state IN ('draft', 'published', 'retired'))
    )
    """,
    "CREATE INDEX article_words ON article USING gin (words)",
    "CREATE INDEX article_published ON article (article_id) WHERE state = 'published'",
    """
    CREATE TABLE article_revision (
        article_id uuid NOT NULL,
        revision integer NOT NULL,
        product text,
        question text NOT NULL,
        answer text NOT NULL,
        keywords text[] NOT NULL,
        state text NOT NULL,
        at timestamptz NOT NULL,
        by uuid NOT NULL,
        PRIMARY KEY (article_id, revision),
        CONSTRAINT article_revision_of FOREIGN KEY (article_id) REFERENCES article (article_id)
    )
    """,
    """
    CREATE TABLE article_opinion (
        customer_id uuid NOT NULL,
        article_id uuid NOT NULL,
        person_id uuid NOT NULL,
        helpful boolean NOT NULL,
        remark text NOT NULL,
        revision integer NOT NULL,
        given_at timestamptz NOT NULL,
        PRIMARY KEY (customer_id, article_id, person_id),
        CONSTRAINT article_opinion_of FOREIGN KEY (article_id) REFERENCES article (article_id)
    )
    """,
    "CREATE INDEX article_opinion_by_article ON article_opinion (article_id, given_at)",
    *tenant_policy("article_opinion"),
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
