"""What every published API document keeps: named operations, and a maximum on whatever could grow.

Their examples are tested beside, in `test_api_examples`.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from services.cli import spec
from services.roster import ROSTER

BOUNDED = {"maxLength", "format", "pattern", "enum", "const"}
FILES = ("text/csv", "text/calendar", "application/jsonl")
METHODS = {"get", "post", "put", "patch", "delete"}


def document_of(name: str) -> dict[str, Any]:
    """As it is committed; that it is what the code makes is tested elsewhere."""
    document: dict[str, Any] = json.loads((spec.ROOT / "openapi" / f"{name}.json").read_text("utf-8"))
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method.upper()} {path}", item[method]


def unnamed(document: dict[str, Any]) -> list[str]:
    """The operations without a name of their own, a tag, a summary or a description."""
    found = list(operations(document))
    times = Counter(operation.get("operationId") for _, operation in found)
    return [
        place
        for place, operation in found
        if times[operation.get("operationId")] != 1
        or not all(operation.get(name) for name in ("tags", "summary", "description"))
    ]


def unbounded(schema: Any, place: str = "") -> Iterator[str]:
    """Strings and arrays without a maximum, below a part of a document. A file that is answered has none."""
    if isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from unbounded(part, f"{place}/{number}")
    elif isinstance(schema, dict):
        if schema.get("type") == "string" and not BOUNDED & schema.keys():
            yield place
        if schema.get("type") == "array" and "maxItems" not in schema:
            yield place
        for name, part in schema.items():
            if name not in ("example", "examples", "default", *FILES):
                yield from unbounded(part, f"{place}/{name}")


@pytest.mark.parametrize("name", list(ROSTER))
def test_every_operation_has_a_name_a_tag_a_summary_and_a_description(name: str) -> None:
    assert unnamed(document_of(name)) == []


@pytest.mark.parametrize("name", list(ROSTER))
def test_every_string_and_array_that_is_sent_or_answered_has_a_maximum(name: str) -> None:
    assert list(unbounded(document_of(name))) == []


@pytest.mark.parametrize("name", list(ROSTER))
def test_a_file_that_is_sent_has_a_maximum(name: str) -> None:
    bodies = [operation.get("requestBody", {}) for _, operation in operations(document_of(name))]
    files = [part for body in bodies for kind, part in body.get("content", {}).items() if kind in FILES]
    assert list(unbounded(files)) == []


def test_an_operation_that_shares_its_name_would_be_seen() -> None:
    named = {"operationId": "a", "tags": ["t"], "summary": "s", "description": "d"}
    paths = {"/a": {"get": named, "post": named}, "/b": {"get": named | {"operationId": "b"}}}
    assert sorted(unnamed({"paths": paths})) == ["GET /a", "POST /a"]
    for lacking in ("tags", "summary", "description"):
        assert unnamed({"paths": {"/b": {"get": named | {lacking: []}}}}) == ["GET /b"]


def test_what_could_grow_without_end_would_be_seen() -> None:
    loose = {"properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"enum": ["x"]}}}}
    assert list(unbounded(loose)) == ["/properties/a", "/properties/b"]
    assert list(unbounded({"type": "string", "maxLength": 9})) == []
