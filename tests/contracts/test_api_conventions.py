"""What every published API document keeps: named operations, and a maximum on whatever could grow."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from services.cli import spec
from services.roster import ROSTER

BOUNDED = {"maxLength", "format", "pattern", "enum", "const"}
METHODS = {"get", "post", "put", "patch", "delete"}


def _document(name: str) -> dict[str, Any]:
    """As it is committed; that it is what the code makes is tested elsewhere."""
    document: dict[str, Any] = json.loads((spec.ROOT / "openapi" / f"{name}.json").read_text("utf-8"))
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method.upper()} {path}", item[method]


def unnamed(document: dict[str, Any]) -> list[str]:
    """The operations without a name of their own, a tag or a summary."""
    operations = list(_operations(document))
    times = Counter(operation.get("operationId") for _, operation in operations)
    return [
        place
        for place, operation in operations
        if times[operation.get("operationId")] != 1
        or not operation.get("tags")
        or not operation.get("summary")
    ]


def unbounded(schema: Any, place: str = "") -> Iterator[str]:
    """Strings and arrays without a maximum, below a part of a document."""
    if isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from unbounded(part, f"{place}/{number}")
    elif isinstance(schema, dict):
        if schema.get("type") == "string" and not BOUNDED & schema.keys():
            yield place
        if schema.get("type") == "array" and "maxItems" not in schema:
            yield place
        for name, part in schema.items():
            if name not in ("example", "examples", "default"):
                yield from unbounded(part, f"{place}/{name}")


@pytest.mark.parametrize("name", list(ROSTER))
def test_every_operation_has_a_name_a_tag_and_a_summary(name: str) -> None:
    assert unnamed(_document(name)) == []


def sent(document: dict[str, Any]) -> dict[str, Any]:
    """What a caller sends: parameters and bodies by operation, and the schemas that those lead to."""
    parts = {
        place: [operation.get("parameters", []), operation.get("requestBody", {})]
        for place, operation in _operations(document)
    }
    schemas: dict[str, Any] = {}
    waiting = list(_referred(parts))
    while waiting:
        name = waiting.pop()
        if name not in schemas:
            schemas[name] = document["components"]["schemas"][name]
            waiting.extend(_referred(schemas[name]))
    return {"operations": parts, "schemas": schemas}


def _referred(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for below in part:
            yield from _referred(below)
    elif isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rpartition("/")[2]
        for below in part.values():
            yield from _referred(below)


@pytest.mark.parametrize("name", list(ROSTER))
def test_every_string_and_array_that_is_sent_has_a_maximum(name: str) -> None:
    assert list(unbounded(sent(_document(name)))) == []


def test_a_loose_body_would_be_seen_behind_its_references() -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}
    schemas = {
        "New": {"properties": {"lines": {"items": {"$ref": "#/components/schemas/Line"}}}},
        "Line": {"properties": {"name": {"type": "string"}}},
        "Shown": {"type": "string"},
    }
    document = {"paths": {"/a": {"post": {"requestBody": body}}}, "components": {"schemas": schemas}}
    assert list(unbounded(sent(document))) == ["/schemas/Line/properties/name"]


def test_an_operation_that_shares_its_name_would_be_seen() -> None:
    named = {"operationId": "a", "tags": ["t"], "summary": "s"}
    paths = {"/a": {"get": named, "post": named}, "/b": {"get": named | {"operationId": "b"}}}
    assert sorted(unnamed({"paths": paths})) == ["GET /a", "POST /a"]
    assert unnamed({"paths": {"/b": {"get": named | {"tags": []}}}}) == ["GET /b"]


def test_what_could_grow_without_end_would_be_seen() -> None:
    loose = {"properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"enum": ["x"]}}}}
    assert list(unbounded(loose)) == ["/properties/a", "/properties/b"]
    assert list(unbounded({"type": "string", "maxLength": 9})) == []
