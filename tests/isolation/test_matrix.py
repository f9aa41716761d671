"""The matrix is complete, and it is what the routes say and what they do."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from chassis.auth import COMPANY_ROLES, PUBLISHER_ROLES, Caller, Role
from chassis.operations import Operation, operations_of
from chassis.scopes import scopes_of
from services.roster import load_all
from tests.isolation.matrix import COLUMNS, PLACES, Line, read_matrix
from tests.isolation.portal import Portal
from tests.isolation.requests import BODIES, request_for

pytestmark = pytest.mark.xdist_group("isolation")

MATRIX = read_matrix()
REFUSALS_OF_IDENTITY = {"not-authenticated": 401, "token-refused": 401, "not-allowed": 403}
_PROBLEM = "urn:livret:problem:"


@cache
def apps() -> Mapping[str, FastAPI]:
    """Every service's API, which connects to nothing as long as it is not started."""
    return {each.name: each.create_api(each.settings_class(service=each.name)) for each in load_all()}


@cache
def operations() -> Mapping[str, Operation]:
    """Every operation by `service.operation_id`."""
    return {
        f"{name}.{each.operation_id}": each for name, app in apps().items() for each in operations_of(app)
    }


def missing_and_surplus(lines: list[Line], there: Mapping[str, Operation]) -> tuple[set[str], set[str]]:
    """Operations that no line names, and lines that name no operation."""
    listed = {str(line) for line in lines}
    return set(there) - listed, listed - set(there)


def contradictions(lines: list[Line], there: Mapping[str, Operation]) -> list[str]:
    """Where a route declares other roles than its line allows. A public route asks nobody for a token."""
    return [
        f"{line}: the route allows {sorted(map(str, _declared(operation)))}, not {sorted(map(str, line.may))}"
        for line in lines
        if (operation := there.get(str(line))) is not None and _declared(operation) != line.may
    ]


def _declared(operation: Operation) -> frozenset[Role | None]:
    return frozenset(COLUMNS) if operation.roles is None else operation.roles


def test_every_operation_has_its_line_and_every_line_its_operation() -> None:
    assert missing_and_surplus(MATRIX, operations()) == (set(), set())


def test_no_line_is_written_twice() -> None:
    assert len({str(line) for line in MATRIX}) == len(MATRIX)


def test_the_routes_declare_what_the_matrix_says() -> None:
    assert contradictions(MATRIX, operations()) == []


@pytest.mark.parametrize("line", MATRIX, ids=str)
def test_every_id_of_an_operation_is_listed(line: Line) -> None:
    listed = {(each.place, each.name) for each in line.ids}
    assert set(ids_taken(apps()[line.service].openapi(), operations()[str(line)])) == listed


def ids_taken(document: Mapping[str, Any], operation: Operation) -> Iterator[tuple[str, str]]:
    """Place and name of everything in a request that is a UUID, as the API document has it."""
    told = document["paths"][operation.path][operation.method.lower()]
    for parameter in told.get("parameters", ()):
        if parameter["in"] in PLACES and _is_id(parameter["schema"]):
            yield parameter["in"], parameter["name"]
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    for name, schema in _fields(document, content.get("schema", {})):
        if _is_id(schema):
            yield "body", name


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every named field of a body, those of the shapes within it too."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for name, each in schema.get("properties", {}).items():
        yield name, each
        yield from _fields(document, each)
    for each in (*schema.get("anyOf", ()), *schema.get("allOf", ()), schema.get("items", {})):
        if each:
            yield from _fields(document, each)


def _is_id(schema: Mapping[str, Any]) -> bool:
    """A UUID, a list of them, or one of both that may be null."""
    within = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return schema.get("format") == "uuid" or any(_is_id(each) for each in within)


def test_every_operation_with_a_body_has_one_here() -> None:
    with_body = {
        operation.operation_id
        for name, operation in operations().items()
        if "requestBody"
        in apps()[name.split(".")[0]].openapi()["paths"][operation.path][operation.method.lower()]
    }
    assert with_body == set(BODIES)


def _caller(role: Role) -> Caller:
    """Somebody of this role; a customer and a company that nobody knows."""
    customer_id = None if role in (*PUBLISHER_ROLES, Role.machine) else uuid4()
    company_id = uuid4() if role in COMPANY_ROLES else None
    return Caller(uuid4(), uuid4(), role, customer_id, company_id, scopes=scopes_of(role))


