"""A file is taken for what its bytes are, and under a name that deceives nobody."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ticketing.file_kinds import shown_by
from services.ticketing.model.attachments import Checked, Filled, Offered
from services.ticketing.refusals.attachments import (
    AttachmentEmpty,
    AttachmentNotWhatItSays,
    AttachmentsTooMany,
    AttachmentTooLarge,
    AttachmentTypeRefused,
)
from services.ticketing.rules.attachments import (
    FILE_BYTES,
    NAME_LENGTH,
    TICKET_BYTES,
    TICKET_FILES,
    checked,
    has_room,
    safe_name,
)

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de")
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + b"\x00" * 100


def packed(*names: str, mimetype: bytes = b"") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        if mimetype:
            package.writestr("mimetype", mimetype)
        for name in names:
            package.writestr(name, "x")
    return written.getvalue()


def compound(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504 + stream.encode("utf-16-le")


def taken(name: str, content: bytes, media_type: str = "") -> Checked:
    return checked(Offered(name, media_type, content), shown_by(content))


DOCX = packed("[Content_Types].xml", "word/document.xml")
XLSX = packed("[Content_Types].xml", "xl/workbook.xml")
ODT = packed("content.xml", mimetype=b"application/vnd.oasis.opendocument.text")
ZIP = packed("a.log")

TAKEN = [
    ("shot.PNG", PNG, "image/png", "image/png"),
    ("photo.jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/pjpeg", "image/jpeg"),
    ("anim.gif", b"GIF89a\x01\x00\x01\x00", "", "image/gif"),
    ("shot.webp", b"RIFF\x1a\x00\x00\x00WEBPVP8 ", "image/webp", "image/webp"),
    ("phone.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic", "image/heic"),
    ("scan.tif", b"II*\x00\x08\x00\x00\x00", "image/tiff", "image/tiff"),
    ("invoice.pdf", PDF, "application/octet-stream", "application/pdf"),
    (
        "letter.docx",
        DOCX,
        "application/zip",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("table.xlsx", XLSX, "", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("letter.odt", ODT, "", "application/vnd.oasis.opendocument.text"),
    ("old.doc", compound("WordDocument"), "application/msword", "application/msword"),
    ("mail.msg", compound("__substg1.0_0037001F"), "", "application/vnd.ms-outlook"),
    ("logs.zip", ZIP, "application/x-zip-compressed", "application/zip"),
    ("trace.log", b"\x1b[31merror\x1b[0m\n", "text/plain; charset=utf-8", "text/plain"),
    (
        "accents.csv",
        "num\u00e9ro;nom\n1;\u00c9tude\n".encode("cp1252"),
        "application/vnd.ms-excel",
        "text/csv",
    ),
    ("bom.csv", "\ufeffa;b\n".encode(), "text/csv", "text/csv"),
    ("wide.txt", "\u00e9t\u00e9\n".encode("utf-16"), "", "text/plain"),
    ("said.eml", b"From: a@b.example\r\n\r\nHello", "message/rfc822", "message/rfc822"),
]


@pytest.mark.parametrize(
    ("name", "content", "declared", "media_type"), TAKEN, ids=[each[0] for each in TAKEN]
)
def test_a_file_that_is_what_it_says_is_taken(
    name: str, content: bytes, declared: str, media_type: str
) -> None:
    file = taken(name, content, declared)
    assert (file.name, file.media_type, file.content) == (name, media_type, content)
    assert len(file.sha256) == 64


DISGUISED = [
    ("a program named as an image", "shot.png", EXE, "image/png"),
    ("a program named as a text", "readme.txt", EXE, "text/plain"),
    ("a page named as an image", "shot.png", b"<html><script>alert(1)</script></html>", ""),
    ("a PDF named as an image", "shot.png", PDF, "image/png"),
    ("an image declared as a PDF", "shot.png", PNG, "application/pdf"),
    ("an image declared as a page", "shot.png", PNG, "text/html"),
    ("a program before a package", "logs.zip", EXE + ZIP, "application/zip"),
    ("a package that is broken", "logs.zip", ZIP[:-10], ""),
    ("a document that is only a package", "letter.docx", ZIP, ""),
    ("a package that is a document", "logs.zip", DOCX, ""),
    (
        "a document with macros",
        "letter.docx",
        packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        "",
    ),
    ("a table named as a letter", "letter.docx", XLSX, ""),
    ("an old table named as a letter", "old.doc", compound("Workbook"), ""),
    ("a mail without any header", "said.eml", b"\x00\x01 nothing", ""),
    ("an image named as a text", "a.txt", PNG, ""),
]


@pytest.mark.parametrize(
    ("name", "content", "declared"), [each[1:] for each in DISGUISED], ids=[each[0] for each in DISGUISED]
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, content: bytes, declared: str) -> None:
    with pytest.raises(AttachmentNotWhatItSays):
        taken(name, content, declared)


@pytest.mark.parametrize(
    "name",
    ["setup.exe", "page.html", "image.svg", "macro.docm", "a.js", "a.png.exe", "a.zip.bat", "noname", ""],
)
def test_a_file_of_another_type_is_refused(name: str) -> None:
    with pytest.raises(AttachmentTypeRefused):
        taken(name, PNG)


def test_a_name_without_an_extension_gets_that_of_its_declared_type() -> None:
    assert taken("capture", PNG, "image/png").name == "capture.png"


def test_a_file_is_neither_empty_nor_larger_than_may_be() -> None:
    with pytest.raises(AttachmentEmpty):
        taken("a.txt", b"")
    assert len(taken("a.txt", b"a" * FILE_BYTES).content) == FILE_BYTES
    with pytest.raises(AttachmentTooLarge):
        taken("a.txt", b"a" * (FILE_BYTES + 1))


def test_a_ticket_holds_so_many_files_and_so_many_bytes() -> None:
    has_room(Filled(TICKET_FILES - 2, TICKET_BYTES - 10), [4, 6])
    for filled, sizes in ((Filled(TICKET_FILES - 1, 0), [1, 1]), (Filled(1, TICKET_BYTES - 10), [5, 6])):
        with pytest.raises(AttachmentsTooMany):
            has_room(filled, sizes)


NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\Users\\claire\\shot.png": "shot.png",
    "\u202egnp.exe": "gnp.exe",
    "a\r\nSet-Cookie: x=1.png": "aSet-Cookie_ x=1.png",
    "\x00a\x07.png": "a.png",
    "con.txt": "_con.txt",
    "...": "attachment",
    "": "attachment",
    " .htaccess ": "htaccess",
    'quote".png': "quote_.png",
    "e\u0301te\u0301.png": "\u00e9t\u00e9.png",
    "a\u200b\ufeffb.png": "ab.png",
}


@pytest.mark.parametrize(("name", "safe"), NAMES.items(), ids=range(len(NAMES)))
def test_a_name_becomes_one_that_deceives_nobody(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_extension() -> None:
    name = safe_name("a" * 500 + ".png")
    assert (len(name), name[-4:]) == (NAME_LENGTH, ".png")


@given(st.text(max_size=400))
def test_any_name_becomes_a_safe_one(name: str) -> None:
    safe = safe_name(name)
    assert 1 <= len(safe) <= NAME_LENGTH + 1
    assert safe.isprintable()
    assert not set(safe) & set('/\\<>:"|?*')
    assert not safe.startswith(".")
    assert safe_name(safe) == safe


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
)
def test_whatever_the_bytes_are_they_are_taken_or_refused(content: bytes, begins: bytes) -> None:
    for name in ("a.png", "a.zip", "a.doc", "a.txt", "a.eml"):
        try:
            taken(name, begins + content)
        except (AttachmentEmpty, AttachmentNotWhatItSays):
            continue


def test_a_package_whose_first_part_ends_early_is_nothing_known() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    content = made.getvalue()
    header = content[: content.index(b"application/")]
    entry = content.index(b"PK\x01\x02")
    moved = content[: entry + 42] + len(content).to_bytes(4, "little") + content[entry + 46 :]
    assert shown_by(moved[:-2] + len(header).to_bytes(2, "little") + header) == frozenset()
