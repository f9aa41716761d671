"""Articles of the knowledge base, and what readers think of them (13.4-a)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ArticleState(StrEnum):
    """Customers see published ones only."""

    draft = "draft"
    published = "published"
    retired = "retired"


@dataclass(frozen=True, slots=True)
class ArticleText:
    """A frequent question and its answer. `answer` is Markdown; `product` None concerns the whole portal."""

    question: str
    answer: str
    product: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it stands."""

    article_id: UUID
    text: ArticleText
    state: ArticleState
    written_at: datetime
    written_by: UUID
    published_at: datetime | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Revision:
    """One text that an article had, who wrote it and when."""

    revision: int
    text: ArticleText
    state: ArticleState
    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class Reception:
    """How many readers found an article helpful, and how many did not."""

    helpful: int = 0
    not_helpful: int = 0


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reader thinks of an article, on the text of `revision`."""

    customer_id: UUID
    article_id: UUID
    person_id: UUID
    helpful: bool
    remark: str
    revision: int
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found. `excerpt` is plain text around what was asked, the words marked «so»."""

    article: Article
    excerpt: str
    reception: Reception
