"""Which expressions read a clock: what tells date or time. A stopwatch (`monotonic`) tells neither."""

import ast
from collections.abc import Iterator

from tests.architecture.tree import Module, dotted

READINGS = frozenset(
    f"{owner}.{name}"
    for owner, names in {
        "datetime": ("now", "utcnow", "today"),
        "date": ("today",),
        "time": ("time", "time_ns", "localtime", "gmtime", "ctime"),
    }.items()
    for name in names
)
FROM_TIME = frozenset(name.removeprefix("time.") for name in READINGS if name.startswith("time."))


def clock_readings(module: Module) -> Iterator[str]:
    """Each place that reads a clock, or takes the means by name from `time`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            last_two = ".".join(dotted(node).split(".")[-2:])
            if last_two in READINGS:
                yield f"{module.at(node)} reads {last_two}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            for name in FROM_TIME & {alias.name for alias in node.names}:
                yield f"{module.at(node)} imports time.{name}"
