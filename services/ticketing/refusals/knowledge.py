"""What the knowledge base refuses."""

from chassis.refusals import Refusal


class ArticleUnknown(Refusal):
    slug = "article-unknown"
    status = 404
    clause = "13.4-a"
    sentence = "The knowledge base has no such article."


class ArticleStateRefused(Refusal):
    slug = "article-state-refused"
    status = 409
    sentence = "An article is published from a draft or after it was retired, and retired when published."
