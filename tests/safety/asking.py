"""Requests made up from a service's own API document, and what is wrong with the answers.

The document says what an operation takes; Schemathesis makes requests of that shape, and of others.
A share of them is furnished with ids that the caller's tenant has and with a body that would be accepted, so
that not every answer is a refusal at the door.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chassis.operations import Operation
from tests.isolation.matrix import Line
from tests.isolation.requests import BODIES, IN_PATH

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
schemathesis.serializer.alias("message/rfc822", "application/octet-stream")
SECONDS = 60
FURNISHED_IN = 3
"""Of so many requests, two have the tenant's ids, and one of these an acceptable body besides."""


@dataclass(frozen=True)
class Made:
    """How many requests are made of each operation and kind, and from which seed."""

    examples: int
    seed: int


@dataclass(frozen=True)
class Asker:
    """Asks one service, as it listens at an address, by its document."""

    app: FastAPI
    address: str
    made: Made

    def cases(self, operation: Operation, line: Line, ids: Mapping[str, UUID]) -> list[Case[Any]]:
        """The requests of one operation: of the shape it asks for, then of others."""
        schema = schemathesis.openapi.from_dict(deepcopy(self.app.openapi()))
        asked = schema[operation.path][operation.method.lower()]
        modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        found = [case for mode in modes for case in _drawn(asked, mode, self.made)]
        for number, case in enumerate(found):
            if number % FURNISHED_IN:
                _give_ids(case, line, ids)
            if number % FURNISHED_IN == 1:
                _give_body(case, line, ids)
        return found

    def answered(self, case: Case[Any], token: str | None) -> "Answered":
        """The answer to one request of somebody who has this token, or none."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = case.call(base_url=self.address, headers=headers, timeout=SECONDS)
        except requests.RequestException as fault:
            return Answered(599, [f"no answer: {fault!r}"])
        try:
            case.validate_response(answer, checks=list(CHECKS))
        except FailureGroup as failures:
            return Answered(answer.status_code, [str(failures)])
        return Answered(answer.status_code, [])


@dataclass(frozen=True)
class Answered:
    """The status of an answer, and what is wrong with it."""

    status: int
    faults: list[str]


def _drawn(asked: Any, mode: GenerationMode, made: Made) -> list[Case[Any]]:
    """So many requests; none where an operation takes nothing that could be of another shape."""
    found: list[Case[Any]] = []

    @seed(made.seed)
    @settings(
        max_examples=made.examples,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(asked.as_strategy(mode))
    def draw(case: Case[Any]) -> None:
        found.append(case)

    try:
        draw()
    except Unsatisfiable:
        return []
    return found


def _give_ids(case: Case[Any], line: Line, ids: Mapping[str, UUID]) -> None:
    known = {each: str(ids[each.kind]) for each in line.ids if each.kind in ids}
    named = {name: value for name, value in IN_PATH.items() if name in (case.path_parameters or {})}
    in_path = named | {each.name: value for each, value in known.items() if each.place == "path"}
    if in_path:
        case.path_parameters = {**(case.path_parameters or {}), **in_path}
    in_query = {each.name: value for each, value in known.items() if each.place == "query"}
    if in_query and isinstance(case.query, dict):
        case.query = case.query | in_query
    if case.headers is not None:
        case.headers.update({"Idempotency-Key": str(uuid4()), "If-Match": "*"})


def _give_body(case: Case[Any], line: Line, ids: Mapping[str, UUID]) -> None:
    """A body that would be taken, with one of its members as it was made up."""
    body = BODIES.get(line.operation_id)
    if not isinstance(body, Mapping):
        return
    named = {each.name: str(ids[each.kind]) for each in line.ids if each.place == "body" and each.kind in ids}
    whole = {**body, **{name: [value] if name.endswith("_ids") else value for name, value in named.items()}}
    drawn = case.body if isinstance(case.body, dict) else {}
    case.body = whole | dict(list(drawn.items())[:1])
    case.media_type = "application/json"
