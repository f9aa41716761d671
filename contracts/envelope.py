"""The envelope every event travels in: CloudEvents 1.0 with `partitionkey` and `traceparent`.

Binary mode is written (attributes are headers, the value is the event's JSON); structured mode
(everything in one JSON value) is read too, because foreign producers send it. Of what CloudEvents
leaves optional this profile requires `time` and a key, and the id is a UUID. Not here: what the events
mean (`contracts.events`) and how they are carried (`chassis.bus`).
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

SPEC_VERSION = "1.0"
JSON_TYPE = "application/json"
STRUCTURED_TYPE = "application/cloudevents+json"
MAX_ATTRIBUTE = 500

_PREFIX = "ce_"
_SOURCE = re.compile(r"/livret/[a-z][a-z0-9_]*")
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class UnreadableRecord(ValueError):
    """A record that will never be an event of ours, however often it is tried.

    `reason` is one sentence for the person who looks at the dead record.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event under way. `time` is aware and UTC; `data` is the event's JSON as it was encoded."""

    id: UUID
    type: str
    source: str
    key: str
    time: datetime
    subject: str | None
    traceparent: str | None
    data: bytes

    @property
    def producer(self) -> str:
        """The service that said it: `tenancy` of `/livret/tenancy`. Order holds per (producer, key)."""
        return self.source.rpartition("/")[2]


def source_of(producer: str) -> str:
    """The CloudEvents `source` of a service."""
    return f"/livret/{producer}"


def to_headers(envelope: Envelope) -> list[tuple[str, bytes]]:
    """Binary mode: the attributes as record headers. The record's value is `envelope.data`, its key `key`."""
    headers = [(_PREFIX + name, value.encode()) for name, value in _attributes(envelope)]
    headers.append(("content-type", JSON_TYPE.encode()))
    return headers


def to_structured(envelope: Envelope) -> bytes:
    """Structured mode: attributes and data in one JSON object, of content type `STRUCTURED_TYPE`."""
    document: dict[str, Any] = dict(_attributes(envelope))
    document["datacontenttype"] = JSON_TYPE
    document["data"] = orjson.Fragment(envelope.data)
    return orjson.dumps(document)


def from_record(
    headers: Iterable[tuple[str, bytes]], key: bytes | str | None, value: bytes | None
) -> Envelope:
    """Read a record of either mode; anything this profile does not allow raises `UnreadableRecord`.

    What is returned can be stored: no control character in an attribute, and data that is a JSON object
    without a NUL, which PostgreSQL could not keep and which would then block its partition.
    """
    if value is None:
        raise UnreadableRecord("the record has no value")
    fields = {name.lower(): _text(name, raw) for name, raw in headers}
    content_type = fields.get("content-type", "").partition(";")[0].strip().lower()
    if content_type.startswith("application/cloudevents"):
        attributes, data = _open_structured(content_type, value)
    else:
        attributes, data = _open_binary(content_type, fields), value
    _require_storable_object(data)
    return _envelope(attributes, None if key is None else _text("the record's key", key), data)


def _attributes(envelope: Envelope) -> list[tuple[str, str]]:
    attributes = [
        ("specversion", SPEC_VERSION),
        ("id", str(envelope.id)),
        ("type", envelope.type),
        ("source", envelope.source),
        ("time", envelope.time.isoformat().replace("+00:00", "Z")),
        ("partitionkey", envelope.key),
    ]
    if envelope.subject is not None:
        attributes.append(("subject", envelope.subject))
    if envelope.traceparent is not None:
        attributes.append(("traceparent", envelope.traceparent))
    return attributes


def _text(name: str, raw: bytes | str | None) -> str:
    if isinstance(raw, str):
        return raw
    try:
        return (raw or b"").decode()
    except UnicodeDecodeError:
        raise UnreadableRecord(f"{name} is not UTF-8") from None


