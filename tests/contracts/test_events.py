"""Every event class keeps the house's law."""

import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ValidationError

from contracts import events
from contracts.envelope import UnreadableRecord
from contracts.events import (
    REGISTRY,
    CompanyEvent,
    DuplicateWireName,
    Event,
    PortalEvent,
    decode,
    encode,
    event,
)
from contracts.events.tenancy import CompanyRegistered, CredentialIssued
from contracts.spec.published import published
from contracts.spec.schemas import event_schema
from tests.contracts.samples import AT, COMPANY, CUSTOMER, an_event

BOUNDED = {"maxLength", "format", "pattern", "enum", "const"}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, type[Event]]:
    """A registry of its own, so that what a test registers is gone after it."""
    own: dict[str, type[Event]] = {}
    monkeypatch.setattr("contracts.events.registry.REGISTRY", own)
    return own


def test_a_wire_name_used_twice_is_refused(registry: dict[str, type[Event]]) -> None:
    class Once(PortalEvent):
        pass

    class Twice(PortalEvent):
        pass

    event("livret.torture.Once.v1")(Once)
    with pytest.raises(DuplicateWireName, match="Twice"):
        event("livret.torture.Once.v1")(Twice)
    assert registry == {"livret.torture.Once.v1": Once}


def test_a_class_has_one_wire_name(registry: dict[str, type[Event]]) -> None:
    class Once(PortalEvent):
        pass

    event("livret.torture.Once.v1")(Once)
    with pytest.raises(DuplicateWireName):
        event("livret.torture.Once.v2")(Once)


@pytest.mark.parametrize(
    "wire", ["Once", "livret.torture.once.v1", "livret.torture.Once", "livret.torture.Once.v0"]
)
def test_a_wire_name_has_its_form(wire: str) -> None:
    with pytest.raises(ValueError, match="not a wire name"):
        event(wire)


def test_every_module_of_events_is_registered_on_import() -> None:
    modules = {info.name for info in pkgutil.iter_modules(events.__path__)} - {"registry", "fields"}
    assert {cls.__module__.rpartition(".")[2] for cls in published().values()} == modules
    for name in modules:
        assert {cls.PRODUCER for cls in _classes_of(name)} == {name}


def _classes_of(module: str) -> Iterator[type[Event]]:
    for value in vars(import_module(f"contracts.events.{module}")).values():
        if isinstance(value, type) and issubclass(value, Event) and "WIRE" in value.__dict__:
            yield value


def test_a_producer_may_not_say_what_the_event_does_not_hold() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        type(an_event()).model_validate({**an_event().model_dump(), "mood": "good"})


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        an_event().customer_id = COMPANY  # type: ignore[misc]


def test_a_consumer_ignores_what_it_does_not_know(registry: dict[str, type[Event]]) -> None:
    class Inner(BaseModel):
        model_config: ClassVar[Any] = {"extra": "forbid"}
        n: int

    class Outer(CompanyEvent):
        inner: list[Inner]

    event("livret.torture.Outer.v1")(Outer)
    ids = f'"customer_id": "{CUSTOMER}", "company_id": "{COMPANY}"'
    read = decode("livret.torture.Outer.v1", f'{{{ids}, "inner": [{{"n": 1, "m": 2}}], "x": 3}}'.encode())
    assert read == Outer(customer_id=CUSTOMER, company_id=COMPANY, inner=[Inner(n=1)])


def test_what_cannot_be_read_is_said_with_the_field_and_without_the_value() -> None:
    with pytest.raises(UnreadableRecord) as refused:
        decode("livret.tenancy.CompanyActivated.v1", b'{"customer_id": "secret", "company_id": null}')
    assert "customer_id" in refused.value.reason
    assert "activated_at" in refused.value.reason
    assert "secret" not in refused.value.reason


def test_an_unknown_wire_name_is_unreadable() -> None:
    with pytest.raises(UnreadableRecord, match=r"no event is called 'livret\.none\.Known\.v1'"):
        decode("livret.none.Known.v1", b"{}")


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        type(an_event())(customer_id=CUSTOMER, company_id=COMPANY, activated_at=AT.replace(tzinfo=None))


def test_instants_travel_in_utc() -> None:
    paris = AT.astimezone(timezone(timedelta(hours=1)))
    said = type(an_event())(customer_id=CUSTOMER, company_id=COMPANY, activated_at=paris)
    assert b'"2026-03-27T15:00:00.123456Z"' in encode(said)
    assert decode(said.WIRE, encode(said)) == said


def test_a_company_event_is_ordered_by_company() -> None:
    said = CompanyRegistered(
        customer_id=CUSTOMER, company_id=COMPANY, siret="35600000000048", name="La Poste", registered_at=AT
    )
    assert said.key() == str(COMPANY)


@pytest.mark.parametrize(
    ("customer", "company", "key"),
    [(CUSTOMER, COMPANY, str(COMPANY)), (CUSTOMER, None, str(CUSTOMER)), (None, None, "portal")],
)
def test_a_credential_is_ordered_by_whom_it_belongs_to(customer: Any, company: Any, key: str) -> None:
    said = CredentialIssued(
        customer_id=customer,
        company_id=company,
        credential_id=COMPANY,
        person_id=CUSTOMER,
        identifier="a.martin",
        issued_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert said.key() == key


@pytest.mark.parametrize("wire", sorted(published()))
def test_every_string_and_list_has_a_maximum(wire: str) -> None:
    assert list(_unbounded(event_schema(REGISTRY[wire]), wire)) == []


def _unbounded(schema: Any, place: str) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "string" and not BOUNDED & schema.keys():
        yield place
    if schema.get("type") == "array" and "maxItems" not in schema:
        yield place
    for name, below in schema.items():
        for part in below if isinstance(below, list) else [below]:
            yield from _unbounded(part, f"{place}/{name}")


def test_an_unbounded_string_would_be_seen() -> None:
    class Loose(PortalEvent):
        WIRE = "livret.torture.Loose.v1"
        words: list[str]

    assert list(_unbounded(event_schema(Loose), "")) == ["/properties/words", "/properties/words/items"]


@pytest.mark.parametrize("wire", sorted(published()))
def test_every_event_says_what_it_is(wire: str) -> None:
    assert REGISTRY[wire].__doc__
    assert REGISTRY[wire].__name__ == wire.split(".")[2]
