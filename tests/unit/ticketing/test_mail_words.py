"""The bytes of a mail as text: encoded words, character sets that lie, pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ticketing.mail_html import text_of
from services.ticketing.mail_words import decoded, header_text

WORDS = [
    ("=?utf-8?Q?D=C3=A9claration?= refus=?utf-8?Q?=C3=A9e?=", "Déclaration refusée"),
    ("=?UTF-8?B?w4l0w6k=?=", "Été"),
    ("=?iso-8859-1?q?=E9t=E9?=", "été"),
    ("=?utf-8?B?w4k=?=\r\n =?utf-8?B?dMOp?=", "Été"),
    ("=?utf-8?B?w4l0w?= =?utf-8?B?6k=?=", "=?"),
    ("=?utf-8?Q?=C3?= =?utf-8?Q?=89t=C3=A9?=", "Été"),
    ("=?windows-1252?Q?=80_100?=", "€ 100"),
    ("=?utf-8*fr?Q?=C3=A9t=C3=A9?=", "été"),
    ("=?no-such-charset?Q?=C3=A9t=C3=A9?=", "été"),
    ("=?unicode_escape?Q?=5Cu0041?=", "\\u0041"),
    ("=?utf-8?Q?a=0D=0ABcc:_all@elsewhere.example?=", "a Bcc: all@elsewhere.example"),
    ("=?utf-8?Q?=E2=80=AEfdp.exe?=", "fdp.exe"),
    ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
    ("plain", "plain"),
]


@pytest.mark.parametrize(("told", "read"), WORDS, ids=range(len(WORDS)))
def test_encoded_words_are_decoded_on_one_line(told: str, read: str) -> None:
    if read == "=?":
        assert "\n" not in header_text(told)
    else:
        assert header_text(told) == read


CHARSETS = [
    ("été €".encode("cp1252"), "iso-8859-1", "été €"),
    ("été".encode(), "us-ascii", "été"),
    ("été".encode("cp1252"), "utf-8", "été"),
    ("été".encode("utf-16"), "utf-16", "été"),
    ("été".encode(), None, "été"),
    ("été".encode(), "\x00", "été"),
    (b"\x81\x8d", "utf-8", ""),
    (b"x\x9cabc", "zlib", "xœabc"),
    (b"\\u0041", "unicode_escape", "\\u0041"),
    (b"a\x00b\x07c", "utf-8", "abc"),
    (b"one\r\ntwo\rthree", "utf-8", "one\ntwo\nthree"),
]


@pytest.mark.parametrize(("content", "charset", "text"), CHARSETS, ids=range(len(CHARSETS)))
def test_a_text_is_decoded_whatever_it_says_to_be(content: bytes, charset: str | None, text: str) -> None:
    assert decoded(content, charset) == text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<head><meta x><p>no end of the head", "no end of the head"),
        ('<a title="a > b">shown</a>', "shown"),
        ("<!-- no --> yes <![CDATA[no]]><?no?>", "yes"),
        ("<SCRIPT>no</script >yes", "yes"),
        ("<script>no", ""),
        ("a <b>b</b> & <c", "a b & <c"),
        ("<td>1</td><td>2</td>", "1 2"),
        ("&#0;&#xd800;&lt;script&gt;", "\ufffd\ufffd<script>"),
    ],
)
def test_only_what_a_page_shows_is_its_text(page: str, text: str) -> None:
    assert text_of(page) == text


def test_a_page_that_is_no_page_is_text() -> None:
    assert text_of("1 < 2 & 3 > 2") == "1 < 2 & 3 > 2"
    assert text_of("<" * 1000 + "a") != ""


@given(st.text(max_size=300))
def test_any_header_becomes_one_line(value: str) -> None:
    told = header_text(value)
    assert "\n" not in told
    told.encode()
