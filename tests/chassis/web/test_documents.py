"""The API document and its page: had without a database, complete, and without any outside host."""

import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate

from chassis.operations import operations_of
from chassis.reference import asset


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    found: dict[str, Any] = app.openapi()
    return found


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_every_operation_says_who_may_and_how_it_refuses(app: FastAPI, document: dict[str, Any]) -> None:
    for operation in operations_of(app):
        described = document["paths"][operation.path][operation.method.lower()]
        assert described["operationId"] == operation.operation_id
        assert described["tags"] or operation.roles is None
        if operation.roles is None:
            assert described["security"] == []
        else:
            assert described["x-roles"] == sorted(operation.roles)
            assert {"401", "403", "404", "422", "500", "503"} <= set(described["responses"])
        for status, answer in described["responses"].items():
            if int(status) >= 400:
                assert set(answer["content"]) == {"application/problem+json"}


def test_headers_that_are_asked_for_are_shown_so(document: dict[str, Any]) -> None:
    made = document["paths"]["/v1/notes"]["post"]
    (key,) = [p for p in made["parameters"] if p["name"] == "Idempotency-Key"]
    assert (key["required"], key["schema"]["type"]) == (True, "string")
    assert "400" in made["responses"]
    edited = document["paths"]["/v1/notes/{note_id}"]["put"]
    assert [p["required"] for p in edited["parameters"] if p["name"] == "if-match"] == [True]
    assert {"412", "428"} <= set(edited["responses"])


def test_a_get_asks_for_no_key(document: dict[str, Any]) -> None:
    listed = document["paths"]["/v1/notes"]["get"]
    assert "Idempotency-Key" not in [parameter["name"] for parameter in listed["parameters"]]


async def test_the_reference_page_needs_no_outside_host(client: httpx.AsyncClient) -> None:
    page = await client.get("/reference")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for name in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert (await client.get(f"/{name}")).status_code == 200
    for name in ("reference.html", "reference.js", "pages.css", "login.html", "login.js", "index.html"):
        assert b"//" not in re.sub(rb"^\s*//.*$", b"", asset(name), flags=re.MULTILINE)


async def test_no_other_file_is_given_out(client: httpx.AsyncClient) -> None:
    for name in ("login.html", "..%2Fapp.py", "app.py"):
        assert (await client.get(f"/reference/{name}")).status_code == 404


@pytest.mark.parametrize("name", ["index.html", "login.html", "reference.html"])
def test_pages_have_no_script_or_style_within(name: str) -> None:
    page = asset(name).decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=|javascript:", page)
