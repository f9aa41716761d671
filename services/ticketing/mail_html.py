"""A mail that is only a page, as text: its lines kept, what it quotes apart, nothing of it run or fetched.

What comes out is text and is shown as text, so that no page needs to be made safe here. It is read once from
left to right: a real parser takes the square of the time for elements that are nested to hurt it.
"""

import re
from html import unescape

from services.ticketing.mail_words import clean

MAX_HTML = 1_000_000
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MARKUP = re.compile(
    r"<!--|<[!?][^<>]{0,2000}+>"
    r"""|<(?P<tag>/?[a-zA-Z][a-zA-Z0-9:-]{0,30}+)(?:[^<>"']++|"[^"]{0,2000}+"|'[^']{0,2000}+'){0,200}+>"""
)
_BREAKING = frozenset(
    {
        "br",
        "/p",
        "/div",
        "/tr",
        "/table",
        "/pre",
        "/ul",
        "/ol",
        "/blockquote",
        *(f"/h{n}" for n in range(1, 7)),
    }
)
_INSTEAD = {"li": "\n- ", "/td": " ", "/th": " ", "hr": "\n"}
_UNSAID = frozenset({"script", "style", "title", "template", "noscript"})
_QUOTED = re.compile(
    r"""(?i)<(?:div|blockquote|p|span)\b[^<>]{0,300}?\b(?:class|id|type)\s{0,9}=\s{0,9}["']?"""
    r"""(?:gmail_quote|gmail_attr|moz-cite-prefix|yahoo_quoted|protonmail_quote|appendonsend|divRplyFwdMsg"""
    r"""|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|cite\b)"""
)
_LINES = re.compile(r"\n{3,}")


def text_of(html: str) -> str:
    """The page's text."""
    said = unescape("".join(_pieces(_SPACE.sub(" ", html[:MAX_HTML])))).replace("\xa0", " ")
    lines = (line.strip() for line in clean(said).split("\n"))
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def _pieces(html: str) -> list[str]:
    """The text between the markup, and what stands for it."""
    pieces: list[str] = []
    place = 0
    while (found := _MARKUP.search(html, place)) is not None:
        pieces.append(html[place : found.start()])
        tag = (found["tag"] or "").lower()
        if found[0] == "<!--":
            place = _after(html, "-->", found.end())
        elif tag in _UNSAID:
            place = _after(html, f"</{tag}[^<>]{{0,200}}>", found.end())
        else:
            pieces.append("\n" if tag in _BREAKING else _INSTEAD.get(tag, ""))
            place = found.end()
    pieces.append(html[place:])
    return pieces


def _after(html: str, end: str, place: int) -> int:
    """The place after the next `end`, a pattern in lower case; where there is none, all is of it."""
    found = re.compile(end, re.IGNORECASE).search(html, place)
    return found.end() if found else len(html)


def without_quoted(html: str) -> str:
    """The page as far as it was written anew: mail programs mark where what they quote begins."""
    found = _QUOTED.search(html[:MAX_HTML])
    return html[: found.start()] if found else html
