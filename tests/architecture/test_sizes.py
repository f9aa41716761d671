"""Files of 300 lines and functions of 40 at most, and rooms with a name of their own."""

import ast
from collections.abc import Iterator
from pathlib import PurePath

from tests.architecture.tree import Module, modules

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
NO_NAMES = {"utils", "helpers", "common", "base", "manager", "service", "impl", "misc", "util", "helper"}


def too_long(module: Module) -> Iterator[str]:
    """The file when it is too long, and each function that is."""
    lines = module.text.count("\n")
    if lines > MAX_FILE_LINES:
        yield f"{module.place}: {lines} lines"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield f"{module.at(node)} {node.name}: {length} lines"


def test_files_and_functions_are_short() -> None:
    assert [fault for module in modules() for fault in too_long(module)] == []


def test_a_long_file_and_a_long_function_would_be_seen() -> None:
    long_function = "def f():\n" + "    x = 1\n" * 40
    long_file = "x = 1\n" * 301
    assert list(too_long(Module("a.py", long_function))) == ["a.py:1 f: 41 lines"]
    assert list(too_long(Module("b.py", long_file))) == ["b.py: 301 lines"]


def nameless(places: list[str]) -> list[str]:
    """The places one of whose parts is a room without a name."""
    return [place for place in places if NO_NAMES & {PurePath(part).stem for part in PurePath(place).parts}]


def test_every_room_has_a_name() -> None:
    assert nameless([module.place for module in modules()]) == []


def test_a_nameless_room_would_be_seen() -> None:
    places = ["services/tenancy/utils.py", "chassis/common/db.py", "chassis/db.py"]
    assert nameless(places) == ["services/tenancy/utils.py", "chassis/common/db.py"]
