"""What becomes of a mail's values: a message, or a refusal; never another header."""

from typing import Any

import pytest

from chassis.effects import Effect, EffectRefused
from chassis.mail import compose, local_part

SENDER = "Livret <no-reply@livret.example>"


def asked(**changes: Any) -> Effect:
    payload = {"to": "anne@cabinet.example", "subject": "Votre accès", "text": "Bonjour\n"} | changes
    return Effect("mail", "invitation/1", payload, 1)


def test_a_message_has_its_values_and_an_id_of_its_key() -> None:
    message = compose(asked(), SENDER)
    assert (message["To"], message["Subject"]) == ("anne@cabinet.example", "Votre accès")
    assert message.get_content() == "Bonjour\n"
    assert message["Message-ID"] == compose(asked(), SENDER)["Message-ID"]
    assert b"=?utf-8?" in message.as_bytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "anne@cabinet.example\r\nBcc: all@elsewhere.example"},
        {"to": "anne@cabinet.example, all@elsewhere.example"},
        {"to": "nobody"},
        {"to": ""},
        {"to": "anne@-.."},
        {"subject": "Hello\nBcc: all@elsewhere.example"},
        {"subject": "Hello\x00"},
    ],
)
def test_no_value_can_add_a_header_or_a_recipient(changes: dict[str, str]) -> None:
    with pytest.raises(EffectRefused):
        compose(asked(**changes), SENDER)


def test_a_body_that_looks_like_headers_stays_a_body() -> None:
    message = compose(asked(text="Bcc: all@elsewhere.example\n\n.\n"), SENDER)
    assert message["Bcc"] is None
    assert "Bcc: all@elsewhere.example" in message.get_content()


def test_a_calendar_file_goes_with_it_and_adds_no_header() -> None:
    message = compose(asked(calendar="BEGIN:VCALENDAR\r\nBcc: all@elsewhere.example\r\n"), SENDER)
    text, file = message.iter_parts()
    assert text.get_content() == "Bonjour\n"
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "event.ics")
    assert file.get_content().startswith("BEGIN:VCALENDAR")
    assert message["Bcc"] is None


def test_an_answer_names_the_mails_that_it_continues_and_where_it_is_answered() -> None:
    payload = asked(
        after_keys=["acknowledgement/7"],
        after_ids=["<theirs@cabinet.example>", "no id\r\nBcc: all@elsewhere.example"],
        reply_tag="1000-0012",
    )
    message = compose(payload, SENDER, "Support <support@livret.example>")
    ours = f"<{local_part('acknowledgement/7')}@livret.example>"
    assert message["References"] == f"{ours} <theirs@cabinet.example>"
    assert message["In-Reply-To"] == "<theirs@cabinet.example>"
    assert message["Reply-To"] == "Support <support+1000-0012@livret.example>"
    assert message["Bcc"] is None


def test_a_mail_that_begins_something_continues_nothing() -> None:
    message = compose(asked(), SENDER)
    assert (message["References"], message["In-Reply-To"], message["Reply-To"]) == (None, None, None)


def test_a_tag_cannot_become_another_address() -> None:
    with pytest.raises(EffectRefused):
        compose(asked(reply_tag="a@elsewhere.example,b"), SENDER, "support@livret.example")
