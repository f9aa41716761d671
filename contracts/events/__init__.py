"""Every event of the portal, one module per service that says them, and their registry.

There is one class per event in the whole tree. A service that begins to say events adds its module here.
"""

from contracts.events import availability, catalog, tenancy, ticketing
from contracts.events.registry import (
    PORTAL_KEY,
    REGISTRY,
    CompanyEvent,
    CustomerEvent,
    DuplicateWireName,
    Event,
    PortalEvent,
    decode,
    encode,
    event,
)

__all__ = [
    "PORTAL_KEY",
    "REGISTRY",
    "CompanyEvent",
    "CustomerEvent",
    "DuplicateWireName",
    "Event",
    "PortalEvent",
    "availability",
    "catalog",
    "decode",
    "encode",
    "event",
    "tenancy",
    "ticketing",
]
