"""The matrix of operations and roles, as read from matrix.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chassis.roles import Role

COLUMNS: tuple[Role | None, ...] = (
    Role.publisher_admin,
    Role.support_agent,
    Role.operations,
    Role.billing,
    Role.firm_admin,
    Role.firm_collaborator,
    Role.company_admin,
    Role.company_user,
    Role.partner,
    Role.machine,
    None,
)
"""None is a caller without a token."""

PLACES = ("path", "query", "body")
KINDS_OF_A_CUSTOMER = frozenset(
    {
        *("customer", "company", "person", "credential", "activation", "import", "session"),
        "representation",
        "notice",
        *("program", "program_key"),
        *("ticket", "suspension", "attachment", "mail_sender"),
        *("booking", "registration", "intervention"),
        *("outage", "exclusion"),
    }
)
KINDS = KINDS_OF_A_CUSTOMER | {"staff", "record", "sought"}


@dataclass(frozen=True, slots=True)
class Id:
    """An id that an operation takes: where, by which name, and of what."""

    place: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """One operation: who may, and the ids it takes."""

    service: str
    operation_id: str
    may: frozenset[Role | None]
    ids: tuple[Id, ...]

    def __str__(self) -> str:
        return f"{self.service}.{self.operation_id}"


def read_matrix(path: Path = Path(__file__).parent / "matrix.yaml") -> list[Line]:
    """Every line, in the order of the file. Raises ValueError for one that cannot be understood."""
    written: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _NoDoubles)
    return [
        _line(service, operation_id, told)
        for service, groups in written.items()
        for operations in groups.values()
        for operation_id, told in operations.items()
    ]


def _line(service: str, operation_id: str, told: Mapping[str, Any]) -> Line:
    marks = told["may"].split()
    ids = tuple(Id(place, *each) for place in PLACES for each in told.get(place, {}).items())
    if len(marks) != len(COLUMNS) or set(marks) - {"x", "."}:
        raise ValueError(f"{service}.{operation_id}: {len(COLUMNS)} marks, x or . each; not {told['may']!r}")
    if set(told) - {"may", *PLACES} or {each.kind for each in ids} - KINDS:
        raise ValueError(f"{service}.{operation_id}: {told}")
    may = frozenset(role for role, mark in zip(COLUMNS, marks, strict=True) if mark == "x")
    return Line(service, operation_id, may, ids)


class _NoDoubles(yaml.SafeLoader):
    """A name written twice is an error: YAML would keep the last one silently."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        if len(set(names)) < len(names):
            raise ValueError(f"written twice, near {node.start_mark}: {sorted(names)}")
        return super().construct_mapping(node, deep)
