"""What the publisher writes in the knowledge base (13.4-a)."""

from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from services.ticketing.model.knowledge import Article, ArticleState, ArticleText
from services.ticketing.refusals.knowledge import ArticleUnknown
from services.ticketing.refusals.tickets import ProductUnknown
from services.ticketing.rules.knowledge import moved, rewritten
from services.ticketing.store import knowledge
from services.ticketing.store.heard import find_product


async def write(tx: Tx, text: ArticleText, by: UUID, now: datetime) -> Article:
    """A new article, a draft until it is published."""
    await _require_product(tx, text)
    article = Article(uuid4(), text, ArticleState.draft, now, by)
    await knowledge.save_article(tx, article)
    return article


async def find_to_edit(tx: Tx, article_id: UUID) -> Article:
    """The article, locked, so that its revision can be compared before it is edited."""
    article = await knowledge.lock_article(tx, article_id)
    if article is None:
        raise ArticleUnknown
    return article


async def rewrite(tx: Tx, article: Article, text: ArticleText, by: UUID, now: datetime) -> Article:
    """Another text, at once in the readers' sight where the article is published."""
    await _require_product(tx, text)
    edited = rewritten(article, text, by, now)
    await knowledge.save_article(tx, edited)
    return edited


async def move(tx: Tx, article: Article, state: ArticleState, by: UUID, now: datetime) -> Article:
    """Publishes an article, or retires it."""
    edited = moved(article, state, by, now)
    await knowledge.save_article(tx, edited)
    return edited


async def _require_product(tx: Tx, text: ArticleText) -> None:
    if text.product is not None and await find_product(tx, text.product) is None:
        raise ProductUnknown(detail=text.product)
