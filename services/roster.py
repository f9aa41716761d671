"""Every service of the portal, as one readable map: its name, and where its `SERVICE` stands."""

from importlib import import_module
from typing import cast

from chassis.hears import Service

ROSTER: dict[str, str] = {
    "tenancy": "services.tenancy.app",
    "catalog": "services.catalog.app",
    "metering": "services.metering.app",
    "ticketing": "services.ticketing.app",
    "availability": "services.availability.app",
}


def load(name: str) -> Service:
    """The service of that name; its modules are imported only now."""
    if name not in ROSTER:
        raise LookupError(f"no service named {name!r}; there are: {', '.join(ROSTER)}")
    return cast(Service, import_module(ROSTER[name]).SERVICE)


def load_all() -> list[Service]:
    """All services, in the order of the roster."""
    return [load(name) for name in ROSTER]
