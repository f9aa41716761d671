"""Every body of every published API document has an example, which is what it is an example of."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from fastapi.routing import APIRoute

from chassis.examples import add_examples, bodies_of
from services.roster import ROSTER, load
from tests.contracts.test_api_conventions import document_of, operations

Document = dict[str, Any]


def without_example(document: Document) -> list[str]:
    """The operations that take or answer something of which they show no example."""
    return [
        place
        for place, operation in operations(document)
        if any("example" not in content and "examples" not in content for content in bodies_of(operation))
    ]


def faults(document: Document) -> Iterator[str]:
    """Where an example is not what its schema says."""
    for place, operation in operations(document):
        for content in bodies_of(operation):
            schema = content["schema"] | {"components": document["components"]}
            validator = jsonschema.Draft202012Validator(
                schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
            )
            for error in validator.iter_errors(content.get("example")):
                yield f"{place} {error.json_path}: {error.message[:200]}"


def refused(name: str) -> Iterator[str]:
    """The examples of requests that the shapes refuse: rules of several fields stand in them only."""
    service = load(name)
    api = service.create_api(service.settings_class(service=service.name))
    shown = {operation["operationId"]: operation for _, operation in operations(document_of(name))}
    for route in api.routes:
        if isinstance(route, APIRoute) and route.body_field is not None and route.name in shown:
            (content, *_) = shown[route.name]["requestBody"]["content"].values()
            _, errors = route.body_field.validate(content["example"], {}, loc=("body",))
            if errors:
                yield f"{route.name}: {errors}"


@pytest.mark.parametrize("name", list(ROSTER))
def test_every_body_has_an_example(name: str) -> None:
    assert without_example(document_of(name)) == []


@pytest.mark.parametrize("name", list(ROSTER))
def test_every_example_fits_its_schema(name: str) -> None:
    assert list(faults(document_of(name))) == []


@pytest.mark.parametrize("name", list(ROSTER))
def test_every_example_of_a_request_is_taken(name: str) -> None:
    assert list(refused(name)) == []


def _document(schema: Document, **content: Any) -> Document:
    operation = {"requestBody": {"content": {"application/json": {"schema": schema, **content}}}}
    return {"paths": {"/a": {"post": operation}}, "components": {"schemas": _SCHEMAS}}


_SCHEMAS = {
    "Line": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
    "Word": {"type": "string", "examples": ["devis"]},
}


def test_a_body_without_an_example_would_be_seen() -> None:
    for schema in ({"$ref": "#/components/schemas/Line"}, {"type": "string"}):
        document = _document(schema)
        add_examples(document)
        assert without_example(document) == ["POST /a"]


def test_an_example_of_something_else_would_be_seen() -> None:
    document = _document({"$ref": "#/components/schemas/Line"}, example={"name": 3})
    assert list(faults(document)) == ["POST /a $.name: 3 is not of type 'string'"]


def test_an_example_is_composed_of_those_of_its_fields() -> None:
    schema = {
        "type": "object",
        "required": ["code", "state", "at", "lines", "note"],
        "properties": {
            "code": {"$ref": "#/components/schemas/Word"},
            "state": {"enum": ["active", "ended"]},
            "at": {"type": "string", "format": "date"},
            "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Word"}},
            "note": {"anyOf": [{"type": "string", "examples": ["lost"]}, {"type": "null"}]},
            "left_out": {"type": "string"},
            "said": {"type": "string", "examples": ["yes"]},
        },
    }
    document = _document(schema)
    add_examples(document)
    (content,) = bodies_of(document["paths"]["/a"]["post"])
    assert content["example"] == {
        "code": "devis",
        "state": "active",
        "at": "2026-03-27",
        "lines": ["devis"],
        "note": None,
        "said": "yes",
    }
    assert list(faults(document)) == []


def test_an_example_that_stands_there_stays() -> None:
    document = _document({"$ref": "#/components/schemas/Line"}, example={"name": "mine"})
    add_examples(document)
    assert bodies_of(document["paths"]["/a"]["post"])[0]["example"] == {"name": "mine"}
