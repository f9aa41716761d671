"""The JSON Schema of each event, as a consumer may rely on it."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from contracts.events import Event

JsonObject = dict[str, Any]


def event_schema(cls: type[Event]) -> JsonObject:
    """The schema of one event's data.

    Unknown properties are allowed in it although producers forbid them: a later release may add optional
    fields to this version, and a consumer that validates must not fall over them.
    """
    body: JsonObject = _open(cls.model_json_schema(mode="validation"))
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:livret:event:{cls.WIRE}",
    } | body


def _open(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_open(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _open(value)
        for name, value in schema.items()
        if not (name == "additionalProperties" and value is False)
    }
