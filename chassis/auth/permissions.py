"""Who may: permissions are types, and can be read back from a route.

A route that takes `caller: FirmAdmin` says who may call it; `permission_of` reads that, so that a test can
list every operation with its roles, and `authenticated` refuses before anything else of the route runs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from chassis.auth.caller import Caller, NotAllowed, NotAuthenticated, ScopeInsufficient
from chassis.roles import PEOPLE_ROLES, PROGRAM_ROLES, Role
from chassis.scopes import scopes_of


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
    if caller.role in PROGRAM_ROLES:
        request.state.allowance = state.quotas.take(caller.person_id)
    if permission is None or caller.role not in permission.roles:
        raise NotAllowed
    if caller.role in PROGRAM_ROLES and not permission.scopes <= caller.scopes:
        raise ScopeInsufficient(permission.scopes)
    request.state.caller = caller
    return caller


@dataclass(frozen=True)
class Permission:
    """The roles that may call a route, and the scopes that a program among them needs besides.

    Refusal is `authenticated`'s work, before anything else runs.
    """

    roles: frozenset[Role]
    scopes: frozenset[str] = frozenset()

    async def __call__(self, request: Request) -> Caller:
        """Hands the caller to the route."""
        return await authenticated(request)


def allowed(*roles: Role, scope: str | None = None) -> Any:
    """The marker for an alias: `FirmAdmin = Annotated[Caller, allowed(Role.firm_admin)]`.

    Where programs are among the roles, `scope` names what they must have been let in for.
    """
    if not roles:
        raise ValueError("a permission names at least one role")
    if scope and not PROGRAM_ROLES & set(roles):
        raise ValueError(f"{scope}: only programs have scopes, and none is among the roles")
    return Depends(Permission(frozenset(roles), frozenset({scope} if scope else ())))


async def public() -> None:
    """Marks a route that asks for no token."""


Public = Depends(public)
"""`@router.post("/sessions", dependencies=[Public])`: anyone may call this."""

Anyone = Annotated[Caller, allowed(*PEOPLE_ROLES)]
"""Any person who is logged in, whatever the role; no program."""


def permission_of(dependant: Dependant, name: str) -> Permission | None:
    """What a route declares: a permission (of several, the roles common to all and every scope), or None for
    a public one.

    Raises `UndeclaredPermission` for a route that declares neither, both, or roles that exclude each other;
    and for one that lets programs in without a scope that they can hold.
    """
    calls = list(_calls(dependant))
    declared = [call for call in calls if isinstance(call, Permission)]
    if (public in calls) == bool(declared):
        raise UndeclaredPermission(f"{name}: declare a permission, or `dependencies=[Public]`; not both")
    if not declared:
        return None
    roles = frozenset.intersection(*(each.roles for each in declared))
    if not roles:
        raise UndeclaredPermission(f"{name}: no role satisfies all its permissions")
    scopes = frozenset[str]().union(*(each.scopes for each in declared))
    _require_scopes(roles & PROGRAM_ROLES, scopes, name)
    return Permission(roles, scopes if roles & PROGRAM_ROLES else frozenset())


def _require_scopes(programs: frozenset[Role], scopes: frozenset[str], name: str) -> None:
    """Each program that is let in needs a scope, and one that it can hold."""
    for role in programs:
        if not scopes:
            raise UndeclaredPermission(f"{name}: lets in a {role} without a scope")
        if not scopes <= scopes_of(role):
            raise UndeclaredPermission(f"{name}: no {role} can hold {', '.join(sorted(scopes))}")


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    for child in dependant.dependencies:
        yield child.call
        yield from _calls(child)