def _open_binary(content_type: str, fields: Mapping[str, str]) -> dict[str, str]:
    if content_type not in ("", JSON_TYPE):
        raise UnreadableRecord(f"content type {content_type[:80]!r} is not {JSON_TYPE}")
    return {name.removeprefix(_PREFIX): text for name, text in fields.items() if name.startswith(_PREFIX)}


def _open_structured(content_type: str, value: bytes) -> tuple[dict[str, str], bytes]:
    if content_type != STRUCTURED_TYPE:
        raise UnreadableRecord(f"content type {content_type[:80]!r} is not {STRUCTURED_TYPE}")
    document = _json(value)
    if not isinstance(document, dict):
        raise UnreadableRecord("a structured event is a JSON object")
    data = _structured_data(document)
    return {name: text for name, text in document.items() if isinstance(text, str)}, data


def _structured_data(document: dict[str, Any]) -> bytes:
    encoded = document.pop("data_base64", None)
    if encoded is None:
        return orjson.dumps(document.pop("data", None))
    try:
        return base64.b64decode(encoded, validate=True)
    except (ValueError, TypeError):
        raise UnreadableRecord("data_base64 is not base64") from None


def _json(value: bytes) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as fault:
        raise UnreadableRecord(f"the value is not JSON: {fault}") from None


def _require_storable_object(data: bytes) -> None:
    document = _json(data)
    if not isinstance(document, dict):
        raise UnreadableRecord("the data is not a JSON object")
    if b"\\u0000" in data and any("\0" in each for each in _strings(document)):
        raise UnreadableRecord("the data holds a NUL character")


def _strings(document: Any) -> Iterator[str]:
    """Every key and string below `document`. Without recursion: a foreign record may be nested very deep."""
    waiting = [document]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            waiting.extend(found)
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, str):
            yield found


def _envelope(attributes: Mapping[str, str], record_key: str | None, data: bytes) -> Envelope:
    if attributes.get("specversion") != SPEC_VERSION:
        raise UnreadableRecord(f"specversion {attributes.get('specversion')!r} is not {SPEC_VERSION!r}")
    return Envelope(
        id=_id(_required(attributes, "id")),
        type=_matching(_TYPE, "type", _required(attributes, "type")),
        source=_matching(_SOURCE, "source", _required(attributes, "source")),
        key=_key(attributes.get("partitionkey"), record_key),
        time=_time(_required(attributes, "time")),
        subject=_clean("subject", attributes["subject"]) if attributes.get("subject") else None,
        traceparent=_traceparent(attributes.get("traceparent")),
        data=data,
    )


def _required(attributes: Mapping[str, str], name: str) -> str:
    value = attributes.get(name)
    if not value:
        raise UnreadableRecord(f"{name} is missing")
    return _clean(name, value)


def _clean(name: str, value: str) -> str:
    if len(value) > MAX_ATTRIBUTE or _CONTROL.search(value):
        raise UnreadableRecord(f"{name} is longer than {MAX_ATTRIBUTE} or holds a control character")
    return value


def _matching(pattern: re.Pattern[str], name: str, value: str) -> str:
    if not pattern.fullmatch(value):
        raise UnreadableRecord(f"{name} {value[:80]!r} is not of the form {pattern.pattern}")
    return value


def _id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise UnreadableRecord(f"id {value[:80]!r} is not a UUID") from None


def _key(attribute: str | None, record_key: str | None) -> str:
    """The key orders the events, so an attribute that says other than the record's key is refused."""
    if attribute and record_key and attribute != record_key:
        raise UnreadableRecord(f"partitionkey {attribute[:80]!r} is not the record's key {record_key[:80]!r}")
    return _required({"partitionkey": attribute or record_key or ""}, "partitionkey")


def _time(value: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
        in_utc = instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadableRecord(f"time {value[:80]!r} is not an RFC 3339 instant") from None
    if instant.tzinfo is None:
        raise UnreadableRecord(f"time {value[:80]!r} has no offset")
    return in_utc


def _traceparent(value: str | None) -> str | None:
    """A malformed trace context is dropped, as W3C asks: it must never cost an event."""
    return value if value and _TRACEPARENT.fullmatch(value) else None
