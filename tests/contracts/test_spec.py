"""The committed documents are those that the code makes, and keep what was released."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from contracts.events import REGISTRY, encode
from contracts.spec.published import published
from contracts.spec.schemas import event_schema
from services.cli import spec
from services.roster import ROSTER, load_all
from tests.contracts.samples import an_event


@pytest.fixture(scope="module")
def documents() -> dict[Path, str]:
    """All documents, made once."""
    return spec.documents()


def test_the_committed_documents_are_those_the_code_makes(documents: dict[Path, str]) -> None:
    assert spec.differing(spec.ROOT, documents) == [], "run `make spec` and commit what it writes"


def test_a_document_that_differs_would_be_seen(tmp_path: Path, documents: dict[Path, str]) -> None:
    for folder in ("schemas", "openapi"):
        shutil.copytree(spec.ROOT / folder, tmp_path / folder)
    (tmp_path / "asyncapi.json").write_text("{}\n")
    (tmp_path / "schemas" / "livret.none.Gone.v1.json").write_text("{}\n")
    (tmp_path / "openapi" / "tenancy.json").unlink()
    assert spec.differing(tmp_path, documents) == [
        Path("asyncapi.json"),
        Path("openapi/tenancy.json"),
        Path("schemas/livret.none.Gone.v1.json"),
    ]


def test_what_was_released_is_kept(documents: dict[Path, str]) -> None:
    assert spec.broken_promises(spec.ROOT, documents) == []


def test_a_broken_promise_would_be_seen(tmp_path: Path, documents: dict[Path, str]) -> None:
    wire = an_event().WIRE
    released = event_schema(REGISTRY[wire])
    released["properties"]["since_removed"] = {"type": "integer"}
    (tmp_path / spec.RELEASED).mkdir(parents=True)
    (tmp_path / spec.RELEASED / f"{wire}.json").write_text(json.dumps(released))
    (tmp_path / spec.RELEASED / "livret.none.Gone.v1.json").write_text("{}")
    assert spec.broken_promises(tmp_path, documents) == [
        "livret.none.Gone.v1: released, and no longer there",
        f"{wire} /since_removed: was removed",
    ]


def test_every_heard_event_is_said_by_a_service_of_the_roster() -> None:
    for service in load_all():
        for heard in service.hears:
            assert published().get(heard.WIRE) is heard, f"{service.name} hears {heard.__name__}"
            assert heard.PRODUCER in ROSTER, f"no service says {heard.WIRE}, which {service.name} hears"


def test_every_event_is_a_service_of_the_rosters() -> None:
    assert {cls.PRODUCER for cls in published().values()} <= ROSTER.keys()


def _references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        for name, value in document.items():
            if name == "$ref":
                yield value
            yield from _references(value)
    elif isinstance(document, list):
        for value in document:
            yield from _references(value)


def test_every_reference_of_the_asyncapi_document_leads_somewhere(documents: dict[Path, str]) -> None:
    document = json.loads(documents[Path("asyncapi.json")])
    references = list(_references(document))
    assert len(references) > len(published())
    for reference in references:
        if reference.startswith("./"):
            assert Path(reference) in documents, reference
            continue
        target = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in target, reference
            target = target[part]


def test_the_asyncapi_document_tells_who_says_and_who_hears(documents: dict[Path, str]) -> None:
    operations = json.loads(documents[Path("asyncapi.json")])["operations"]
    assert operations["tenancy.say"]["action"] == "send"
    for service in load_all():
        for heard in service.hears:
            messages = operations[f"{service.name}.hear.{heard.PRODUCER}"]["messages"]
            assert {"$ref": f"#/channels/{heard.PRODUCER}/messages/{heard.WIRE}"} in messages


@pytest.mark.parametrize("name", list(ROSTER))
def test_each_api_document_is_valid_openapi(name: str, documents: dict[Path, str]) -> None:
    document = json.loads(documents[Path("openapi") / f"{name}.json"])
    validate(document)


def test_an_event_as_it_is_sent_fits_its_schema() -> None:
    schema = event_schema(type(an_event()))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(encode(an_event())) | {"added_later": 1}, schema)
