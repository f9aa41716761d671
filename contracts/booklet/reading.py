"""Strict reading of YAML: a node knows where it stands, so that an error says what, where and what to do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BookletUnreadable(ValueError):
    """A booklet's file is missing or not as it must be; the message says what, where and what to do."""


class _StrictLoader(_Loader):  # type: ignore[misc]
    """YAML without duplicate keys, and with decimals where YAML would make floats."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int | date):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key_node.start_mark)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key!r} stands here twice; remove one", key_node.start_mark
            )
        seen.add(key)
    loader.flatten_mapping(node)
    return {
        loader.construct_object(key_node, deep=True): loader.construct_object(value_node, deep=True)
        for key_node, value_node in node.value
    }


def _decimal(loader: Any, node: yaml.ScalarNode) -> Decimal | str:
    text = str(loader.construct_scalar(node)).replace("_", "")
    return Decimal(text) if re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+", text) else text


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
_StrictLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def read_file(path: Path) -> "Node":
    """The root node of a YAML file. Raises BookletUnreadable."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BookletUnreadable(
            f"{path}: cannot be read ({error.strerror}); check the name, or LIVRET_BOOKLET"
        ) from error
    except UnicodeDecodeError as error:
        raise BookletUnreadable(
            f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from error
    try:
        loaded = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a subclass of SafeLoader  # nosec B506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BookletUnreadable(f"{path}: is not readable YAML: {' '.join(str(error).split())}") from error
    return Node(loaded, path, "")


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file, with its file and its path inside. Every reader raises BookletUnreadable."""

    value: Any
    file: Path
    path: str

    def refuse(self, what: str, remedy: str) -> NoReturn:
        """Raises the error of this place."""
        raise BookletUnreadable(f"{self.file}: {self.path or 'the whole file'}: {what}; {remedy}")

    def fields(self, required: str = "", optional: str = "") -> "Fields":
        """The node as a mapping with exactly these keys (words separated by spaces)."""
        children = self.children()
        wanted, allowed = required.split(), {*required.split(), *optional.split()}
        for key, child in children.items():
            if key not in allowed:
                child.refuse("is not known here", f"the keys are: {', '.join(sorted(allowed))}")
        missing = [key for key in wanted if key not in children]
        if missing:
            self.refuse(f"lacks {', '.join(missing)}", "add it")
        return Fields(children)

    def children(self) -> dict[str, "Node"]:
        """The node as a mapping of any words."""
        if not isinstance(self.value, dict):
            self.refuse(f"{self.value!r} is not a mapping", "write `key: value` lines")
        prefix = f"{self.path}." if self.path else ""
        return {str(key): Node(value, self.file, f"{prefix}{key}") for key, value in self.value.items()}

    def items(self) -> list["Node"]:
        """The node as a list."""
        if not isinstance(self.value, list):
            self.refuse(f"{self.value!r} is not a list", "write it as a list, [] when empty")
        return [Node(value, self.file, f"{self.path}[{index}]") for index, value in enumerate(self.value)]

    def text(self, pattern: str = r"(?s).*\S.*", remedy: str = "write some text, in quotes") -> str:
        """The node as text that matches `pattern`."""
        if not isinstance(self.value, str) or not re.fullmatch(pattern, self.value):
            self.refuse(f"{self.value!r} does not fit", remedy)
        return self.value

    def texts(
        self, pattern: str = r"(?s).*\S.*", remedy: str = "write some text, in quotes"
    ) -> tuple[str, ...]:
        """The node as a list of such texts."""
        return tuple(item.text(pattern, remedy) for item in self.items())

    def flag(self) -> bool:
        """The node as true or false."""
        if not isinstance(self.value, bool):
            self.refuse(f"{self.value!r} is neither true nor false", "write true or false")
        return self.value

    def number(self) -> int | Decimal:
        """The node as a number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | Decimal):
            self.refuse(f"{self.value!r} is not a number", "write a number without quotes")
        return self.value

    def day(self) -> date:
        """The node as a date."""
        if isinstance(self.value, datetime) or not isinstance(self.value, date):
            self.refuse(f"{self.value!r} is not a date", "write it as 2026-01-31")
        return self.value


class Fields:
    """The children of a mapping whose keys were checked."""

    def __init__(self, children: dict[str, Node]) -> None:
        self._children = children

    def __getitem__(self, key: str) -> Node:
        return self._children[key]

    def __contains__(self, key: object) -> bool:
        return key in self._children

    def __iter__(self) -> Iterator[str]:
        return iter(self._children)

    def find(self, key: str) -> Node | None:
        """The child of that key, None when it is left out."""
        return self._children.get(key)
