"""What of an answer was written anew, and what its mail program quoted below it."""

import re

MARKER = "##- Répondez au-dessus de cette ligne / Please reply above this line -##"
"""Stands in our own mails: what an answer has below it is ours."""

_LONGEST_LINE = 400
_SEPARATOR = re.compile(
    r"\s*(?:[-_*]{2,}\s*)?(?:original message|message d'origine|message original|message transféré"
    r"|forwarded message|reply message)(?:\s*[-_*]{2,})?\s*:?\s*",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"\s*>?\s*(?:(?:le|on|am|el|il)\b.{4,380}(?:a écrit|wrote|schrieb|escribió|ha scritto)\s*:?"
    r"|.{3,380}a écrit\s*:)\s*",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"\s*\*?(?:de|from|von|envoyé|sent|date|gesendet|à|to|an|cc|objet|subject|betreff)\s*\*?\s*:\s?\*?.*",
    re.IGNORECASE,
)
_FIELDS_IN_A_HEADER = 3


def written_anew(text: str) -> str:
    """The text without what it quotes at its end; all of it, where that would be nothing.

    Only an end is cut off: who answers between the quoted lines keeps them, since they belong together.
    """
    lines = text.split("\n")
    kept = lines[: _first_quoted(lines)]
    kept = _without_trailing_quote(kept)
    return "\n".join(kept).strip() or text.strip()


def _first_quoted(lines: list[str]) -> int:
    """The line from which all is another mail, by a line that says so."""
    for place, line in enumerate(lines):
        if MARKER in line:
            return _before_attribution(lines, place)
        if len(line) <= _LONGEST_LINE and _begins_other_mail(lines, place):
            return place
    return len(lines)


def _begins_other_mail(lines: list[str], place: int) -> bool:
    if _SEPARATOR.fullmatch(lines[place]):
        return True
    header = lines[place : place + _FIELDS_IN_A_HEADER]
    is_header = len(header) == _FIELDS_IN_A_HEADER and all(_is_field(line) for line in header)
    return is_header and _is_from(header[0])


def _is_field(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and _FIELD.fullmatch(line) is not None


def _is_from(line: str) -> bool:
    return line.strip(" *").lower().startswith(("de", "from", "von"))


def _without_trailing_quote(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    if not any(line.lstrip().startswith(">") for line in lines[end:]):
        return lines
    return lines[: _before_attribution(lines, end)]


def _before_attribution(lines: list[str], end: int) -> int:
    """The place before `Le … a écrit :`, which a program may have broken into up to three lines."""
    last = end
    while last and lines[last - 1].strip() in ("", ">"):
        last -= 1
    for first in range(last - 1, max(last - 4, -1), -1):
        joined = " ".join(line.strip().lstrip("> ") for line in lines[first:last])
        if len(joined) <= _LONGEST_LINE and _WROTE.fullmatch(joined):
            return first
    return end
