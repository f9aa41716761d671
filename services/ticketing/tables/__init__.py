"""Ticketing's tables, by subject. Those of a tenant begin their keys with the customer; none refers to what
another service owns, since its events come in any order between keys.
"""

from services.ticketing.tables import (
    assistance,
    attachments,
    conversation,
    heard,
    interventions,
    knowledge,
    mail,
    queue,
    sessions,
    tickets,
)
from services.ticketing.tables.columns import METADATA

__all__ = [
    "METADATA",
    "assistance",
    "attachments",
    "conversation",
    "heard",
    "interventions",
    "knowledge",
    "mail",
    "queue",
    "sessions",
    "tickets",
]
