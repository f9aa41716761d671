"""The roles of the portal. Plain words, so that rules may decide on them."""

from enum import StrEnum


class Role(StrEnum):
    """What a person, or a program, is in the portal."""

    publisher_admin = "publisher_admin"
    support_agent = "support_agent"
    operations = "operations"
    billing = "billing"
    firm_admin = "firm_admin"
    firm_collaborator = "firm_collaborator"
    company_admin = "company_admin"
    company_user = "company_user"
    partner = "partner"
    """A program that a customer lets in."""
    machine = "machine"
    """A program of the publisher's own: a mail gateway, an alert manager."""


PUBLISHER_ROLES = frozenset({Role.publisher_admin, Role.support_agent, Role.operations, Role.billing})
FIRM_ROLES = frozenset({Role.firm_admin, Role.firm_collaborator})
COMPANY_ROLES = frozenset({Role.company_admin, Role.company_user})
PROGRAM_ROLES = frozenset({Role.partner, Role.machine})
PEOPLE_ROLES = frozenset(Role) - PROGRAM_ROLES
