"""A released schema may gain optional fields with a default, and nothing else."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from contracts.spec.compatibility import violations

RELEASED: dict[str, Any] = {
    "title": "Said",
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 250},
        "kind": {"enum": ["a", "b"], "type": "string"},
        "company_id": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
        "lines": {"type": "array", "maxItems": 10, "items": {"$ref": "#/$defs/Line"}},
        "note": {"type": "string", "maxLength": 10, "default": ""},
    },
    "required": ["name", "kind", "company_id", "lines"],
    "$defs": {
        "Line": {
            "type": "object",
            "properties": {"count": {"type": "integer"}},
            "required": ["count"],
        }
    },
}

Change = Callable[[dict[str, Any]], object]


def _changed(change: Change) -> list[str]:
    current = copy.deepcopy(RELEASED)
    change(current)
    return violations(RELEASED, current)


def _add(schema: dict[str, Any], **fields: Any) -> None:
    schema["properties"].update(fields)


@pytest.mark.parametrize(
    "change",
    [
        lambda schema: None,
        lambda schema: _add(schema, later={"type": "integer", "default": 0}),
        lambda schema: _add(schema["$defs"]["Line"], later={"anyOf": [{"type": "null"}], "default": None}),
        lambda schema: schema.update(title="Other", description="Said otherwise."),
        lambda schema: schema["properties"]["name"].update(description="A name."),
        lambda schema: schema["required"].reverse(),
    ],
)
def test_what_a_release_may_gain(change: Change) -> None:
    assert _changed(change) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda s: s["properties"].pop("note"), "/note: was removed"),
        (lambda s: _add(s, later={"type": "integer"}), "/later: was added without a default"),
        (
            lambda s: (s["required"].append("later"), s["properties"].update(later={"default": 0})),
            "/later: was added and is required",
        ),
        (lambda s: s["required"].remove("name"), "/name: was required, no longer is"),
        (lambda s: s["required"].append("note"), "/note: was optional, no longer is"),
        (lambda s: s["properties"]["name"].update(type="integer"), "/name:"),
        (lambda s: s["properties"]["name"].update(maxLength=500), "/name:"),
        (lambda s: s["properties"]["name"].pop("maxLength"), "/name:"),
        (lambda s: s["properties"]["kind"]["enum"].append("c"), "/kind:"),
        (lambda s: s["properties"]["note"].update(default="-"), "/note:"),
        (
            lambda s: s["properties"]["company_id"]["anyOf"].pop(),
            "/company_id/anyOf: 2 alternatives became 1",
        ),
        (lambda s: s["properties"]["company_id"]["anyOf"][0].pop("format"), "/company_id/anyOf/0:"),
        (lambda s: s["properties"]["lines"].update(maxItems=20), "/lines:"),
        (lambda s: s["properties"]["lines"].pop("items"), "/lines/items: were given, no longer are"),
        (lambda s: s["$defs"]["Line"]["properties"]["count"].update(type="string"), "/lines/items/count:"),
        (lambda s: s["$defs"]["Line"]["properties"].pop("count"), "/lines/items/count: was removed"),
    ],
)
def test_what_breaks_a_promise_is_seen(change: Change, place: str) -> None:
    assert [fault for fault in _changed(change) if fault.startswith(place)]
