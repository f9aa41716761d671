"""Which files go with a ticket, and under what name.

A file is taken when its content, the extension of its name and the type it was declared with are of one kind,
and that kind is one of the list. It is served with the kind's own type, never with the declared one.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace

from services.ticketing.model.attachments import Checked, Filled, Kind, Offered, Placing
from services.ticketing.model.messages import Message
from services.ticketing.refusals.attachments import (
    AttachmentEmpty,
    AttachmentNotWhatItSays,
    AttachmentsTooMany,
    AttachmentTooLarge,
    AttachmentTypeRefused,
    MessageUnknown,
)

MIB = 1024 * 1024
FILE_BYTES = 10 * MIB
TICKET_BYTES = 100 * MIB
TICKET_FILES = 200
NAME_LENGTH = 150
GENERIC = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/binary"})
"""Declared by who does not know what it sends."""

_PLAIN = frozenset({"text/plain"})
_ZIPPED = frozenset({"application/zip", "application/x-zip-compressed"})
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"


def _image(media_type: str, *extensions: str, shows: Collection[str] = ()) -> Kind:
    return Kind(media_type, extensions, frozenset({f"image/x-{extensions[0][1:]}"}), frozenset(shows))


KINDS: tuple[Kind, ...] = (
    _image("image/png", ".png", shows=[".png"]),
    Kind(
        "image/jpeg",
        (".jpg", ".jpeg", ".jfif"),
        frozenset({"image/jpg", "image/pjpeg"}),
        frozenset({".jpg", ".jpeg"}),
    ),
    _image("image/gif", ".gif", shows=[".gif"]),
    _image("image/webp", ".webp", shows=[".webp"]),
    Kind("image/bmp", (".bmp",), frozenset({"image/x-ms-bmp", "image/x-bmp"}), frozenset({".bmp"})),
    _image("image/tiff", ".tiff", ".tif", shows=[".tiff", ".tif"]),
    Kind("image/heic", (".heic", ".heif"), frozenset({"image/heif"}), frozenset({".heic", ".heif"})),
    Kind("application/pdf", (".pdf",), frozenset({"application/x-pdf"}), frozenset({".pdf"})),
    Kind(f"{_OFFICE}.wordprocessingml.document", (".docx",), _ZIPPED, frozenset({".docx"})),
    Kind(f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",), _ZIPPED, frozenset({".xlsx"})),
    Kind(f"{_OFFICE}.presentationml.presentation", (".pptx",), _ZIPPED, frozenset({".pptx"})),
    Kind(f"{_OPEN}.text", (".odt",), _ZIPPED, frozenset({".odt"})),
    Kind(f"{_OPEN}.spreadsheet", (".ods",), _ZIPPED, frozenset({".ods"})),
    Kind(f"{_OPEN}.presentation", (".odp",), _ZIPPED, frozenset({".odp"})),
    Kind("application/msword", (".doc",), frozenset(), frozenset({".doc"})),
    Kind("application/vnd.ms-excel", (".xls",), frozenset(), frozenset({".xls"})),
    Kind("application/vnd.ms-powerpoint", (".ppt",), frozenset(), frozenset({".ppt"})),
    Kind("application/vnd.ms-outlook", (".msg",), frozenset(), frozenset({".msg"})),
    Kind("application/zip", (".zip",), _ZIPPED, frozenset({".zip"})),
    Kind("text/plain", (".txt", ".log"), frozenset({"text/x-log"})),
    Kind("text/csv", (".csv",), _PLAIN | {"application/vnd.ms-excel", "application/csv"}),
    Kind("application/json", (".json",), _PLAIN | {"text/json"}),
    Kind("application/xml", (".xml",), _PLAIN | {"text/xml"}),
    Kind("text/calendar", (".ics",), _PLAIN),
    Kind("message/rfc822", (".eml",), _PLAIN),
)
_BY_EXTENSION = {extension: kind for kind in KINDS for extension in kind.extensions}
_BY_TYPE = {kind.media_type: kind for kind in KINDS}

_SEPARATORS = re.compile(r"[/\\]+")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")
_MAIL_HEADER = re.compile(rb"\s*(From |[!-9;-~]{1,80}:)")


def checked(offered: Offered, shown: frozenset[str]) -> Checked:
    """The file as it is kept; `shown` is what its bytes say that it is (`file_kinds.shown_by`).

    Raises AttachmentEmpty, AttachmentTooLarge, AttachmentTypeRefused, AttachmentNotWhatItSays.
    """
    if not offered.content:
        raise AttachmentEmpty
    if len(offered.content) > FILE_BYTES:
        raise AttachmentTooLarge(f"At most {FILE_BYTES} bytes are taken; this has {len(offered.content)}.")
    name, declared = safe_name(offered.name), offered.media_type.partition(";")[0].strip().lower()
    kind = _said(name, declared)
    if declared not in GENERIC | kind.declared | {kind.media_type}:
        raise AttachmentNotWhatItSays(f"{name}: declared as {declared[:100]}, which has another name.")
    if not _is(kind, offered.content, shown):
        raise AttachmentNotWhatItSays(f"{name}: its content is not {kind.media_type}.")
    digest = hashlib.sha256(offered.content).hexdigest()
    return Checked(_with_extension(name, kind), kind.media_type, offered.content, digest)


def has_room(filled: Filled, sizes: Collection[int]) -> None:
    """Whether a ticket takes so many bytes of each of so many files more of one side, whose room the other
    takes nothing of. Raises AttachmentsTooMany.
    """
    files, total = filled.files + len(sizes), filled.total_bytes + sum(sizes)
    if files > TICKET_FILES or total > TICKET_BYTES:
        raise AttachmentsTooMany(
            f"At most {TICKET_FILES} files of one side, of together {TICKET_BYTES} bytes."
        )


def goes_with(placing: Placing, message: Message) -> Placing:
    """A file goes with a message of its own side; with a note it is internal, as where that was asked for.

    Raises MessageUnknown for the other side's: of a note, a customer does not learn that there is one.
    """
    if message.side is not placing.side:
        raise MessageUnknown
    return replace(placing, internal=placing.internal or message.internal)


def safe_name(name: str) -> str:
    """The last part of a name, without what a file system, a header or a reader would be deceived by.

    Control and formatting characters go - among them those that turn the writing round, so that `exe.png`
    may not show as `gnp.exe` - and names that are devices elsewhere get an underscore.
    """
    last = _SEPARATORS.split(unicodedata.normalize("NFC", name))[-1]
    seen = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C" or letter == " ")
    plain = " ".join(_FORBIDDEN.sub("_", seen).split()).strip(". ")
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    return _shortened(plain) or "attachment"


def _shortened(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if len(name) <= NAME_LENGTH or not dot or len(extension) > 10:
        return name[:NAME_LENGTH].rstrip(". ")
    return f"{stem[: NAME_LENGTH - len(extension) - 1].rstrip('. ')}.{extension}"


def _said(name: str, declared: str) -> Kind:
    """The kind that the name says; without an extension, the kind that was declared."""
    extension = _extension(name)
    kind = _BY_EXTENSION.get(extension) if extension else _BY_TYPE.get(declared)
    if kind is None:
        raise AttachmentTypeRefused(f"{name}: {extension or declared[:100] or 'of no type'} is not taken.")
    return kind


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return f".{extension.lower()}" if dot and stem and len(extension) <= 10 else ""


def _with_extension(name: str, kind: Kind) -> str:
    return name if _extension(name) else f"{name}{kind.extensions[0]}"


def _is(kind: Kind, content: bytes, shown: frozenset[str]) -> bool:
    if not kind.is_text:
        return bool(kind.shows & shown)
    if kind.media_type == "message/rfc822":
        return _MAIL_HEADER.match(content[:200]) is not None and b"\x00" not in content
    return _is_text(content)


def _is_text(content: bytes) -> bool:
    """Text in a Unicode encoding, or of Windows: no control characters but those that lay out lines."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return _CONTROLS.search(text) is None


_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""ESC is none of them: programs colour their logs with it."""
