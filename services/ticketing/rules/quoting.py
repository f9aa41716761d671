"""What of an answer was written anew, and what its mail program quoted below it."""

import re

MARKER = "##- Répondez au-dessus de cette ligne / Please reply above this line -##"
"""Stands in our own mails: what an answer has below it is ours."""

_LONGEST_LINE = 400
_ATTRIBUTION_LINES = 3
_BEFORE, _AFTER = r"\s*(?:[-_*]{2,}\s*)?", r"(?:\s*[-_*]{2,})?\s*(?::\s*)?"
_SEPARATOR = re.compile(
    rf"{_BEFORE}(?:original message|message d['’]origine|message original|mail original|reply message)"
    rf"{_AFTER}",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    rf"{_BEFORE}(?:début du |begin )?(?:message transféré|forwarded message){_AFTER}",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[-_*=]{5,}\s*")
_WROTE = re.compile(
    r"\s*>?\s*(?:(?:le|on|am|el|il)\b.{4,380}(?:a écrit|wrote|schrieb|escribió|ha scritto)\s*:?"
    r"|.{3,380}a écrit\s*:)\s*",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"\s*\*?(?P<name>de|from|von|envoyé|sent|date|gesendet|à|a|to|pour|an|cc|copie à|objet|sujet|subject"
    r"|betreff)\s*\*?\s*:\s?\*?.*",
    re.IGNORECASE,
)
_FROM, _ABOUT = frozenset({"de", "from", "von"}), frozenset({"objet", "sujet", "subject", "betreff"})
_WHEN = frozenset({"date", "envoyé", "sent", "gesendet"})
_FIRST_FIELDS = 3
_HEADER_LINES = 12
"""Within how many lines a header names its subject: a list of addresses may take several."""


def written_anew(text: str) -> str:
    """The text without what it quotes at its end; all of it, where that would be nothing.

    Only an end is cut off: who answers between the quoted lines keeps them, since they belong together. What
    somebody forwards is no quote: it is why the mail was written.
    """
    lines = text.split("\n")
    end = _first_quoted(lines)
    if any(_FORWARDED.fullmatch(line) for line in lines[:end] if len(line) <= _LONGEST_LINE):
        return text.strip()
    kept = _without_trailing_quote(lines[:end])
    return "\n".join(kept).strip() or text.strip()


def _first_quoted(lines: list[str]) -> int:
    """The line from which all is another mail, by a line that says so."""
    for place, line in enumerate(lines):
        ends = MARKER in line and _is_ours_to_the_end(lines[place:])
        if ends or (len(line) <= _LONGEST_LINE and _begins_other_mail(lines, place)):
            return _before_announcement(lines, place)
    return len(lines)


def _is_ours_to_the_end(lines: list[str]) -> bool:
    """Whether nobody answers below our line; where it is quoted, what is not quoted would be an answer."""
    if not _is_quoted(lines[0]):
        return True
    for line in lines:
        if line.rstrip() == "--":
            return True
        if line.strip() and not _is_quoted(line):
            return False
    return True


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _begins_other_mail(lines: list[str], place: int) -> bool:
    """A separator, or a header: three fields, one of them the writer; a subject, and when it was sent."""
    if _SEPARATOR.fullmatch(lines[place]):
        return True
    first = [_field(line) for line in lines[place : place + _FIRST_FIELDS]]
    if len(first) < _FIRST_FIELDS or None in first or _FROM.isdisjoint(first):
        return False
    told = {_field(line) for line in lines[place : place + _HEADER_LINES]}
    return not (_ABOUT.isdisjoint(told) or _WHEN.isdisjoint(told))


def _field(line: str) -> str | None:
    """The name of the header's field that a line shows."""
    found = _FIELD.fullmatch(line) if len(line) <= _LONGEST_LINE else None
    return found["name"].lower() if found else None


def _without_trailing_quote(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or _is_quoted(lines[end - 1])):
        end -= 1
    if not any(_is_quoted(line) for line in lines[end:]):
        return lines
    return lines[: _before_announcement(lines, end)]


def _before_announcement(lines: list[str], end: int) -> int:
    """The place before what announces another mail: `Le … a écrit :`, which a program may have broken into
    several lines, or a rule or a separator above its header.
    """
    last = end
    while last and lines[last - 1].strip() in ("", ">"):
        last -= 1
    for first in range(last - 1, max(last - _ATTRIBUTION_LINES - 1, -1), -1):
        joined = " ".join(line.strip().lstrip("> ") for line in lines[first:last])
        if len(joined) <= _LONGEST_LINE and _WROTE.fullmatch(joined):
            return first
    if last and (_RULE.fullmatch(lines[last - 1]) or _SEPARATOR.fullmatch(lines[last - 1])):
        return last - 1
    return end
