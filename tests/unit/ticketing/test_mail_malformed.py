"""A mail as nobody should write it, and as somebody may who means harm: always read, and in time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ticketing.mail_head import digest_of
from services.ticketing.mail_reading import MAX_FILES, MAX_TEXT, read_mail
from services.ticketing.model.mail import ReadMail
from tests.unit.ticketing.mails import raw

BROKEN = [
    raw('Content-Type: multipart/mixed; boundary="b"', body="--b\r\n\r\nno end"),
    raw("Content-Type: multipart/mixed", body="no boundary at all"),
    raw("Content-Type: text/plain; charset", body="été"),
    raw("Content-Type: text/plain; charset*0*=utf%2d", body="x"),
    raw("Content-Type: text/plain; charset=\udce9".encode("utf-8", "surrogateescape").decode("latin-1")),
    raw("Content-Transfer-Encoding: base64", body="!!! not base64 !!!"),
    raw("Content-Transfer-Encoding: x-uuencode", body="begin 644 a\r\n#86)C\r\n"),
    raw("Content-Type: message/rfc822", body=""),
    raw("Content-Type: image/png; name*=utf-8''%ff%fe\"", body="x"),
    raw("Content-Disposition: attachment; filename*0*=a; filename*2*=b", body="x"),
    b"Content-Type: image/\xe9\xff\r\nContent-Disposition: \xe9; filename=\xff\r\n\r\nx",
    b"",
    b"\r\n\r\n",
    b"no header\r\nat all",
    b"From claire@cabinet.example Mon Jan  1 00:00:00 2026\nFrom: a@b.example\n\nmbox",
]


def test_what_should_have_parts_and_has_none_is_text() -> None:
    read = read_mail(raw("Content-Type: multipart/mixed; boundary=b", body="It cannot be saved."))
    assert (read.text, read.files) == ("It cannot be saved.", ())


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_a_mail_that_is_malformed_is_read_as_far_as_it_goes(content: bytes) -> None:
    well_formed(read_mail(content))


def nested(depth: int) -> bytes:
    lines = [f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}' for level in range(depth)]
    return ("From: a@b.example\n" + "\n".join(lines) + "\n\ndeep inside\n").encode()


def test_a_structure_that_would_take_too_long_is_not_followed() -> None:
    for content in (nested(1_000), nested(20), nested(150) + b"\n" * 100_000):
        read = read_mail(content)
        assert (read.is_broken, read.files) == (True, ())
    assert not read_mail(nested(5)).is_broken


def test_one_line_of_five_megabytes_is_read() -> None:
    read = read_mail(raw(body="a" * 5_000_000))
    assert (len(read.whole), read.is_broken) == (MAX_TEXT, False)
    encoded = raw("Content-Transfer-Encoding: base64", body="YWFh" * 1_250_000)
    assert read_mail(encoded).text.startswith("aaa")


def test_a_thousand_parts_are_not_followed() -> None:
    parts = "".join(f'--b\nContent-Type: multipart/mixed; boundary="c{n}"\n\nx\n' for n in range(1_000))
    read = read_mail(raw('Content-Type: multipart/mixed; boundary="b"', body=parts))
    assert (read.is_broken, read.files) == (True, ())


def test_more_parts_and_longer_texts_than_may_be_are_cut_off() -> None:
    parts = "".join(f"--b\nContent-Type: image/png; name={n}.png\n\nx\n" for n in range(300))
    read = read_mail(raw('Content-Type: multipart/mixed; boundary="b"', body=parts + "--b--"))
    assert len(read.files) == MAX_FILES
    assert len(read_mail(raw(body="a" * (MAX_TEXT + 10))).whole) == MAX_TEXT


def well_formed(read: ReadMail) -> None:
    """What a database and a header can hold, within its bounds."""
    head = read.head
    texts = [read.text, read.whole, head.subject, head.sender_name or "", head.authentication or ""]
    for told in (*texts, *(told for file in read.files for told in (file.name, file.media_type))):
        assert "\x00" not in told
        told.encode()
    for line in (head.subject, head.sender_name or "", head.message_ref or "", head.sender or ""):
        assert "\n" not in line
        assert "\r" not in line
    assert len(read.whole) <= MAX_TEXT
    assert len(read.text) <= len(read.whole) + 1
    assert len(read.files) <= MAX_FILES


PIECES = st.sampled_from(
    [
        b"From: ",
        b"Subject: =?utf-8?B?",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: text/html; charset=utf-7",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Disposition: attachment; filename*0*=",
        b"Content-Type: message/rfc822",
        b"Content-Type: image/\xe9",
        b"\r\n",
        b"\r\n\r\n",
        b"--b",
        b"--b--",
        b"?=",
        b"<a@b.example>",
        b"<div class=gmail_quote>",
        b"\x00",
        b"\xe9\xff",
        b"> ",
        b'"',
        b";",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_mail(content: bytes) -> None:
    well_formed(read_mail(content))
    assert len(digest_of(content)) == 64


@settings(max_examples=600, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=40).map(b"".join))
def test_any_pieces_of_mails_are_a_mail(content: bytes) -> None:
    well_formed(read_mail(content))
