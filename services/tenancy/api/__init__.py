"""Tenancy's routes, by who uses them: the door, the publisher, the firm and its companies."""

from services.tenancy.api import (
    companies,
    customers,
    factors,
    imports,
    machines,
    oauth,
    own_sessions,
    passwords,
    people,
    presentation,
    programs,
    sessions,
)

ROUTERS = [
    sessions.router,
    passwords.router,
    factors.router,
    own_sessions.router,
    customers.creating,
    customers.router,
    imports.creating,
    imports.router,
    companies.creating,
    companies.router,
    people.creating,
    people.router,
    presentation.router,
    programs.creating,
    programs.router,
    machines.creating,
    machines.router,
    oauth.router,
]
