"""Mail: what a service asks for, and the performer that sends it, to a server or to a directory one can read.

A mail is built when it is sent. Its `Message-ID` comes from its idempotency key, so that a receiver can tell
a repetition; in the directory the key is the file's name, so that there is one file however often it is sent.
A mail that belongs to a conversation says what it answers, and where an answer to it is read.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
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
_MESSAGE_ID = re.compile(r"<[^\s<>]{1,250}>")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


async def send(
    tx: "Tx",
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    calendar: bytes | None = None,
    after_keys: Sequence[str] = (),
    after_ids: Sequence[str] = (),
    reply_tag: str | None = None,
) -> None:
    """Asks for a mail in this transaction. `key` is unique in the service: one mail however often asked.

    `calendar` is an iCalendar file that goes with it. It continues the mails that were sent with `after_keys`
    and received as `after_ids` (`<…>`), in their order; `reply_tag` goes with the address for answers.
    """
    payload: dict[str, Any] = {"to": to, "subject": subject, "text": text}
    if calendar is not None:
        payload["calendar"] = calendar.decode()
    if after_keys or after_ids:
        payload |= {"after_keys": list(after_keys), "after_ids": list(after_ids)}
    if reply_tag is not None:
        payload["reply_tag"] = reply_tag
    await effects.append(tx.connection, KIND, key, payload)


def local_part(key: str) -> str:
    """What stands before the `@` in the `Message-ID` of the mail that is sent with this key."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


async def perform(effect: Effect, context: Context) -> None:
    """Sends one mail to where the settings say. Raises EffectRefused for one that can never be sent."""
    message = compose(effect, context.settings.mail_from, context.settings.mail_reply_to)
    target = urlsplit(context.settings.mail)
    if target.scheme == "file":
        await asyncio.to_thread(_write, Path(unquote(target.path)), effect.idempotency_key, message)
    elif target.scheme == "smtp" and target.hostname:
        await _deliver(message, target.hostname, target.port or 25)
    else:
        raise EffectRefused(
            f"LIVRET_MAIL is neither file:///directory nor smtp://host:port: {target.scheme!r}"
        )


def compose(effect: Effect, sender: str, reply_to: str | None = None) -> EmailMessage:
    """The message. No value can add a header or a recipient."""
    payload = effect.payload
    try:
        message = EmailMessage(policy=SMTP)
        message["From"] = _address(sender)
        message["To"] = _address(str(payload["to"]))
        message["Subject"] = _one_line(str(payload["subject"]))
        domain = message["From"].addresses[0].domain
        message["Message-ID"] = f"<{local_part(effect.idempotency_key)}@{domain}>"
        _continue(message, payload, domain)
        if reply_to is not None:
            message["Reply-To"] = _tagged(_address(reply_to), payload.get("reply_tag"))
        message["Date"] = format_datetime(system_now())
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(str(payload["text"]))
        if "calendar" in payload:
            _attach_calendar(message, str(payload["calendar"]))
    except (ValueError, KeyError, IndexError, MessageError) as fault:
        raise EffectRefused(f"the mail cannot be composed: {type(fault).__name__}") from fault
    return message


def _continue(message: EmailMessage, payload: Mapping[str, Any], domain: str) -> None:
    """RFC 5322: which mails it answers, so that a mail program shows them together."""
    ours = [f"<{local_part(key)}@{domain}>" for key in payload.get("after_keys", ())]
    ids = [*ours, *(each for each in payload.get("after_ids", ()) if _MESSAGE_ID.fullmatch(each))]
    if ids:
        message["In-Reply-To"] = ids[-1]
        message["References"] = " ".join(ids)


def _tagged(address: Address, tag: str | None) -> Address:
    """`support@…` with a tag is `support+tag@…`: an answer says by itself what it is about."""
    if not tag:
        return address
    spec = f"{address.username}+{_one_line(tag)}@{address.domain}"
    return Address(display_name=address.display_name, addr_spec=spec)


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
