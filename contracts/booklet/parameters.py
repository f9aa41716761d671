"""Reads a clause's parameters: values in a known unit, in versions that follow each other by date."""

import re
from collections.abc import Callable
from typing import Any

from contracts.booklet.model import Parameter, ParameterVersion
from contracts.booklet.reading import Node
from contracts.booklet.timetables import check_succession, read_validity

NAME = re.compile(r"[a-z][a-z0-9_]*")


def _count(node: Node) -> Any:
    number = node.number()
    if not isinstance(number, int) or number < 0:
        node.refuse(f"{number} is no count", "write a whole number, not negative")
    return number


def _percent(node: Node) -> Any:
    number = node.number()
    if not 0 <= number <= 100:
        node.refuse(f"{number} is no percentage", "write a number between 0 and 100")
    return number


def _local_time(node: Node) -> Any:
    return node.text(r"([01][0-9]|2[0-3]):[0-5][0-9]", 'write a local time in quotes, as "22:00"')


UNITS: dict[str, Callable[[Node], Any]] = {
    **dict.fromkeys(
        (
            "seconds", "hours", "business hours", "business days", "calendar days", "months", "years",
            "copies", "megabytes", "characters", "calendar years",
        ),
        _count,
    ),
    "percent": _percent,
    "local time": _local_time,
    "names": lambda node: node.texts(),
    "flag": lambda node: node.flag(),
}  # fmt: skip
"""Every unit, with what a value in it must be."""


def read_parameters(node: Node) -> tuple[Parameter, ...]:
    """The parameters of a clause. Raises BookletUnreadable."""
    return tuple(_parameter(name, child) for name, child in node.children().items())


def _parameter(name: str, node: Node) -> Parameter:
    if not NAME.fullmatch(name):
        node.refuse(f"{name!r} is no name of a parameter", "write small letters, digits and underscores")
    fields = node.fields("unit versions")
    unit = fields["unit"].text()
    if unit not in UNITS:
        fields["unit"].refuse(f"{unit!r} is no unit", f"the units are: {', '.join(UNITS)}")
    versions = tuple(_version(item, UNITS[unit]) for item in fields["versions"].items())
    if not versions:
        fields["versions"].refuse("is empty", "write at least one value")
    check_succession([version.validity for version in versions], fields["versions"])
    return Parameter(name, unit, versions)


def _version(node: Node, read: Callable[[Node], Any]) -> ParameterVersion:
    fields = node.fields("value", "valid_from valid_to")
    return ParameterVersion(read(fields["value"]), read_validity(fields))
