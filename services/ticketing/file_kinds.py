"""What a file's own bytes say that it is. Nothing is unpacked, decoded or run.

The first bytes are looked up in puremagic's table. What begins like a package or like an old office document
may be several things, and is told by what its directory names.
"""

import io
import zipfile

import puremagic

HEAD = 4096
_PACKED = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = {".doc": "WordDocument", ".xls": "Workbook", ".ppt": "PowerPoint Document", ".msg": "__substg1.0_"}
_PARTS = {".docx": "word/", ".xlsx": "xl/", ".pptx": "ppt/"}
_OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
    b"application/vnd.oasis.opendocument.presentation": ".odp",
}
_MACROS = "vbaProject.bin"


def shown_by(content: bytes) -> frozenset[str]:
    """The extensions of what these bytes may be, `.png`; none where they are no known format's.

    An office document is told by its kind alone: one with macros shows nothing, nor does a broken package.
    """
    if content.startswith(_PACKED):
        return _packed(content)
    if content.startswith(_COMPOUND):
        return frozenset(name for name, stream in _STREAMS.items() if stream.encode("utf-16-le") in content)
    try:
        found = puremagic.magic_string(content[:HEAD])
    except (puremagic.PureError, ValueError):
        return frozenset()
    return frozenset(match.extension.lower() for match in found)


def _packed(content: bytes) -> frozenset[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
            open_document = _OPEN_DOCUMENTS.get(_mimetype_of(package, names))
    except (zipfile.BadZipFile, EOFError, ValueError, OSError, NotImplementedError, RuntimeError):
        return frozenset()
    if open_document is not None:
        return frozenset({open_document})
    if "[Content_Types].xml" not in names:
        return frozenset({".zip"})
    if any(name.endswith(_MACROS) for name in names):
        return frozenset()
    return frozenset(kind for kind, part in _PARTS.items() if any(name.startswith(part) for name in names))


def _mimetype_of(package: zipfile.ZipFile, names: list[str]) -> bytes:
    """What an OpenDocument says of itself: its first part, short and not compressed."""
    if not names or names[0] != "mimetype":
        return b""
    part = package.getinfo("mimetype")
    if part.compress_type != zipfile.ZIP_STORED or part.file_size > 100:
        return b""
    return package.read(part).strip()
