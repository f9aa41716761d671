"""Markdown as somebody wrote it, and the HTML that a page may safely hold.

Twice safe: HTML within the Markdown is shown as text, and what comes out passes an allow list, which lets
through no image, style or script, and links to http, https and mailto alone.
"""

from functools import lru_cache
from html import unescape

import nh3
from markdown_it import MarkdownIt

TAGS = {
    "p",
    "br",
    "hr",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "a",
    "h1",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "code",
    "pre",
}
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto"}
REL = "noopener noreferrer nofollow"

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@lru_cache(maxsize=1024)
def rendered(written: str) -> str:
    """The text as HTML that needs no further escaping."""
    return nh3.clean(
        _MARKDOWN.render(written),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel=REL,
    ).strip()


def plain(written: str) -> str:
    """The text without its Markdown, for an excerpt or a mail: text, to be escaped where HTML is expected."""
    return unescape(nh3.clean(_MARKDOWN.render(written), tags=set())).strip()
