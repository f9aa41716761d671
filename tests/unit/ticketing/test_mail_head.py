"""The header of a mail: who writes, about what, in which thread, and whether a person wrote it."""

import pytest

from services.ticketing.mail_head import digest_of, head_of
from services.ticketing.model.mail import MailReason
from tests.unit.ticketing.mails import mail, raw


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


def test_a_header_that_is_not_encoded_at_all_is_read_too() -> None:
    for charset in ("utf-8", "cp1252"):
        told = "From: Zoé <zoe@cabinet.example>\r\nSubject: Été\r\n\r\nx".encode(charset)
        assert (head_of(told).sender_name, head_of(told).subject) == ("Zoé", "Été")


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
