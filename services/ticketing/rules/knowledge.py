"""How an article of the knowledge base comes and goes, and what of a text is searched."""

from dataclasses import replace
from datetime import datetime
from unicodedata import category, normalize
from uuid import UUID

from services.ticketing.model.knowledge import Article, ArticleState, ArticleText
from services.ticketing.refusals.knowledge import ArticleStateRefused, ArticleUnknown

_APOSTROPHES, _QUOTES = "’‘‛‚ʼ′", "“”„«»"


def searchable(text: str) -> str:
    """13.4-a: a text as it is searched, and what is asked: words, parted by plain signs.

    The database takes every sign beyond ASCII for a letter: `l’échéance`, as telephones write it, would be
    one word, and its apostrophe, folded to a plain one, would end a quoted word too early.
    """
    return "".join(_sign(letter) for letter in normalize("NFKC", text.replace("´", "'")))


def _sign(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in _APOSTROPHES:
        return "'"
    if letter in _QUOTES:
        return '"'
    kind = category(letter)
    return letter if kind[0] in "LMN" and kind != "Lm" else " "


def rewritten(article: Article, text: ArticleText, by: UUID, now: datetime) -> Article:
    """Another text, in the state it was in; the one before stays on record as its own revision."""
    return replace(article, text=text, written_at=now, written_by=by, revision=article.revision + 1)


def moved(article: Article, state: ArticleState, by: UUID, now: datetime) -> Article:
    """Published, or taken out of the readers' sight. Raises ArticleStateRefused where it is so already."""
    wanted_from = {
        ArticleState.published: (ArticleState.draft, ArticleState.retired),
        ArticleState.retired: (ArticleState.published,),
    }
    if article.state not in wanted_from.get(state, ()):
        raise ArticleStateRefused(f"It is {article.state}, and cannot become {state}.")
    published_at = now if state is ArticleState.published else article.published_at
    return replace(
        article,
        state=state,
        published_at=published_at,
        written_at=now,
        written_by=by,
        revision=article.revision + 1,
    )


def may_read(state: ArticleState, *, is_publisher: bool) -> None:
    """13.4-a: customers of every plan read what is published; drafts and what was retired, the publisher.

    Raises ArticleUnknown: that there is one is not said either.
    """
    if not is_publisher and state is not ArticleState.published:
        raise ArticleUnknown
