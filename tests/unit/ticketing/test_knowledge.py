"""How an article of the knowledge base comes and goes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.ticketing.model.knowledge import Article, ArticleState, ArticleText
from services.ticketing.refusals.knowledge import ArticleStateRefused
from services.ticketing.rules.knowledge import moved, rewritten, searchable

NOW = datetime(2026, 3, 26, 9, 0, tzinfo=UTC)
ADA, BRUNO = UUID(int=1), UUID(int=2)
DRAFT = Article(UUID(int=9), ArticleText("Comment ?", "Ainsi."), ArticleState.draft, NOW, ADA)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("d’échéance", "d'échéance"),
        ("l´imprimante", "l'imprimante"),
        ("« ma télédéclaration »", '" ma télédéclaration "'),
        ("Ventes›Devis – Été…", "Ventes Devis   Été..."),
        ("12 000 €", "12 000  "),
        ("e\u0301te\u0301 n\N{LATIN SMALL LETTER N PRECEDED BY APOSTROPHE}", "été n'n"),
        ("œuvre ﬁn m²", "œuvre fin m2"),
        ('"a b" -c', '"a b" -c'),
    ],
    ids=range(8),
)
def test_words_are_parted_by_plain_signs(text: str, words: str) -> None:
    assert searchable(text) == words


def test_an_article_is_published_retired_and_published_again_each_a_revision() -> None:
    later = NOW + timedelta(hours=1)
    published = moved(DRAFT, ArticleState.published, BRUNO, NOW)
    assert (published.state, published.published_at, published.revision) == (ArticleState.published, NOW, 2)
    retired = moved(published, ArticleState.retired, BRUNO, later)
    assert (retired.published_at, retired.written_by, retired.revision) == (NOW, BRUNO, 3)
    assert moved(retired, ArticleState.published, ADA, later).published_at == later


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (ArticleState.draft, ArticleState.retired),
        (ArticleState.draft, ArticleState.draft),
    ],
)
def test_what_is_no_step_is_refused(start: ArticleState, end: ArticleState) -> None:
    assert DRAFT.state is start
    with pytest.raises(ArticleStateRefused):
        moved(DRAFT, end, ADA, NOW)


def test_another_text_keeps_the_state() -> None:
    published = moved(DRAFT, ArticleState.published, ADA, NOW)
    edited = rewritten(published, ArticleText("Pourquoi ?", "Parce que."), BRUNO, NOW)
    assert (edited.state, edited.text.question, edited.revision) == (ArticleState.published, "Pourquoi ?", 3)
