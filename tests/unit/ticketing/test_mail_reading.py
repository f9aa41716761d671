"""A mail as programs write it, as nobody should, and as somebody may who means harm: always read."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ticketing.mail_head import digest_of, head_of
from services.ticketing.mail_html import text_of
from services.ticketing.mail_reading import MAX_FILES, MAX_TEXT, read_mail
from services.ticketing.mail_words import decoded, header_text
from services.ticketing.model.mail import MailReason, ReadMail

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de")


def mail(text: str = "Hello", **headers: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    told = {"From": "Claire Durand <Claire@Cabinet.example>", "To": "support@portal.example"} | headers
    for name, value in told.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def raw(*lines: str, body: str = "Hello") -> bytes:
    return ("\r\n".join(["From: claire@cabinet.example", *lines]) + f"\r\n\r\n{body}\r\n").encode()


def with_file(name: str, media_type: str, content: bytes) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = "claire@cabinet.example"
    message.set_content("See the file.")
    maintype, subtype = media_type.split("/")
    message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message


def test_a_mail_tells_its_writer_its_subject_and_its_thread() -> None:
    head = head_of(
        mail(
            Subject="Le devis ne s'enregistre pas",
            Message_ID="<2@cabinet.example>",
            In_Reply_To="<1@portal.example>",
            References="<0@portal.example> <1@portal.example>",
            Cc="Bruno <bruno@cabinet.example>",
        )
    )
    assert (head.sender, head.sender_name) == ("claire@cabinet.example", "Claire Durand")
    assert head.recipients == ("support@portal.example", "bruno@cabinet.example")
    assert head.subject == "Le devis ne s'enregistre pas"
    assert head.message_ref == "<2@cabinet.example>"
    assert head.references == ("<0@portal.example>", "<1@portal.example>")
    assert head.automatic is None


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


def test_a_header_that_is_not_encoded_at_all_is_read_too() -> None:
    for charset in ("utf-8", "cp1252"):
        told = "From: Zoé <zoe@cabinet.example>\r\nSubject: Été\r\n\r\nx".encode(charset)
        assert (head_of(told).sender_name, head_of(told).subject) == ("Zoé", "Été")


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


AUTOMATIC = [
    ({"Auto-Submitted": "auto-replied"}, MailReason.automatic),
    ({"Auto-Submitted": "auto-generated (vacation)"}, MailReason.automatic),
    ({"Auto-Submitted": "no"}, None),
    ({"Auto-Submitted": "No (by hand)"}, None),
    ({"X-Autoreply": "yes"}, MailReason.automatic),
    ({"X-Auto-Response-Suppress": "All"}, MailReason.automatic),
    ({"Precedence": "bulk"}, MailReason.bulk),
    ({"Precedence": "Junk"}, MailReason.bulk),
    ({"Precedence": "first-class"}, None),
    ({"List-Id": "<news.elsewhere.example>"}, MailReason.mailing_list),
    ({"List-Unsubscribe": "<mailto:out@elsewhere.example>"}, MailReason.mailing_list),
    ({"X-Auto-Respond": "x"}, None),
    ({"From": "no-reply@elsewhere.example"}, MailReason.automatic),
    ({"From": "Ne_Pas_Repondre@elsewhere.example"}, MailReason.automatic),
    ({"From": "MAILER-DAEMON@mx.example"}, MailReason.delivery_report),
    ({"Content-Type": 'multipart/report; boundary="b"'}, MailReason.delivery_report),
]


@pytest.mark.parametrize(("headers", "reason"), AUTOMATIC, ids=range(len(AUTOMATIC)))
def test_what_no_person_wrote_says_so(headers: dict[str, str], reason: MailReason | None) -> None:
    told = {"From": "claire@cabinet.example"} | headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    assert head_of(f"{lines}\r\nHello".encode()).automatic is reason


def test_what_a_gateway_found_of_the_sender_is_kept_and_heard() -> None:
    head = head_of(raw("Authentication-Results: mx.portal.example; spf=pass; dmarc=fail (p=reject)"))
    assert (head.said_forged, head.authentication) == (
        True,
        "mx.portal.example; spf=pass; dmarc=fail (p=reject)",
    )
    assert not head_of(raw("Authentication-Results: mx.portal.example; dmarc=pass")).said_forged


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("claire@cabinet.example", "claire@cabinet.example"),
        ('"Durand, Claire" <claire@cabinet.example>', "claire@cabinet.example"),
        ("claire@cabinet.example (Claire)", "claire@cabinet.example"),
        ("claire@cabinet.example <evil@elsewhere.example>", "evil@elsewhere.example"),
        ('"claire@cabinet.example" <evil@elsewhere.example>', "evil@elsewhere.example"),
        ("<claire@cabinet.example> <evil@elsewhere.example>", None),
        ("claire@cabinet.example, evil@elsewhere.example", None),
        ("a@b.example\r\nFrom: claire@cabinet.example", None),
        ("=?utf-8?Q?claire=40cabinet.example?= <evil@elsewhere.example>", "evil@elsewhere.example"),
        ('"evil@elsewhere.example" <claire@cabinet.example>', "claire@cabinet.example"),
        ('"\\"' * 5, None),
        ("Cabinet: claire@cabinet.example;", "claire@cabinet.example"),
        ("undisclosed:;", None),
        ("<>", None),
        ("claire", None),
        ("", None),
    ],
)
def test_a_sender_is_an_address_or_nobody(value: str, sender: str | None) -> None:
    assert head_of(f"From: {value}\r\n\r\nHello".encode()).sender == sender


def test_a_header_of_quotation_marks_is_read_in_time() -> None:
    assert head_of(b"From: " + b'"\\' * 20_000 + b"\r\n\r\nHello").sender is None


def test_a_subject_adds_no_header() -> None:
    head = head_of(raw("Subject: Hello\r\n Bcc: all@elsewhere.example", "X: y"))
    assert head.subject == "Hello Bcc: all@elsewhere.example"
    assert head.recipients == ()


def test_the_same_mail_has_the_same_digest_whatever_way_it_took() -> None:
    first = raw("Message-ID: <1@a.example>", "Subject: Hello")
    again = b"Received: from elsewhere\r\nDelivered-To: support@portal.example\r\n" + first
    assert digest_of(first) == digest_of(again)
    others = [
        raw("Message-ID: <2@a.example>", "Subject: Hello"),
        raw("Message-ID: <1@a.example>", "Subject: Hello you"),
        raw("Message-ID: <1@a.example>", "Subject: Hello", body="Other"),
    ]
    assert len({digest_of(each) for each in (first, *others)}) == 4


def test_a_plain_text_is_preferred_to_the_page_that_says_the_same() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"] = "claire@cabinet.example"
    message.set_content("Bonjour, ça bloque.")
    message.add_alternative("<p>Bonjour, <b>ça</b> bloque.</p>", subtype="html")
    read = read_mail(message.as_bytes())
    assert (read.text, read.files, read.is_broken) == ("Bonjour, ça bloque.", (), False)


def test_a_page_alone_becomes_text_and_what_it_quotes_is_apart() -> None:
    page = (
        "<html><head><style>p{color:red}</style><title>x</title></head><body><p>Bonjour,<br>la TVA est"
        " &lt;fausse&gt;&nbsp;!</p><ul><li>un</li><li>deux</li></ul><script>alert(1)</script>"
        '<div class="gmail_quote"><div>Le lundi, Support a &eacute;crit :</div>'
        "Avez-vous essay&eacute; ?</div>"
    )
    message = EmailMessage(policy=SMTP)
    message["From"] = "claire@cabinet.example"
    message.set_content(page, subtype="html")
    read = read_mail(message.as_bytes())
    assert read.text == "Bonjour,\nla TVA est <fausse> !\n\n- un\n- deux"
    assert "Avez-vous essayé ?" in read.whole
    assert "alert" not in read.whole


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


def test_files_come_with_their_names_and_images_within_too() -> None:
    message = with_file("relevé été.csv", "text/csv", b"a;b\n")
    message.add_attachment(PNG, maintype="image", subtype="png", cid="<1@x>", disposition="inline")
    read = read_mail(message.as_bytes())
    assert read.text == "See the file."
    assert [(file.name, file.media_type, file.content) for file in read.files] == [
        ("relevé été.csv", "text/csv", b"a;b\n"),
        ("", "image/png", PNG),
    ]


def test_a_mail_within_a_mail_is_a_file_and_says_nothing_itself() -> None:
    inner = EmailMessage(policy=SMTP)
    inner["From"], inner["Subject"] = "bank@elsewhere.example", "Relevé"
    inner.set_content("Not ours to read.")
    message = EmailMessage(policy=SMTP)
    message["From"] = "claire@cabinet.example"
    message.set_content("See below.")
    message.add_attachment(inner)
    read = read_mail(message.as_bytes())
    assert read.text == "See below."
    assert [(file.name, file.media_type) for file in read.files] == [("Relevé.eml", "message/rfc822")]
    assert b"Not ours to read." in read.files[0].content


def test_a_mail_of_a_file_alone_has_no_text() -> None:
    read = read_mail(
        raw("Content-Type: application/pdf; name=a.pdf", "Content-Transfer-Encoding: base64", body="JVBERi0=")
    )
    assert (read.text, [file.content for file in read.files]) == ("", [b"%PDF-"])


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


def test_a_page_that_is_no_page_is_text() -> None:
    assert text_of("1 < 2 & 3 > 2") == "1 < 2 & 3 > 2"
    assert text_of("<" * 1000 + "a") != ""


def well_formed(read: ReadMail) -> None:
    """What a database and a header can hold, within its bounds."""
    head = read.head
    texts = [read.text, read.whole, head.subject, head.sender_name or "", head.authentication or ""]
    for told in (*texts, *(file.name for file in read.files)):
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


@given(st.text(max_size=300))
def test_any_header_becomes_one_line(value: str) -> None:
    told = header_text(value)
    assert "\n" not in told
    told.encode()
