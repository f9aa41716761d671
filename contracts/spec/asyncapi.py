"""The AsyncAPI 3.0 document: one channel per service's topic, and who says and hears what on it."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from contracts.events import Event
from contracts.spec.published import published
from contracts.spec.schemas import JsonObject

_VERSION = "1.0.0"


def topic(producer: str) -> str:
    """The topic, and AsyncAPI address, on which a service says its events."""
    return f"livret.{producer}"


def asyncapi(hears: Mapping[str, Iterable[type[Event]]], partitions: int) -> JsonObject:
    """The document, from the published events and a map of service to the events it hears."""
    events = published()
    said = {
        producer: list(classes)
        for producer, classes in groupby(_by_producer(events.values()), key=lambda cls: cls.PRODUCER)
    }
    operations = {f"{producer}.say": _operation("send", producer, said[producer]) for producer in said}
    for service in sorted(hears):
        for producer, classes in groupby(_by_producer(hears[service]), key=lambda cls: cls.PRODUCER):
            operations[f"{service}.hear.{producer}"] = _operation("receive", producer, classes)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Livret events",
            "version": _VERSION,
            "description": "What the services of the portal tell one another. CloudEvents 1.0, binary mode."
            " Order holds per (producer, partitionkey); every event may arrive more than once.",
        },
        "defaultContentType": "application/json",
        "channels": {producer: _channel(producer, said[producer], partitions) for producer in said},
        "operations": operations,
        "components": {
            "messages": {wire: _message(cls) for wire, cls in events.items()},
            "messageTraits": {"cloudevent": {"headers": _HEADERS}},
        },
    }


def _by_producer(classes: Iterable[type[Event]]) -> list[type[Event]]:
    return sorted(classes, key=lambda cls: (cls.PRODUCER, cls.WIRE))


def _channel(producer: str, classes: Iterable[type[Event]], partitions: int) -> JsonObject:
    return {
        "address": topic(producer),
        "title": f"What {producer} says",
        "messages": {cls.WIRE: {"$ref": f"#/components/messages/{cls.WIRE}"} for cls in classes},
        "bindings": {
            "kafka": {"topic": topic(producer), "partitions": partitions, "bindingVersion": "0.5.0"},
        },
    }


def _operation(action: str, producer: str, classes: Iterable[type[Event]]) -> JsonObject:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{producer}"},
        "messages": [{"$ref": f"#/channels/{producer}/messages/{cls.WIRE}"} for cls in classes],
    }


def _message(cls: type[Event]) -> JsonObject:
    return {
        "name": cls.WIRE,
        "title": cls.__name__,
        "summary": (cls.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
        "payload": {"$ref": f"./schemas/{cls.WIRE}.json"},
    }


_HEADERS: JsonObject = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "ce_partitionkey"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid"},
        "ce_type": {"type": "string", "description": "The wire name."},
        "ce_source": {"type": "string", "description": "/livret/ and the service that said it."},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_partitionkey": {"type": "string", "description": "What order holds for. Also the record's key."},
        "ce_subject": {"type": "string"},
        "ce_traceparent": {"type": "string", "description": "W3C trace context."},
        "content-type": {"const": "application/json"},
    },
}
