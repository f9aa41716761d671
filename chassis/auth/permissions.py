"""Who may: permissions are types, and can be read back from a route.

A route that takes `caller: FirmAdmin` says who may call it; `permission_of` reads that, so that a test can
list every operation with its roles, and `authenticated` refuses before anything else of the route runs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from chassis.auth.caller import Caller, NotAllowed, NotAuthenticated
from chassis.roles import PEOPLE_ROLES, Role


class UndeclaredPermission(Exception):
    """A route says neither who may call it nor that all may: the service does not start."""


def bearer_of(request: Request) -> str:
    """The token of the `Authorization` header."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise NotAuthenticated
    return token.strip()


async def authenticated(request: Request) -> Caller:
    """The caller, whose role this route allows; looked at once per request.

    Routes name a permission instead. It is called, not depended on: each dependency that FastAPI resolves
    costs a request as much as all of this.
    """
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None:
        return known
    state = request.app.state
    caller: Caller = await state.auth.verify(bearer_of(request))
    permission: Permission | None = state.permissions[request.scope["endpoint"]]
    if permission is None or caller.role not in permission.roles:
        raise NotAllowed
    request.state.caller = caller
    return caller


@dataclass(frozen=True)
class Permission:
    """The roles that may call a route. Refusal is `authenticated`'s work, before anything else runs."""

    roles: frozenset[Role]

    async def __call__(self, request: Request) -> Caller:
        """Hands the caller to the route."""
        return await authenticated(request)


def allowed(*roles: Role) -> Any:
    """The marker for an alias: `FirmAdmin = Annotated[Caller, allowed(Role.firm_admin)]`."""
    if not roles:
        raise ValueError("a permission names at least one role")
    return Depends(Permission(frozenset(roles)))


async def public() -> None:
    """Marks a route that asks for no token."""


Public = Depends(public)
"""`@router.post("/sessions", dependencies=[Public])`: anyone may call this."""

Anyone = Annotated[Caller, allowed(*PEOPLE_ROLES)]
"""Any person who is logged in, whatever the role; no program."""


def permission_of(dependant: Dependant, name: str) -> Permission | None:
    """What a route declares: a permission (of several, the roles common to all), or None for a public one.

    Raises `UndeclaredPermission` for a route that declares neither, both, or roles that exclude each other.
    """
    calls = list(_calls(dependant))
    declared = [call.roles for call in calls if isinstance(call, Permission)]
    if (public in calls) == bool(declared):
        raise UndeclaredPermission(f"{name}: declare a permission, or `dependencies=[Public]`; not both")
    if not declared:
        return None
    roles = frozenset.intersection(*declared)
    if not roles:
        raise UndeclaredPermission(f"{name}: no role satisfies all its permissions")
    return Permission(roles)


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    for child in dependant.dependencies:
        yield child.call
        yield from _calls(child)
