"""The knowledge base: the publisher writes, every customer reads, whatever its plan (13.4-a)."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.auth import FIRM_ROLES, PUBLISHER_ROLES, Caller, Role, allowed
from chassis.idempotency import IdempotentRoute
from chassis.markdown import rendered
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, Work
from services.ticketing.api.permissions import Agent, CustomerPeople, StaffReader, own_customer
from services.ticketing.commands import knowledge as commands
from services.ticketing.model.knowledge import Article, ArticleState, Hit, Opinion, Revision
from services.ticketing.refusals.knowledge import ArticleUnknown
from services.ticketing.rules.knowledge import may_read
from services.ticketing.schemas import knowledge as schemas
from services.ticketing.store import knowledge as store

creating = APIRouter(tags=["knowledge base"], route_class=IdempotentRoute)
router = APIRouter(tags=["knowledge base"])
ROUTERS = [creating, router]

Reader = Annotated[Caller, allowed(*PUBLISHER_ROLES, *FIRM_ROLES, Role.partner, scope="knowledge:read")]
Product = Annotated[schemas.Product | None, Query(description="Of this product, or of the whole portal.")]
Limit = Annotated[int, Query(ge=1, le=schemas.MAX_FOUND, description="How many at most.")]
FIRST, LAST = UUID(int=0), (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


@creating.post("/knowledge/articles", status_code=201)
async def write_article(
    sent: schemas.NewArticle, work: Work, caller: Agent, response: Response
) -> schemas.ArticleShown:
    """Writes an article; it is a draft until it is published."""
    article = await commands.write(work.tx, sent.as_text(), caller.person_id, work.clock.business_now())
    await work.audit("write_article", subject=article.article_id)
    return await _shown(work, caller, article, response)


@router.get("/knowledge/articles")
async def list_articles(
    work: Read,
    caller: Reader,
    paging: Paging,
    product: Product = None,
    state: Annotated[
        ArticleState | None, Query(description="Of this state; customers see published.")
    ] = None,
) -> Page[schemas.ArticleListed]:
    """The articles there are; customers are shown the published ones."""
    wanted = store.Wanted(state if caller.is_publisher else ArticleState.published, product)
    after = paging.after(UUID) or (FIRST,)
    rows = await store.list_articles(work.tx, wanted, after[0], paging.rows)
    return page_of(rows, paging, lambda hit: _listed(hit, caller), lambda hit: [hit.article.article_id])


@router.get("/knowledge/search")
async def search_articles(
    work: Read,
    caller: Reader,
    query: Annotated[schemas.Asked, Query(description='Words, "a phrase", -without, or.')],
    product: Product = None,
    limit: Limit = 10,
) -> schemas.ArticlesFound:
    """Published articles with these words in any French form, accents or not; what is mistyped is guessed."""
    hits = await store.search(work.tx, query, product, limit)
    return schemas.ArticlesFound(items=[_listed(hit, caller) for hit in hits])


@router.post("/knowledge/suggestions")
async def suggest_articles(
    sent: schemas.BeingWritten, work: Read, caller: Reader, limit: Limit = 5
) -> schemas.ArticlesFound:
    """Articles that may answer what is being written, before it becomes a ticket. It keeps nothing."""
    written = f"{sent.subject} {sent.error_message} {sent.context}"
    hits = await store.suggest(work.tx, written, sent.product, limit)
    return schemas.ArticlesFound(items=[_listed(hit, caller) for hit in hits])


@router.get("/knowledge/articles/{article_id}")
async def read_article(
    article_id: UUID, work: Read, caller: Reader, response: Response
) -> schemas.ArticleShown:
    """One article; of those not published only the publisher knows."""
    hit = await _visible(work, caller, article_id)
    show_etag(response, hit.article.revision)
    return _read(hit, caller)


@router.put("/knowledge/articles/{article_id}")
async def rewrite_article(
    article_id: UUID, sent: schemas.NewArticle, work: Work, caller: Agent, seen: IfMatch, response: Response
) -> schemas.ArticleShown:
    """Another text; the one before stays on record."""
    article = await commands.find_to_edit(work.tx, article_id)
    seen.require(article.revision)
    now = work.clock.business_now()
    edited = await commands.rewrite(work.tx, article, sent.as_text(), caller.person_id, now)
    await work.audit("rewrite_article", subject=article_id, details={"revision": edited.revision})
    return await _shown(work, caller, edited, response)


@router.post("/knowledge/articles/{article_id}/publication")
async def publish_article(
    article_id: UUID, work: Work, caller: Agent, seen: IfMatch, response: Response
) -> schemas.ArticleShown:
    """Every customer reads it from now on."""
    return await _move(article_id, ArticleState.published, work, caller, seen, response)


@router.post("/knowledge/articles/{article_id}/retirement")
async def retire_article(
    article_id: UUID, work: Work, caller: Agent, seen: IfMatch, response: Response
) -> schemas.ArticleShown:
    """No customer reads it from now on; it can be published again."""
    return await _move(article_id, ArticleState.retired, work, caller, seen, response)


@router.get("/knowledge/articles/{article_id}/revisions")
async def list_article_revisions(
    article_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.RevisionShown]:
    """Every text that the article had, the latest first."""
    if await store.find_article(work.tx, article_id) is None:
        raise ArticleUnknown
    before = paging.after(int) or (2**31 - 1,)
    rows = await store.list_revisions(work.tx, article_id, min(before[0], 2**31 - 1), paging.rows)
    return page_of(rows, paging, _revision, lambda row: [row.revision])


@router.put("/knowledge/articles/{article_id}/opinion")
async def give_opinion(
    article_id: UUID, sent: schemas.NewOpinion, work: Work, caller: CustomerPeople
) -> schemas.OpinionShown:
    """Says whether a published article helped; a second opinion of the same person replaces the first."""
    hit = await _visible(work, caller, article_id)
    opinion = Opinion(
        customer_id=own_customer(caller),
        article_id=article_id,
        person_id=caller.person_id,
        helpful=sent.helpful,
        remark=sent.remark,
        revision=hit.article.revision,
        given_at=work.clock.business_now(),
    )
    await store.save_opinion(work.tx, opinion)
    return schemas.OpinionShown(
        helpful=opinion.helpful, remark=opinion.remark, revision=opinion.revision, given_at=opinion.given_at
    )


@router.get("/knowledge/articles/{article_id}/opinions")
async def list_opinions(
    article_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[schemas.OpinionListed]:
    """What readers think of an article, the latest first: so that it becomes better."""
    if await store.find_article(work.tx, article_id) is None:
        raise ArticleUnknown
    after = paging.after(datetime, UUID) or LAST
    rows = await store.list_opinions(work.tx, article_id, (after[0], after[1]), paging.rows)
    return page_of(rows, paging, _opinion, lambda row: [row.given_at, row.person_id])


async def _move(
    article_id: UUID, state: ArticleState, work: Work, caller: Agent, seen: IfMatch, response: Response
) -> schemas.ArticleShown:
    article = await commands.find_to_edit(work.tx, article_id)
    seen.require(article.revision)
    moved = await commands.move(work.tx, article, state, caller.person_id, work.clock.business_now())
    await work.audit(
        "publish_article" if state is ArticleState.published else "retire_article",
        subject=article_id,
        before={"state": article.state},
        after={"state": moved.state},
    )
    return await _shown(work, caller, moved, response)


async def _visible(work: Read, caller: Caller, article_id: UUID) -> Hit:
    hit = await store.find_article(work.tx, article_id)
    if hit is None:
        raise ArticleUnknown
    may_read(hit.article.state, is_publisher=caller.is_publisher)
    return hit


async def _shown(work: Work, caller: Caller, article: Article, response: Response) -> schemas.ArticleShown:
    show_etag(response, article.revision)
    return _read(await _visible(work, caller, article.article_id), caller)


def _listed(hit: Hit, caller: Caller) -> schemas.ArticleListed:
    article = hit.article
    return schemas.ArticleListed(
        article_id=article.article_id,
        question=article.text.question,
        product=article.text.product,
        state=article.state,
        excerpt=hit.excerpt,
        helpful=hit.reception.helpful if caller.is_publisher else None,
        not_helpful=hit.reception.not_helpful if caller.is_publisher else None,
        revision=article.revision,
        published_at=article.published_at,
    )


def _read(hit: Hit, caller: Caller) -> schemas.ArticleShown:
    text = hit.article.text
    return schemas.ArticleShown(
        **_listed(hit, caller).model_dump(),
        answer=text.answer,
        answer_html=rendered(text.answer),
        keywords=list(text.keywords),
        written_at=hit.article.written_at,
    )


def _revision(row: Revision) -> schemas.RevisionShown:
    return schemas.RevisionShown(
        question=row.text.question,
        answer=row.text.answer,
        product=row.text.product,
        keywords=list(row.text.keywords),
        revision=row.revision,
        state=row.state,
        written_at=row.at,
        written_by=row.by,
    )


def _opinion(row: Opinion) -> schemas.OpinionListed:
    return schemas.OpinionListed(
        helpful=row.helpful,
        remark=row.remark,
        revision=row.revision,
        given_at=row.given_at,
        customer_id=row.customer_id,
        person_id=row.person_id,
    )
