"""A whole mail, read: its text, what of it was written anew, and its files.

The standard library takes a mail apart; here is what it is not asked to do with one that is made to hurt. A
structure that would take it long, or that it stumbles over, is not followed: the mail is then its own text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, TypeAlias

from services.ticketing.mail_head import BOUNDED, head_of, parts_of
from services.ticketing.mail_html import text_of, without_quoted
from services.ticketing.mail_words import clean, decoded, header_text
from services.ticketing.model.attachments import Offered
from services.ticketing.model.mail import ReadMail
from services.ticketing.rules.quoting import written_anew

MAX_PARTS = 200
MAX_DEPTH = 10
MAX_FILES = 50
MAX_TEXT = 100_000
MAX_WORK = 8_000_000
"""Lines times boundaries: each line is held against each boundary that is open."""
MAX_LINES = 1_000_000

_BOUNDARY = re.compile(rb"(?i)boundary\*?\d*\*?\s*=")
Part: TypeAlias = "Message[Any, Any]"
_Stumbles = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    AssertionError,
    NotImplementedError,
)
"""What the standard library has been seen to raise for a mail that nobody would write."""


def read_mail(raw: bytes) -> ReadMail:
    """The mail. It never raises, and takes time in proportion to its length."""
    head = head_of(raw)
    try:
        message = _parsed(raw)
        leaves = list(_leaves(message)) if message is not None else None
        said = _said(leaves) if leaves is not None else None
        files = tuple(_files(leaves)) if leaves is not None else ()
    except _Stumbles:
        said, files = None, ()
    if said is None:
        whole = decoded(parts_of(raw)[1][: 4 * MAX_TEXT], None)[:MAX_TEXT]
        return ReadMail(head, written_anew(whole), whole, (), is_broken=True)
    anew, whole = said
    return ReadMail(head, anew, whole, files, is_broken=False)


def _parsed(raw: bytes) -> "Part | None":
    """The parts; None for a structure that would take too long to follow."""
    boundaries, lines = len(_BOUNDARY.findall(raw)), raw.count(b"\n")
    if boundaries > MAX_PARTS or lines > MAX_LINES or boundaries * lines > MAX_WORK:
        return None
    return BytesParser(policy=BOUNDED).parsebytes(raw)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A part that has no parts. `choice` numbers the alternatives that it is one of, if any."""

    part: Part
    choice: int | None

    @property
    def is_page(self) -> bool:
        return self.part.get_content_type() == "text/html"


def _leaves(message: Part) -> Iterator[_Leaf]:
    """The parts that have no parts, in their order; a mail within a mail is one. At most `MAX_PARTS`.

    Raises ValueError for what is nested deeper than any program nests it.
    """
    count = choices = 0
    waiting: list[tuple[Part, int, int | None]] = [(message, 0, None)]
    while waiting and count < MAX_PARTS:
        part, depth, choice = waiting.pop()
        inner = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if depth > MAX_DEPTH:
            raise ValueError("nested too deep")
        if isinstance(inner, list):
            if choice is None and part.get_content_subtype() == "alternative":
                choice = choices = choices + 1
            waiting += [(each, depth + 1, choice) for each in reversed(inner) if isinstance(each, Message)]
        else:
            count += 1
            yield _Leaf(part, choice)


def _said(leaves: list[_Leaf]) -> tuple[str, str]:
    """What was written anew, and the whole text. A page is left out where it is an alternative to plain text;
    beside one it says something else: servers put their own words under what somebody wrote.
    """
    bodies = [(leaf, clean(_text(leaf.part)).strip()) for leaf in leaves if _is_body(leaf.part)]
    plain = {leaf.choice for leaf, text in bodies if text and not leaf.is_page} - {None}
    shown = [(leaf.is_page, text) for leaf, text in bodies if not (leaf.is_page and leaf.choice in plain)]
    whole = _joined(text_of(text) if is_page else text for is_page, text in shown)
    said = [(is_page, text_of(without_quoted(text)) if is_page else text) for is_page, text in shown]
    runs = [_joined(text for _, text in run) for _, run in groupby(said, key=itemgetter(0))]
    return _joined(written_anew(run) for run in runs) or written_anew(whole), whole


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(text for text in texts if text)[:MAX_TEXT]


def _is_body(part: Part) -> bool:
    """Text of the mail itself; also what says that it has parts, and has none."""
    if part.get_content_maintype() == "multipart":
        return not part.is_multipart()
    return (
        part.get_content_maintype() == "text"
        and part.get_content_subtype() in ("plain", "html", "enriched", "markdown")
        and part.get_content_disposition() != "attachment"
        and not _name(part)
    )


def _text(part: Part) -> str:
    charset = part.get_param("charset")
    name = charset[2] if isinstance(charset, tuple) else charset
    return decoded(_content(part), str(name) if name else None)


def _content(part: Part) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _files(leaves: list[_Leaf]) -> Iterator[Offered]:
    """Everything that is no text of the mail itself, images within it too. At most `MAX_FILES`."""
    offered = (_file(leaf.part) for leaf in leaves if not _is_body(leaf.part))
    return islice((file for file in offered if file.content), MAX_FILES)


def _file(part: Part) -> Offered:
    media_type = header_text(part.get_content_type())
    inner = part.get_payload()
    if media_type == "message/rfc822" and isinstance(inner, list) and inner:
        nested = inner[0]
        title = header_text(str(nested.get("subject", "")))[:100] if isinstance(nested, Message) else ""
        return Offered(
            f"{_name(part) or title or 'message'}".removesuffix(".eml") + ".eml", media_type, _bytes(nested)
        )
    return Offered(_name(part), media_type, _content(part))


def _bytes(nested: Any) -> bytes:
    return nested.as_bytes() if isinstance(nested, Message) else b""


def _name(part: Part) -> str:
    name = part.get_filename()
    return header_text(str(name))[:300] if name else ""
