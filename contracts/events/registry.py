"""How an event class gets its wire name, and the way between an event and its JSON.

The law of evolution: a published version is frozen. Optional fields with defaults may be added to it;
anything else is a new class under `.v2`. Producers forbid unknown fields, consumers ignore them.
Wire names are constants written beside the class, never derived from it.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.envelope import UnreadableRecord

PORTAL_KEY = "portal"

_WIRE = re.compile(r"livret\.(?P<producer>[a-z]+)\.[A-Z][A-Za-z0-9]*\.v[1-9][0-9]*")


class Event(BaseModel, ABC):
    """Something that has happened, in the past tense. Frozen; unknown fields are refused when it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    WIRE: ClassVar[str]
    PRODUCER: ClassVar[str]

    @abstractmethod
    def key(self) -> str:
        """What order holds for, among the events of one producer."""

    def subject(self) -> str | None:
        """The CloudEvents subject: the thing it happened to, where that is finer than the key."""
        return None


class CustomerEvent(Event):
    """Ordered by customer."""

    customer_id: UUID

    def key(self) -> str:
        return str(self.customer_id)


class CompanyEvent(CustomerEvent):
    """Ordered by company, so that one bad event parks a company and not a firm of 17,000."""

    company_id: UUID

    def key(self) -> str:
        return str(self.company_id)


class PortalEvent(Event):
    """Of the publisher itself."""

    def key(self) -> str:
        return PORTAL_KEY


class DuplicateWireName(Exception):
    """Two event classes claim one wire name, or one class claims two."""


E = TypeVar("E", bound=Event)

REGISTRY: dict[str, type[Event]] = {}


def event(wire: str) -> Callable[[type[E]], type[E]]:
    """Register a class under its wire name, `livret.<producer>.<Name>.v<n>`."""
    match = _WIRE.fullmatch(wire)
    if match is None:
        raise ValueError(f"{wire!r} is not a wire name of the form livret.<producer>.<Name>.v<n>")

    def register(cls: type[E]) -> type[E]:
        if wire in REGISTRY or "WIRE" in cls.__dict__:
            raise DuplicateWireName(f"{wire}: {cls.__qualname__} and {REGISTRY.get(wire, cls).__qualname__}")
        cls.WIRE = wire
        cls.PRODUCER = match["producer"]
        REGISTRY[wire] = cls
        return cls

    return register


def encode(said: Event) -> bytes:
    """The event as JSON, as it is kept in the outbox and sent."""
    return said.__pydantic_serializer__.to_json(said)


def decode(wire: str, data: bytes) -> Event:
    """The event that `data` holds, fields unknown to this version left out.

    Raises `UnreadableRecord` for an unknown wire name or data that does not fit the class.
    """
    cls = REGISTRY.get(wire)
    if cls is None:
        raise UnreadableRecord(f"no event is called {wire[:200]!r}")
    try:
        return cls.model_validate_json(data, extra="ignore")
    except ValidationError as fault:
        raise UnreadableRecord(f"not a {wire}: {_faults(fault)}") from None


def _faults(fault: ValidationError) -> str:
    """Where and why, without the values: what a customer sent does not belong in a log."""
    return "; ".join(
        f"{'.'.join(map(str, error['loc'])) or 'document'}: {error['msg']}" for error in fault.errors()[:5]
    )
