"""A mail as people's programs write it: its text, what of it was written anew, and its files."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from services.ticketing.mail_reading import read_mail
from tests.unit.ticketing.mails import PNG, raw, with_file


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


def test_a_page_beside_a_text_says_something_else() -> None:
    page = "Content-Type: text/html\r\n\r\n<p>It cannot be saved.</p>"
    parts = f"--b\r\n{page}\r\n--b\r\n\r\nConfidential.\r\n--b--"
    read = read_mail(raw("Content-Type: multipart/mixed; boundary=b", body=parts))
    assert (read.text, read.files) == ("It cannot be saved.\n\nConfidential.", ())


def test_what_a_server_writes_under_an_answer_hides_no_quote() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"] = "claire@cabinet.example"
    message.set_content("Ma réponse\n\nLe 3 mars, Support a écrit :\n> vieux\n")
    message.add_alternative("<p>Ma réponse</p><blockquote>vieux</blockquote>", subtype="html")
    message.add_attachment("<p>Avis de confidentialité</p>", subtype="html", disposition="inline")
    read = read_mail(message.as_bytes())
    assert read.text == "Ma réponse\n\nAvis de confidentialité"
    assert "vieux" in read.whole


def test_alternatives_within_an_alternative_say_the_same() -> None:
    page = "Content-Type: text/html\r\n\r\n<p>Oui.</p>"
    inner = f"Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n{page}\r\n--c--"
    parts = f"--b\r\n\r\nOui.\r\n--b\r\n{inner}\r\n--b--"
    assert read_mail(raw("Content-Type: multipart/alternative; boundary=b", body=parts)).text == "Oui."


def test_a_text_with_nothing_in_it_leaves_its_page() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"] = "claire@cabinet.example"
    message.set_content(" \n")
    message.add_alternative("<p>Bonjour</p>", subtype="html")
    message.add_attachment("Confidentiel.", disposition="inline")
    assert read_mail(message.as_bytes()).text == "Bonjour\n\nConfidentiel."


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


@pytest.mark.parametrize(
    "named",
    [
        b'filename="relev\xe9 \xe9t\xe9.pdf"',
        "filename=relevé\xa0été.pdf".encode().replace(b"\xc2\xa0", b"_"),
        b'filename="=?iso-8859-1?Q?relev=E9_=E9t=E9.pdf?="',
        b"filename*0*=iso-8859-1'fr'relev%E9%20; filename*1*=%E9t%E9; filename*2=.pdf",
        b"filename*=UTF-8''relev%C3%A9%20%C3%A9t%C3%A9.pdf",
    ],
    ids=["as it is", "in utf-8", "in encoded words", "in pieces", "in percents"],
)
def test_a_file_has_its_name_however_it_is_written(named: bytes) -> None:
    told = b"Content-Type: application/pdf\r\nContent-Disposition: attachment; %s\r\n\r\n%%PDF-" % named
    (file,) = read_mail(told).files
    assert file.name.replace("_", " ") == "relevé été.pdf"
