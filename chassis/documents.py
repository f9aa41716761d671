"""The OpenAPI document of a service, with what FastAPI does not know by itself.

Every operation declares the problems it may answer with, the token it asks for, and (`x-roles`) who may
call it; where programs may, the scope they need. A header that is asked for is marked so.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from chassis import examples, idempotency
from chassis.operations import Operation, operations_of
from chassis.problems import MEDIA_TYPE, Problem
from chassis.scopes import SCOPES

TOKEN_PATH = "/v1/oauth/token"  # noqa: S105 - an address, no secret
"""Where tenancy gives programs their tokens; behind the origin, under `/api/tenancy`."""

_SECURITY = "token"
_PROGRAMS = "program"
_ALWAYS = {
    "400": "A header or the body cannot be read.",
    "404": "Not there, or not yours.",
    "409": "What the request builds on (`Livret-After`) is not known here yet.",
    "422": "The shape is refused, or a rule refuses what was sent.",
    "500": "A fault of ours, recorded under the trace id.",
    "503": "Not possible now; `Retry-After` says when.",
}
_WITH_TOKEN = {"401": "No valid token.", "403": "This role may not do this."}
_FOR_PROGRAMS = {
    "403": "This role may not do this, or the token lacks the scope.",
    "429": "The program has spent its quota of requests; `Retry-After` says when it may go on.",
}
_AT_THE_DOOR = {
    "401": "What was presented opens nothing.",
    "403": "The door asks for something else first, or the request comes from a foreign page.",
    "410": "What was presented opened once.",
}
_WRITING = {
    "409": "Refused by a rule, in conflict with another request, or not known here yet.",
    "413": "The body is larger than this operation takes.",
    "429": "Too many attempts: `Retry-After` says when.",
}
_REFERENCE = "#/components/schemas/"


def install(app: FastAPI) -> None:
    """Replaces the app's document by one that tells all of this; made once, when first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app made by `create_api`."""
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    for operation in operations_of(app):
        described = found.get("paths", {}).get(operation.path, {}).get(operation.method.lower())
        if described is not None:
            _complete(described, operation)
    components = found.setdefault("components", {})
    _add_problem(components.setdefault("schemas", {}))
    components["securitySchemes"] = {
        _SECURITY: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "ES256. Behind the origin, a session's cookie is exchanged for one.",
        },
        _PROGRAMS: {
            "type": "oauth2",
            "description": "A program's own token (RFC 6749, section 4.4), for ten minutes at most.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": f"/api/tenancy{TOKEN_PATH}",
                    "scopes": {name: opening.sentence for name, opening in SCOPES.items()},
                }
            },
        },
    }
    examples.add_examples(found)
    return found


def _complete(described: dict[str, Any], operation: Operation) -> None:
    responses = described.setdefault("responses", {})
    for status, meaning in _problems_of(described, operation).items():
        if status not in responses or status == "422":
            responses[status] = _problem(meaning)
    described["security"] = [] if operation.roles is None else [{_SECURITY: []}]
    if operation.scopes:
        described["security"].append({_PROGRAMS: sorted(operation.scopes)})
    if operation.roles is not None:
        described["x-roles"] = sorted(operation.roles)


def _problems_of(described: dict[str, Any], operation: Operation) -> dict[str, str]:
    problems = dict(_ALWAYS)
    if operation.roles is not None:
        problems |= _WITH_TOKEN | (_FOR_PROGRAMS if operation.scopes else {})
    if operation.method != "GET":
        problems |= _WRITING | (_AT_THE_DOOR if operation.roles is None else {})
    for parameter in described.get("parameters", []):
        if parameter["in"] == "header" and parameter["name"].lower() == idempotency.HEADER.lower():
            _require(parameter)
            problems["400"] = f"{idempotency.HEADER} is missing, or what was sent cannot be read."
        elif parameter["in"] == "header" and parameter["name"].lower() == "if-match":
            _require(parameter)
            problems |= {"412": "Changed meanwhile by someone else.", "428": "If-Match is missing."}
    return problems


def _require(parameter: dict[str, Any]) -> None:
    """Asked for by the operation itself, with its own status: the framework sees it as optional."""
    parameter["required"] = True
    schema = parameter.get("schema", {})
    parameter["schema"] = next((s for s in schema.get("anyOf", ()) if s.get("type") != "null"), schema)


def _problem(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REFERENCE}Problem"}}}}


def _add_problem(schemas: dict[str, Any]) -> None:
    schema = Problem.model_json_schema(ref_template=_REFERENCE + "{model}", mode="serialization")
    schemas |= schema.pop("$defs", {})
    schemas["Problem"] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
