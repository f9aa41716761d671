"""The header of a mail: who writes, about what, in which thread, and whether a person wrote it (RFC 3834)."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from email.parser import BytesHeaderParser
from email.policy import Compat32

from services.ticketing.mail_words import MAX_VALUE, addresses_in, header_text, message_ids_in
from services.ticketing.model.mail import Head, MailReason

MAX_HEADER = 256 * 1024
MAX_PARAMETERS = 4_000
MAX_REFERENCES = 50
SUBJECT_LENGTH = 250
NAME_LENGTH = 200
AUTHENTICATION_LENGTH = 2_000

_BLANK = re.compile(rb"\r?\n\r?\n|\r\r")
_FORGED = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)
_TRACE = ("message-id", "from", "date", "subject", "in-reply-to")
_DAEMONS = frozenset({"mailer-daemon", "postmaster"})
_NOBODIES = frozenset({"noreply", "donotreply", "nepasrepondre"})
_MARKS = {ord(mark): None for mark in "-_."}

Values = Mapping[str, list[str]]


class _Bounded(Compat32):
    """Headers as they stand, and none longer than a mail needs: reading parameters takes the square of it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value, the value cut off."""
        name, value = super().header_source_parse(sourcelines)
        longest = MAX_PARAMETERS if name.lower().startswith("content-") else MAX_VALUE
        return name, value[:longest]

    def header_fetch_parse(self, _name: str, value: str) -> str:
        """The value as it came: bytes beyond ASCII, which many programs send, are decoded later."""
        return value


BOUNDED = _Bounded()


def parts_of(raw: bytes) -> tuple[bytes, bytes]:
    """Header and body, as far as a header may be long."""
    found = _BLANK.search(raw, 0, MAX_HEADER)
    return (raw[: found.start()], raw[found.end() :]) if found else (raw[:MAX_HEADER], raw[MAX_HEADER:])


def digest_of(raw: bytes) -> str:
    """What tells a mail that comes again from another one: its name, writer, date, subject and body.

    What servers add on the way is not in it: a gateway that repeats may have taken another way.
    """
    header, body = parts_of(raw)
    values = _values(header)
    told = hashlib.sha256(body)
    for name in _TRACE:
        told.update(f"\n{name}:{'|'.join(values[name])}".encode("utf-8", "surrogateescape"))
    return told.hexdigest()


def head_of(raw: bytes) -> Head:
    """The header, read. It never raises: what cannot be read is not there."""
    values = _values(parts_of(raw)[0])
    name, sender = _sender(values)
    references = _ids(values, "references") + _ids(values, "in-reply-to")
    authentication = header_text(" ; ".join(values["authentication-results"]))
    return Head(
        sender=sender,
        sender_name=name[:NAME_LENGTH] or None if name else None,
        recipients=_recipients(values),
        subject=header_text(_first(values, "subject"))[:SUBJECT_LENGTH],
        message_ref=next(iter(_ids(values, "message-id")), None),
        references=tuple(dict.fromkeys(references[-MAX_REFERENCES:])),
        automatic=_automatic(values, sender),
        hops=len(values["received"]),
        authentication=authentication[:AUTHENTICATION_LENGTH] or None,
        said_forged=_FORGED.search(authentication) is not None,
    )


def _values(header: bytes) -> Values:
    """The values by name; the first ones count where a header stands twice."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    try:
        message = BytesHeaderParser(policy=BOUNDED).parsebytes(header + b"\n\n")
        for name, value in message.raw_items():
            found[name.lower()].append(str(value))
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        found.clear()
    return found


def _first(values: Values, name: str) -> str:
    return values[name][0] if values[name] else ""


def _ids(values: Values, name: str) -> list[str]:
    return message_ids_in(_first(values, name))


def _sender(values: Values) -> tuple[str | None, str | None]:
    """Name and address of who writes. Several writers, or none that can be read, are nobody."""
    found = [each for value in values["from"] for each in addresses_in(value)]
    if len({address for _, address in found}) != 1:
        return None, None
    return found[0]


def _recipients(values: Values) -> tuple[str, ...]:
    headers = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
    found = [address for name in headers for value in values[name] for _, address in addresses_in(value)]
    return tuple(dict.fromkeys(found))[:100]


def _automatic(values: Values, sender: str | None) -> MailReason | None:
    """How a mail says that no person wrote it (RFC 3834, and what programs did before it)."""
    if _is_report(values, sender):
        return MailReason.delivery_report
    if _word(values, "auto-submitted") not in ("", "no") or _answers_to_nobody(sender):
        return MailReason.automatic
    if any(values[name] for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress")):
        return MailReason.automatic
    if values["list-id"] or values["list-unsubscribe"]:
        return MailReason.mailing_list
    if _word(values, "precedence") in ("bulk", "junk", "list", "auto_reply"):
        return MailReason.bulk
    return None


def _is_report(values: Values, sender: str | None) -> bool:
    return _word(values, "content-type") == "multipart/report" or (
        sender is not None and sender.partition("@")[0] in _DAEMONS
    )


def _answers_to_nobody(sender: str | None) -> bool:
    return sender is not None and sender.partition("@")[0].translate(_MARKS) in _NOBODIES


def _word(values: Values, name: str) -> str:
    return _first(values, name).partition(";")[0].partition("(")[0].strip().lower()
