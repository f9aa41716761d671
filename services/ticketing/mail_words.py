"""The bytes of a mail as text: character sets that lie, encoded words (RFC 2047), addresses, Message-IDs.

Nothing here raises: whatever comes, some text comes out, without characters that a database, a header or a
page could be hurt by.
"""

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterator

TEXT_CODECS = re.compile(
    r"utf-?(8|8-sig|16|16-[bl]e|32|32-[bl]e|7)|ascii|iso8859-\d+|cp(12\d\d|437|85\d|86\d|932|949|950|1006)"
    r"|koi8-[rtu]|gb2312|gbk|gb18030|hz|big5(hkscs)?|shift_?jis(_2004|x0213)?|euc_(jp|kr|jis_2004|jisx0213)"
    r"|iso2022_(jp(_\d|_ext|_2004)?|kr)|johab|mac-\w+|tis-620|ptcp154|kz1048"
)
"""Python's own codecs for text. Others unpack, escape or turn letters, and are no mail's character set."""

_WORD = re.compile(r"=\?([!-)+->@-~]{1,60}?)(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?\s]{0,2000})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[!->@-~]{1,100}\?[bBqQ]\?)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_DECEIVING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"[^\s<>@,;:()\"\\]{1,64}@[A-Za-z0-9.-]{1,189}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,248}>")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|\((?:[^()\\]|\\.)*+\)|<[^<>]*+>|[^"(<,;:]++|.', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
MAX_VALUE = 20_000
MAX_ADDRESSES = 8_000


def decoded(content: bytes, charset: str | None) -> str:
    """The text, in the character set that it was said to be in if that holds; else what it most likely is.

    What calls itself ASCII or Latin-1 is read as Windows-1252, as every mail program does.
    """
    for name in (_codec(charset), "utf-8", "cp1252"):
        if name is None:
            continue
        try:
            return clean(content.decode(name))
        except (UnicodeError, ValueError):
            continue
    return clean(content.decode("latin-1"))


def _codec(charset: str | None) -> str | None:
    try:
        name = codecs.lookup((charset or "")[:40].strip().strip("\"'")).name
    except (LookupError, ValueError, UnicodeError):
        return None
    if name in ("ascii", "iso8859-1"):
        return None
    return name if TEXT_CODECS.fullmatch(name) else None


def clean(text: str) -> str:
    """Text with plain line ends and without what is no letter, nor lays out lines."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def header_text(raw: str) -> str:
    """A header's value on one line, its encoded words decoded. What cannot be decoded stays as it came."""
    value = _BETWEEN_WORDS.sub(r"\1", _from_bytes(raw)[:MAX_VALUE])
    told = _joined(value)
    return " ".join(_DECEIVING.sub("", clean(told)).split())


def _from_bytes(raw: str) -> str:
    """A header's value as it was sent: the standard library keeps bytes beyond ASCII as surrogates."""
    return raw if raw.isascii() else decoded(raw.encode("utf-8", "surrogateescape"), "utf-8")


def _joined(value: str) -> str:
    """Words side by side in one character set are decoded together: a letter may be cut between two."""
    parts: list[str] = []
    waiting: tuple[str, bytes] | None = None
    end = 0
    for word in _WORD.finditer(value):
        charset, content = word[1].lower(), _word_bytes(word[2].lower(), word[3])
        joins = waiting is not None and waiting[0] == charset and word.start() == end
        if waiting is not None and not joins:
            parts.append(decoded(waiting[1], waiting[0]))
        parts.append(value[end : word.start()])
        waiting = (charset, (waiting[1] if joins and waiting else b"") + content)
        end = word.end()
    if waiting is not None:
        parts.append(decoded(waiting[1], waiting[0]))
    return "".join(parts) + value[end:]


def _word_bytes(encoding: str, word: str) -> bytes:
    if encoding == "q":
        return quopri.decodestring(word.encode("ascii", "replace"), header=True)
    try:
        return base64.b64decode(word + "=" * (-len(word) % 4))
    except (binascii.Error, ValueError):
        return word.encode("ascii", "replace")


def addresses_in(raw: str) -> list[tuple[str, str]]:
    """The addresses of a header, each with its name, the addresses in lower case.

    Where one stands in `<>` it is that one, whatever the name before it looks like.
    """
    return [
        (header_text(name), address.lower())
        for name, address in map(_mailbox, _mailboxes(_from_bytes(raw)[:MAX_ADDRESSES]))
        if _ADDRESS.fullmatch(address) is not None
    ]


def _mailboxes(value: str) -> Iterator[list[str]]:
    """The words of each mailbox; `Group:` is no word of the one that follows it."""
    tokens: list[str] = []
    for token in _TOKEN.findall(value):
        if token in (",", ";"):
            yield tokens
        if token in (",", ";", ":"):
            tokens = []
        else:
            tokens.append(token)
    yield tokens


def _mailbox(tokens: list[str]) -> tuple[str, str]:
    """Name and address: `Name <address>`, or `address (Name)`."""
    angled = [token for token in tokens if token.startswith("<")]
    comments = [token[1:-1] for token in tokens if token.startswith("(")]
    words = "".join(_unquoted(token) for token in tokens if not token.startswith(("<", "(")))
    if angled:
        return words.strip() or " ".join(comments), "".join(angled).strip("<> \t")
    return " ".join(comments), words.strip()


def _unquoted(token: str) -> str:
    return _ESCAPED.sub(r"\1", token[1:-1]) if len(token) > 1 and token.startswith('"') else token


def message_ids_in(raw: str) -> list[str]:
    """The Message-IDs of a header, in its order."""
    return _MESSAGE_ID.findall("".join(raw[:MAX_VALUE].split()))
