"""The knowledge base's HTTP shapes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ticketing.model.knowledge import ArticleState, ArticleText

MAX_FOUND = 20

Question = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=300, pattern=r"^[^\x00]*$"),
    Field(examples=["Comment valider un devis ?"]),
]
Answer = Annotated[
    str,
    StringConstraints(min_length=1, max_length=50_000, pattern=r"^[^\x00]*$"),
    Field(
        examples=["Ouvrez **Ventes › Devis**, puis *Valider*."],
        description="Markdown; HTML in it is shown as text.",
    ),
]
Keyword = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00]*$"),
    Field(examples=["proposition commerciale"]),
]
Product = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Field(examples=["devis-factures"]),
]
Asked = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=200, pattern=r"^[^\x00]*$"),
    Field(examples=["valider devis"]),
]


class NewArticle(BaseModel):
    """A frequent question and its answer. Without a product it concerns the whole portal."""

    model_config = ConfigDict(extra="forbid")

    question: Question
    answer: Answer
    product: Product | None = None
    keywords: list[Keyword] = Field(default=[], max_length=30)

    def as_text(self) -> ArticleText:
        """What the article says."""
        return ArticleText(self.question, self.answer, self.product, tuple(self.keywords))


class ArticleListed(BaseModel):
    """An article in a list, with plain text around what was asked; the words that were met stand in « »."""

    article_id: UUID
    question: Question
    product: Product | None
    state: ArticleState
    excerpt: str = Field(max_length=2_000, examples=["Ouvrez Ventes › «Devis», puis Valider."])
    helpful: int | None = Field(ge=0, description="How many readers it helped; told to the publisher only.")
    not_helpful: int | None = Field(ge=0)
    revision: int = Field(ge=1)
    published_at: datetime | None


class ArticlesFound(BaseModel):
    """Articles, best first."""

    items: list[ArticleListed] = Field(max_length=MAX_FOUND)


class ArticleShown(ArticleListed):
    """An article to read: as it was written, and as HTML that a page may hold."""

    answer: Answer
    answer_html: str = Field(max_length=300_000, examples=["<p>Ouvrez <strong>Ventes › Devis</strong>.</p>"])
    keywords: list[Keyword] = Field(max_length=30)
    written_at: datetime


class RevisionShown(NewArticle):
    """One text that an article had."""

    revision: int = Field(ge=1)
    state: ArticleState
    written_at: datetime
    written_by: UUID


class BeingWritten(BaseModel):
    """What is written of a ticket so far."""

    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")] = Field(
        default="", max_length=300, examples=["Mon devis ne se valide pas"]
    )
    context: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")] = Field(
        default="", max_length=20_000, examples=["Depuis ce matin, le bouton Valider reste gris."]
    )
    error_message: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")] = Field(
        default="", max_length=5_000, examples=["Période close"]
    )
    product: Product | None = None


class NewOpinion(BaseModel):
    """Whether an article helped; a remark tells what is missing."""

    model_config = ConfigDict(extra="forbid")

    helpful: bool = Field(examples=[True])
    remark: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")] = Field(
        default="", max_length=1_000, examples=["Il manque le cas des avoirs."]
    )


class OpinionShown(NewOpinion):
    """A reader's opinion, and on which text it was given."""

    revision: int = Field(ge=1)
    given_at: datetime


class OpinionListed(OpinionShown):
    """A reader's opinion as the publisher reads it."""

    customer_id: UUID
    person_id: UUID
