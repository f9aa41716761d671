"""What an API offers, read back from its routes: each operation, its path and who may call it.

The table is made once, when the app is; a route that does not say who may call it stops the start.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import Scope

from chassis.auth import Permission, permission_of
from chassis.roles import Role

API_PREFIX = "/v1"
_OPTIONS = tuple(
    inspect.signature(APIRoute.__init__).parameters.keys()
    - {"self", "path", "endpoint", "dependency_overrides_provider"}
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `roles` is None for a public one; `scopes` are what programs need besides."""

    operation_id: str
    method: str
    path: str
    roles: frozenset[Role] | None
    scopes: frozenset[str] = frozenset()


class AmbiguousOperation(Exception):
    """Two routes share a function's name or an endpoint: operation ids would not be unique."""


def include(app: FastAPI, router: APIRouter) -> None:
    """Puts a router's routes on the app itself, under `API_PREFIX`.

    FastAPI's own `include_router` keeps a router within the router, which every request then walks through
    twice: that costs more than the routing itself.
    """
    for route in router.routes:
        if not isinstance(route, APIRoute):
            raise TypeError(f"{route} is no operation")
        options = {name: getattr(route, name) for name in _OPTIONS}
        app.router.add_api_route(
            API_PREFIX + route.path, route.endpoint, route_class_override=type(route), **options
        )


def operations_of(app: FastAPI) -> list[Operation]:
    """Every operation of an app made by `create_api`, in the order of its routes."""
    operations: list[Operation] = app.state.operations
    return operations


def route_of(scope: Scope) -> str:
    """The template of the path that was asked for; `unmatched` when there is none."""
    app = scope.get("app")
    templates: dict[Any, str] = getattr(app.state, "templates", {}) if app else {}
    return templates.get(scope.get("endpoint"), "unmatched")


def register(app: FastAPI) -> None:
    """Reads the routes of a finished app into its state: `operations`, `permissions`, `templates`.

    Raises `UndeclaredPermission` or `AmbiguousOperation`.
    """
    operations: list[Operation] = []
    permissions: dict[Callable[..., Any], Permission | None] = {}
    templates: dict[Callable[..., Any], str] = {}
    for route in _api_routes(app):
        name = f"{app.title}: {route.endpoint.__module__}.{route.endpoint.__name__}"
        if route.endpoint in permissions:
            raise AmbiguousOperation(f"{name} serves two paths")
        permission = permission_of(route.dependant, name)
        permissions[route.endpoint] = permission
        templates[route.endpoint] = route.path_format
        told = (permission.roles, permission.scopes) if permission else (None, frozenset[str]())
        operations += [
            Operation(route.name, method, route.path_format, *told) for method in sorted(route.methods)
        ]
    _require_unique([operation.operation_id for operation in operations])
    app.state.operations, app.state.permissions = operations, permissions
    app.state.templates = templates | _templates_of_pages(app)


def _api_routes(app: FastAPI) -> Iterator[Any]:
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute) and (context.path or "").startswith(API_PREFIX):
            yield context


def _templates_of_pages(app: FastAPI) -> dict[Callable[..., Any], str]:
    """Readiness, metrics and the reference: not operations, but measured by their path."""
    return {
        context.endpoint: context.path
        for context in iter_route_contexts(app.routes)
        if context.endpoint and context.path and not context.path.startswith(API_PREFIX)
    }


def _require_unique(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise AmbiguousOperation(f"operation ids used twice: {', '.join(twice)}")