CALLERS = {role: _caller(role) if role else None for role in COLUMNS}


async def outcome(portal: Portal, line: Line, role: Role | None) -> tuple[str, int]:
    """`refused` when it is for who calls, else `allowed`; and the status."""
    asked = request_for(line, operations()[str(line)], {each: uuid4() for each in line.ids})
    answer = await portal.client(line.service, CALLERS[role]).request(**asked.options())
    assert answer.status_code < 500, f"{role}: {answer.text}"
    slug = answer.json().get("type", "").removeprefix(_PROBLEM) if answer.status_code >= 400 else ""
    if slug in REFUSALS_OF_IDENTITY:
        assert answer.status_code == REFUSALS_OF_IDENTITY[slug]
        return "refused", answer.status_code
    return "allowed", answer.status_code


@pytest.mark.parametrize("line", MATRIX, ids=str)
async def test_each_role_is_answered_as_the_matrix_says(line: Line, portal: Portal) -> None:
    found = {role: await outcome(portal, line, role) for role in COLUMNS}
    assert {role for role, (told, _) in found.items() if told == "allowed"} == line.may
    refused = {role: status for role, (told, status) in found.items() if told == "refused"}
    assert refused == {role: 403 if role else 401 for role in COLUMNS if role not in line.may}


class TestAFaultIsSeen:
    """What each check says about an operation that does not stand in the matrix as it is."""

    NAME = "tenancy.read_company"

    def test_an_operation_without_a_line(self) -> None:
        without = [line for line in MATRIX if str(line) != self.NAME]
        assert missing_and_surplus(without, operations()) == ({self.NAME}, set())

    def test_a_line_without_an_operation(self) -> None:
        without = {name: each for name, each in operations().items() if name != self.NAME}
        assert missing_and_surplus(MATRIX, without) == (set(), {self.NAME})

    def test_a_route_that_allows_one_role_more(self) -> None:
        read = operations()[self.NAME]
        wider = Operation(read.operation_id, read.method, read.path, frozenset(Role))
        assert [each.split(":")[0] for each in contradictions(MATRIX, {self.NAME: wider})] == [self.NAME]

    def test_a_route_that_became_public(self) -> None:
        read = operations()[self.NAME]
        public = Operation(read.operation_id, read.method, read.path, None)
        assert len(contradictions(MATRIX, {self.NAME: public})) == 1

    async def test_a_route_that_refuses_whom_it_should_let_in(
        self, portal: Portal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The declaration may be right and the door wrong: only a request tells."""
        (line,) = (line for line in MATRIX if str(line) == self.NAME)
        permissions = portal.app("tenancy").state.permissions
        (endpoint,) = (each for each in permissions if each.__name__ == "read_company")
        monkeypatch.setitem(permissions, endpoint, permissions[endpoint].__class__(frozenset({Role.partner})))
        assert await outcome(portal, line, Role.firm_admin) == ("refused", 403)

    async def test_a_route_that_lets_everybody_in(
        self, portal: Portal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (line,) = (line for line in MATRIX if str(line) == self.NAME)
        permissions = portal.app("tenancy").state.permissions
        (endpoint,) = (each for each in permissions if each.__name__ == "read_company")
        monkeypatch.setitem(permissions, endpoint, permissions[endpoint].__class__(frozenset(Role)))
        assert (await outcome(portal, line, Role.billing))[0] == "allowed"

    def test_marks_that_are_too_few_or_a_name_twice(self, tmp_path: Path) -> None:
        for fault in ('{may: "x x"}', '{may: "x x x x  x x  x x  x ?"}', '{may: "", url: {a: b}}'):
            written = tmp_path / "matrix.yaml"
            written.write_text(f"tenancy:\n  A group:\n    log_in: {fault}\n")
            with pytest.raises(ValueError, match=r"tenancy\.log_in"):
                read_matrix(written)
        written.write_text("tenancy:\n  A group:\n    log_in: {may: 1}\n    log_in: {may: 2}\n")
        with pytest.raises(ValueError, match="written twice"):
            read_matrix(written)
