"""What a program may be let in for: the whole list. A token carries the scopes it was given; each route that
programs may call names the one it asks for. Plain words, so that rules may decide on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.roles import PROGRAM_ROLES, Role


@dataclass(frozen=True, slots=True)
class Opening:
    """What a scope opens, in a sentence, and which kinds of program may hold it."""

    sentence: str
    holders: frozenset[Role]


_PARTNERS = frozenset({Role.partner})
_MACHINES = frozenset({Role.machine})

SCOPES: Mapping[str, Opening] = {
    "companies:read": Opening("Read the customer's companies and their access rights.", _PARTNERS),
    "catalog:read": Opening("Read the services of the catalogue.", PROGRAM_ROLES),
    "activations:read": Opening("Read which services are active, and for whom.", _PARTNERS),
    "metering:read": Opening("Read what the customer's month counts.", _PARTNERS),
    "availability:read": Opening("Read outages, maintenance and the months' availability.", _PARTNERS),
    "tickets:read": Opening("Read the customer's tickets with their clocks and history.", _PARTNERS),
    "tickets:write": Opening("Register tickets for the customer, and write to them.", _PARTNERS),
    "knowledge:read": Opening("Read the knowledge base.", _PARTNERS),
    "customers:read": Opening("Read the portal's customers and their contracts.", _MACHINES),
    "probes:report": Opening(
        "Watch a place's targets, with their secrets, and tell the findings.", _MACHINES
    ),
    "mail:deliver": Opening("Deliver mail that came for support.", _MACHINES),
    "alerts:deliver": Opening("Deliver Alertmanager's notifications.", _MACHINES),
}


def scopes_of(role: Role) -> frozenset[str]:
    """Every scope that a program of this role may hold."""
    return frozenset(name for name, opening in SCOPES.items() if role in opening.holders)
