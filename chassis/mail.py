"""Mail: what a service asks for, and the performer that sends it, to a server or to a directory one can read.

A mail is built when it is sent. Its `Message-ID` comes from its idempotency key, so that a receiver can tell
a repetition; in the directory the key is the file's name, so that there is one file however often it is sent.
"""

import asyncio
import hashlib
import os
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import aiosmtplib

from chassis import effects
from chassis.clock import system_now
from chassis.effects import Effect, EffectRefused
from chassis.hears import Context

if TYPE_CHECKING:
    from chassis.db import Tx

KIND = "mail"
SEND_SECONDS = 20.0
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_NAME_LENGTH = 120
_SPEC = r"[^\s<>@,;:()\"\\]+@[A-Za-z0-9.-]+"
_ADDRESS = re.compile(rf'(?P<bare>{_SPEC})|"?(?P<name>[^"<>]*?)"?\s*<(?P<named>{_SPEC})>')
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


async def send(
    tx: "Tx", *, key: str, to: str, subject: str, text: str, calendar: bytes | None = None
) -> None:
    """Asks for a mail in this transaction. `key` is unique in the service: one mail however often asked.

    `calendar` is an iCalendar file that goes with it.
    """
    payload = {"to": to, "subject": subject, "text": text}
    if calendar is not None:
        payload["calendar"] = calendar.decode()
    await effects.append(tx.connection, KIND, key, payload)


async def perform(effect: Effect, context: Context) -> None:
    """Sends one mail to where the settings say. Raises EffectRefused for one that can never be sent."""
    message = compose(effect, context.settings.mail_from)
    target = urlsplit(context.settings.mail)
    if target.scheme == "file":
        await asyncio.to_thread(_write, Path(unquote(target.path)), effect.idempotency_key, message)
    elif target.scheme == "smtp" and target.hostname:
        await _deliver(message, target.hostname, target.port or 25)
    else:
        raise EffectRefused(
            f"LIVRET_MAIL is neither file:///directory nor smtp://host:port: {target.scheme!r}"
        )


def compose(effect: Effect, sender: str) -> EmailMessage:
    """The message. No value can add a header or a recipient."""
    payload = effect.payload
    digest = hashlib.sha256(effect.idempotency_key.encode()).hexdigest()[:40]
    try:
        message = EmailMessage(policy=SMTP)
        message["From"] = _address(sender)
        message["To"] = _address(str(payload["to"]))
        message["Subject"] = _one_line(str(payload["subject"]))
        message["Message-ID"] = f"<{digest}@{message['From'].addresses[0].domain}>"
        message["Date"] = format_datetime(system_now())
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(str(payload["text"]))
        if "calendar" in payload:
            _attach_calendar(message, str(payload["calendar"]))
    except (ValueError, KeyError, IndexError) as fault:
        raise EffectRefused(f"the mail cannot be composed: {type(fault).__name__}") from fault
    return message


def _attach_calendar(message: EmailMessage, calendar: str) -> None:
    message.add_attachment(
        calendar.encode(),
        maintype="text",
        subtype="calendar",
        filename="event.ics",
        params={"method": "PUBLISH", "charset": "utf-8"},
    )


def _address(value: str) -> Address:
    """One address, `Name <local@domain>` or `local@domain`."""
    found = _ADDRESS.fullmatch(_one_line(value).strip())
    if found is None:
        raise ValueError("not one mail address")
    return Address(display_name=found["name"] or "", addr_spec=found["named"] or found["bare"])


def _one_line(value: str) -> str:
    if _UNSAFE.search(value):
        raise ValueError("a header holds a control character")
    return value


def _write(directory: Path, key: str, message: EmailMessage) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    name = _file_name(key)
    partial = directory / f".{name}.{os.getpid()}.partial"
    with partial.open("wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    partial.replace(directory / f"{name}.eml")


def _file_name(key: str) -> str:
    """The key as far as a file's name can hold it, told apart by a digest where it cannot."""
    name = _NOT_IN_NAMES.sub("-", key)[:_NAME_LENGTH]
    return name if name == key else f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


async def _deliver(message: EmailMessage, host: str, port: int) -> None:
    try:
        await aiosmtplib.send(message, hostname=host, port=port, timeout=SEND_SECONDS)
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as fault:
        if _is_permanent(fault):
            raise EffectRefused(f"the mail server refuses it: {_code(fault)}") from fault
        raise


def _is_permanent(fault: aiosmtplib.SMTPException) -> bool:
    return 500 <= _code(fault) < 600


def _code(fault: aiosmtplib.SMTPException) -> int:
    """The SMTP code, of the first recipient when they were refused."""
    if isinstance(fault, aiosmtplib.SMTPRecipientsRefused):
        return fault.recipients[0].code if fault.recipients else 0
    return int(getattr(fault, "code", 0))
