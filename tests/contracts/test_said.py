"""Every published event is said: somewhere in its own service it is made, and nowhere else."""

import ast

import pytest

from contracts.events import Event
from contracts.spec.published import published
from services.roster import load_all
from tests.architecture.tree import Module, modules


def makers(name: str, among: tuple[Module, ...]) -> set[str]:
    """The services in whose code `name(…)` is called: `CompanyActivated(…)`, `events.CompanyActivated(…)`."""
    return {
        module.place.split("/")[1]
        for module in among
        if module.place.startswith("services/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _called(node.func) == name
    }


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


@pytest.mark.parametrize("cls", published().values(), ids=lambda cls: cls.WIRE)
def test_an_event_is_said_by_its_own_service_alone(cls: type[Event]) -> None:
    assert makers(cls.__name__, modules()) == {cls.PRODUCER}


def test_every_heard_event_is_said_by_someone() -> None:
    unsaid = {
        f"{service.name} hears {heard.WIRE}"
        for service in load_all()
        for heard in service.hears
        if not makers(heard.__name__, modules())
    }
    assert unsaid == set()


def test_an_event_that_nobody_says_would_be_seen() -> None:
    heard = Module("services/catalog/consumers.py", "from contracts.events import Gone\nHEARS = {Gone: f}")
    said = Module("services/tenancy/commands.py", "tx.emit(events.Gone(at=now))")
    assert makers("Gone", (heard,)) == set()
    assert makers("Gone", (heard, said)) == {"tenancy"}
