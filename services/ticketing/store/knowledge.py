"""Articles, their search in French, and readers' opinions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from chassis.markdown import plain
from services.ticketing.model.knowledge import (
    Article,
    ArticleState,
    ArticleText,
    Hit,
    Opinion,
    Reception,
    Revision,
)
from services.ticketing.rules.knowledge import searchable

ALIKE = 0.45
"""How much of what was asked a question resembles, for a hit where no word was found: pg_trgm's measure."""

_OPERATORS = re.compile(r'"|(^|\s)-')
_COLUMNS = (
    "article.article_id, article.product, article.question, article.answer, article.keywords, article.state,"
    " article.written_at, article.written_by, article.published_at, article.revision"
)
_RECEPTION = """
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE helpful) AS helpful, count(*) FILTER (WHERE NOT helpful) AS not_helpful
        FROM article_opinion WHERE article_opinion.article_id = article.article_id
    ) AS reception ON true
"""
_INSERT = text("""
    INSERT INTO article (article_id, product, question, answer, plain, keywords, state, written_at,
                         written_by, published_at, revision, words)
    VALUES (:article_id, :product, :question, :answer, :plain, CAST(:keywords AS text[]), :state, :written_at,
            :written_by, :published_at, :revision,
            setweight(french_words(:question_words), 'A') || setweight(french_words(:answer_words), 'C'))
    ON CONFLICT (article_id) DO UPDATE SET product = excluded.product, question = excluded.question,
        answer = excluded.answer, plain = excluded.plain, keywords = excluded.keywords,
        state = excluded.state, written_at = excluded.written_at, written_by = excluded.written_by,
        published_at = excluded.published_at, revision = excluded.revision, words = excluded.words
""")
_INSERT_REVISION = text("""
    INSERT INTO article_revision (article_id, revision, product, question, answer, keywords, state, at, by)
    VALUES (:article_id, :revision, :product, :question, :answer, CAST(:keywords AS text[]), :state,
            :written_at, :written_by)
""")
_FIND = text(f"""
    SELECT {_COLUMNS}, '' AS excerpt, reception.* FROM article {_RECEPTION} WHERE article_id = :article_id
""")  # noqa: S608
_LOCK = text(f"SELECT {_COLUMNS} FROM article WHERE article_id = :article_id FOR UPDATE")  # noqa: S608
_LIST = text(f"""
    SELECT {_COLUMNS}, '' AS excerpt, reception.* FROM article {_RECEPTION}
    WHERE (CAST(:state AS text) IS NULL OR state = :state)
      AND (CAST(:product AS text) IS NULL OR product = :product)
      AND article.article_id > :after
    ORDER BY article.article_id LIMIT :limit
""")  # noqa: S608
_EXCERPT = """ts_headline('french', article.plain, asked.question,
    'StartSel=«, StopSel=», MaxFragments=1, MaxWords=32, MinWords=12, FragmentDelimiter=…')"""
