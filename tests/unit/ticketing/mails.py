"""Mails as programs write them, whole or line by line."""

from email.message import EmailMessage
from email.policy import SMTP

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
