"""Whole examples for an API document, composed from those that stand at the fields.

A shape says an example where its value is a word (`Field(examples=[…])`); what has one form only, such as an
instant or an id, shows itself. From these every body gets its example. A field that may be null shows null,
and one that may be left out is left out, unless it has an example of its own. A body that lacks an example of
a field it needs gets none: a test of all documents names it. A file tells its own.
"""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_BY_FORMAT = {
    "date": "2026-03-27",
    "date-time": "2026-03-27T09:30:00+01:00",
}
_REFERENCE = "#/components/schemas/"

Schema = Mapping[str, Any]


class NoExample(Exception):
    """A field that is needed has no example; its place is the message."""


def add_examples(document: dict[str, Any]) -> None:
    """Puts an example on each body of the document that can be given one, and has none yet."""
    schemas = document.get("components", {}).get("schemas", {})
    for item in document.get("paths", {}).values():
        for method in _METHODS & item.keys():
            for content in bodies_of(item[method]):
                if "example" not in content and "examples" not in content:
                    _add(content, schemas)


def bodies_of(operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an operation takes, and what it answers when it succeeds: each of its forms but images."""
    told = [operation.get("requestBody", {})]
    told += [answer for status, answer in operation.get("responses", {}).items() if status.startswith("2")]
    forms = [form for part in told for form in part.get("content", {}).items()]
    return [content for media_type, content in forms if not media_type.startswith("image/")]


def _add(content: dict[str, Any], schemas: Mapping[str, Schema]) -> None:
    try:
        content["example"] = example_of(content.get("schema", {}), schemas)
    except NoExample:
        return


def example_of(schema: Schema, schemas: Mapping[str, Schema], place: str = "") -> Any:
    """A value of this schema. Raises `NoExample` where one is needed and nothing tells it."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REFERENCE)
        own = {key: value for key, value in schema.items() if key != "$ref"}
        return example_of({**schemas[name], **own}, schemas, place)
    told = _told(schema)
    if told:
        return told[0]
    if "anyOf" in schema:
        return _of_several(schema["anyOf"], schemas, place)
    if schema.get("type") == "object":
        return _of_object(schema, schemas, place)
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), schemas, f"{place}/0")]
    return _of_value(schema, place)


def _told(schema: Schema) -> list[Any]:
    """What the schema itself says: an example, the only value, or the first of its words."""
    if "const" in schema:
        return [schema["const"]]
    return list(schema.get("examples") or schema.get("enum") or ())


def _of_several(choices: list[Schema], schemas: Mapping[str, Schema], place: str) -> Any:
    if any(choice.get("type") == "null" for choice in choices):
        return None
    return example_of(choices[0], schemas, place)


def _of_object(schema: Schema, schemas: Mapping[str, Schema], place: str) -> dict[str, Any]:
    needed = schema.get("required", ())
    shown = {}
    for name, part in schema.get("properties", {}).items():
        if name in needed or part.get("examples"):
            shown[name] = _named(name, part, schemas, f"{place}/{name}")
    return shown


def _named(name: str, part: Schema, schemas: Mapping[str, Schema], place: str) -> Any:
    """An id shows the same value wherever it has the same name."""
    if part.get("format") == "uuid" and not part.get("examples"):
        return str(uuid5(NAMESPACE_URL, name))
    items = part.get("items", {})
    if part.get("type") == "array" and items.get("format") == "uuid" and not part.get("examples"):
        return [str(uuid5(NAMESPACE_URL, name.removesuffix("s")))]
    return example_of(part, schemas, place)


def _of_value(schema: Schema, place: str) -> Any:
    kind = schema.get("type")
    if kind == "boolean":
        return schema.get("default", False)
    if kind in ("integer", "number"):
        return schema.get("default", max(1, schema.get("minimum", 1)))
    if kind == "null":
        return None
    if schema.get("format") == "uuid":
        return str(uuid5(NAMESPACE_URL, place))
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    raise NoExample(place)