_SEARCH = text(f"""
    WITH asked AS (SELECT french_question(:asked) AS question)
    SELECT {_COLUMNS}, {_EXCERPT} AS excerpt, reception.*
    FROM asked, article {_RECEPTION}
    WHERE article.words @@ asked.question AND state = 'published'
      AND (CAST(:product AS text) IS NULL OR product IS NULL OR product = :product)
    ORDER BY ts_rank_cd(article.words, asked.question, 1) DESC, article.article_id LIMIT :limit
""")  # noqa: S608
_ALIKE = text(f"""
    SELECT {_COLUMNS}, left(article.plain, 200) AS excerpt, reception.*
    FROM article {_RECEPTION}
    WHERE state = 'published' AND word_similarity(unaccent(:asked), unaccent(question)) >= :alike
      AND (CAST(:product AS text) IS NULL OR product IS NULL OR product = :product)
    ORDER BY word_similarity(unaccent(:asked), unaccent(question)) DESC, article.article_id LIMIT :limit
""")  # noqa: S608
# A word counts the more the fewer articles have it; in a question or keyword more than in an answer.
_SUGGEST = text(f"""
    WITH asked AS (
        SELECT replace(plainto_tsquery('french', :written)::text, '&', '|') AS stemmed,
               replace(plainto_tsquery('french', unaccent(:written))::text, '&', '|') AS folded
    ), wanted AS (
        SELECT unaccent(stemmed)::tsquery || folded::tsquery AS words FROM asked
    ), lexemes AS (
        SELECT DISTINCT lexeme FROM unnest(french_words(:written))
    ), met AS (
        SELECT article.article_id, word.lexeme, 'A' = ANY(word.weights) AS in_question
        FROM wanted, article CROSS JOIN LATERAL unnest(article.words) AS word JOIN lexemes USING (lexeme)
        WHERE article.words @@ wanted.words AND article.state = 'published'
          AND (CAST(:product AS text) IS NULL OR article.product IS NULL OR article.product = :product)
    ), rarity AS (
        SELECT lexeme, ln(1 + published.articles::float / count(*)) AS of
        FROM met, (SELECT count(*) AS articles FROM article WHERE state = 'published') AS published
        GROUP BY lexeme, published.articles
    ), scored AS (
        SELECT article_id, sum(rarity.of * CASE WHEN in_question THEN 1.0 ELSE 0.4 END) AS score
        FROM met JOIN rarity USING (lexeme) GROUP BY article_id
        HAVING bool_or(in_question) OR count(*) >= 3
    )
    SELECT {_COLUMNS}, left(article.plain, 200) AS excerpt, reception.*
    FROM scored JOIN article USING (article_id) {_RECEPTION}
    ORDER BY score * CASE WHEN article.product = :product THEN 1.5 ELSE 1.0 END DESC, article_id LIMIT :limit
""")  # noqa: S608
_REVISIONS = text("""
    SELECT revision, product, question, answer, keywords, state, at, by FROM article_revision
    WHERE article_id = :article_id AND revision < :before ORDER BY revision DESC LIMIT :limit
""")
_OPINE = text("""
    INSERT INTO article_opinion (customer_id, article_id, person_id, helpful, remark, revision, given_at)
    VALUES (:customer_id, :article_id, :person_id, :helpful, :remark, :revision, :given_at)
    ON CONFLICT (customer_id, article_id, person_id) DO UPDATE SET helpful = excluded.helpful,
        remark = excluded.remark, revision = excluded.revision, given_at = excluded.given_at
""")
_OPINIONS = text("""
    SELECT customer_id, article_id, person_id, helpful, remark, revision, given_at FROM article_opinion
    WHERE article_id = :article_id AND (given_at, person_id) < (:before, :person_id)
    ORDER BY given_at DESC, person_id DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles are listed: those of a state and a product; None takes any."""

    state: ArticleState | None
    product: str | None


async def find_article(tx: Tx, article_id: UUID) -> Hit | None:
    """The article in whatever state, and how it was received, as far as the caller's scope sees opinions."""
    row = await tx.fetch_one(_FIND, {"article_id": article_id})
    return _hit(row) if row else None


async def lock_article(tx: Tx, article_id: UUID) -> Article | None:
    """The article, kept from every other change until this transaction ends."""
    row = await tx.fetch_one(_LOCK, {"article_id": article_id})
    return _article(row) if row else None


async def list_articles(tx: Tx, wanted: Wanted, after: UUID, limit: int) -> list[Hit]:
    """Articles in order of their ids, those after `after`."""
    rows = await tx.fetch_all(
        _LIST, {"state": wanted.state, "product": wanted.product, "after": after, "limit": limit}
    )
    return [_hit(row) for row in rows]


async def search(tx: Tx, asked: str, product: str | None, limit: int) -> list[Hit]:
    """Published articles that have every word asked for, in any of its French forms, with or without accents;
    where there are none, those whose question looks alike, for what was mistyped. Best first.

    `asked` may quote a phrase, exclude with `-` and join with `or`, as web searches do.
    """
    words = searchable(asked)
    told = {"asked": words, "product": product, "limit": limit}
    rows = await tx.fetch_all(_SEARCH, told)
    if not rows and not _OPERATORS.search(words):
        rows = await tx.fetch_all(_ALIKE, told | {"alike": ALIKE})
    return [_hit(row) for row in rows]


async def suggest(tx: Tx, written: str, product: str | None, limit: int) -> list[Hit]:
    """Published articles that share the rarest words with what is being written, best first."""
    rows = await tx.fetch_all(_SUGGEST, {"written": searchable(written), "product": product, "limit": limit})
    return [_hit(row) for row in rows]


async def save_article(tx: Tx, article: Article) -> None:
    """The article as it now stands, and this text among its revisions."""
    told = _parameters(article)
    await tx.execute(_INSERT, told)
    await tx.execute(_INSERT_REVISION, told)


async def list_revisions(tx: Tx, article_id: UUID, before: int, limit: int) -> list[Revision]:
    """What the article said, the latest first."""
    rows = await tx.fetch_all(_REVISIONS, {"article_id": article_id, "before": before, "limit": limit})
    return [Revision(row.revision, _text(row), ArticleState(row.state), row.at, row.by) for row in rows]


async def save_opinion(tx: Tx, opinion: Opinion) -> None:
    """This reader's opinion; it replaces the one it gave before."""
    await tx.execute(
        _OPINE,
        {
            "customer_id": opinion.customer_id,
            "article_id": opinion.article_id,
            "person_id": opinion.person_id,
            "helpful": opinion.helpful,
            "remark": opinion.remark,
            "revision": opinion.revision,
            "given_at": opinion.given_at,
        },
    )


async def list_opinions(tx: Tx, article_id: UUID, before: tuple[Any, UUID], limit: int) -> Sequence[Opinion]:
    """What readers think of the article, the latest first; `before` is an instant and a person."""
    instant, person_id = before
    rows = await tx.fetch_all(
        _OPINIONS, {"article_id": article_id, "before": instant, "person_id": person_id, "limit": limit}
    )
    return [Opinion(*tuple(row)) for row in rows]


def _parameters(article: Article) -> dict[str, Any]:
    text = plain(article.text.answer)
    return {
        "article_id": article.article_id,
        "product": article.text.product,
        "question": article.text.question,
        "answer": article.text.answer,
        "plain": text,
        "keywords": list(article.text.keywords),
        "question_words": searchable(" ".join([article.text.question, *article.text.keywords])),
        "answer_words": searchable(text),
        "state": article.state.value,
        "written_at": article.written_at,
        "written_by": article.written_by,
        "published_at": article.published_at,
        "revision": article.revision,
    }


def _text(row: Row[Any]) -> ArticleText:
    return ArticleText(row.question, row.answer, row.product, tuple(row.keywords))


def _article(row: Row[Any]) -> Article:
    return Article(
        row.article_id,
        _text(row),
        ArticleState(row.state),
        row.written_at,
        row.written_by,
        row.published_at,
        row.revision,
    )


def _hit(row: Row[Any]) -> Hit:
    return Hit(_article(row), row.excerpt, Reception(row.helpful, row.not_helpful))
