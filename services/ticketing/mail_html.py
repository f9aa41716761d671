"""A mail that is only a page, as text: its lines kept, what it quotes apart, nothing of it run or fetched."""

import re
from html import unescape

import nh3

MAX_HTML = 1_000_000
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BREAKS = re.compile(r"(?i)<(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote|/pre|/table)\b[^<>]{0,500}>")
_ITEM = re.compile(r"(?i)<li\b[^<>]{0,500}>")
_CELL = re.compile(r"(?i)</t[dh]\b[^<>]{0,500}>")
_QUOTED = re.compile(
    r"""(?i)<(?:div|blockquote|p|span)\b[^<>]{0,300}?(?:class|id|type)\s*=\s*["']?"""
    r"""(?:gmail_quote|gmail_attr|moz-cite-prefix|yahoo_quoted|protonmail_quote|appendonsend|divRplyFwdMsg"""
    r"""|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|cite\b)"""
)
_LINES = re.compile(r"\n{3,}")
_WITHOUT = {"script", "style", "head", "title", "template", "noscript"}


def text_of(html: str) -> str:
    """The page's text."""
    html = _SPACE.sub(" ", html[:MAX_HTML])
    html = _CELL.sub(" ", _ITEM.sub("\n- ", _BREAKS.sub("\n", html)))
    text = unescape(nh3.clean(html, tags=set(), clean_content_tags=_WITHOUT)).replace("\xa0", " ")
    lines = (line.strip() for line in text.split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def without_quoted(html: str) -> str:
    """The page as far as it was written anew: mail programs mark where what they quote begins."""
    found = _QUOTED.search(html[:MAX_HTML])
    return html[: found.start()] if found else html
