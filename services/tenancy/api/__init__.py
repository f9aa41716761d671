"""Tenancy's routes, by who uses them: the door, the publisher, the firm and its companies."""

from services.tenancy.api import companies, customers, imports, people, sessions

ROUTERS = [
    sessions.router,
    customers.creating,
    customers.router,
    imports.creating,
    imports.router,
    companies.creating,
    companies.router,
    people.creating,
    people.router,
]
