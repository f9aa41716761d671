"""Which events are published: those of `contracts.events`, whatever else a test has registered."""

from contracts.events import REGISTRY, Event


def published() -> dict[str, type[Event]]:
    """The published classes by wire name, sorted."""
    return {wire: cls for wire, cls in sorted(REGISTRY.items()) if cls.__module__.startswith("contracts.")}
