"""The AsyncAPI document is shaped as AsyncAPI 3.0 asks, and its headers are those of the envelope."""

import json
from typing import Any

import pytest

from contracts.envelope import to_headers
from services.cli import spec
from tests.contracts.samples import an_envelope

DOCUMENT: dict[str, Any] = json.loads((spec.ROOT / "asyncapi.json").read_text("utf-8"))
IN_CHANNEL = "#/channels/{}/messages/{}"


def test_it_says_what_it_is() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    allowed = {
        "asyncapi",
        "id",
        "info",
        "servers",
        "defaultContentType",
        "channels",
        "operations",
        "components",
    }
    assert DOCUMENT.keys() <= allowed


@pytest.mark.parametrize("name", list(DOCUMENT["channels"]))
def test_a_channel_has_an_address_of_its_own_and_messages_of_the_components(name: str) -> None:
    channel = DOCUMENT["channels"][name]
    others = [other["address"] for other in DOCUMENT["channels"].values() if other is not channel]
    assert channel["address"] not in others
    assert channel["messages"]
    for wire, message in channel["messages"].items():
        assert message == {"$ref": f"#/components/messages/{wire}"}


@pytest.mark.parametrize("name", list(DOCUMENT["operations"]))
def test_an_operations_messages_are_those_of_its_channel(name: str) -> None:
    operation = DOCUMENT["operations"][name]
    channel = operation["channel"]["$ref"].removeprefix("#/channels/")
    there = {IN_CHANNEL.format(channel, wire) for wire in DOCUMENT["channels"][channel]["messages"]}
    named = [message["$ref"] for message in operation["messages"]]
    assert operation["action"] in ("send", "receive")
    assert named
    assert set(named) <= there
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("wire", list(DOCUMENT["components"]["messages"]))
def test_a_message_has_a_payload_that_is_a_schema(wire: str) -> None:
    message = DOCUMENT["components"]["messages"][wire]
    assert message["name"] == wire
    assert message["contentType"] == DOCUMENT["defaultContentType"]
    schema = json.loads((spec.ROOT / message["payload"]["$ref"]).read_text("utf-8"))
    assert schema["type"] == "object"


def test_its_headers_are_those_of_a_record() -> None:
    headers = DOCUMENT["components"]["messageTraits"]["cloudevent"]["headers"]
    sent = {name for name, _ in to_headers(an_envelope())}
    assert set(headers["required"]) <= headers["properties"].keys()
    assert set(headers["required"]) <= sent <= headers["properties"].keys()
