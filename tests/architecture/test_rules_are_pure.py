"""Rules decide from what they are given: no await, no clock, no float, no input or output.

What they may not import, import-linter holds (test_imports.py); this looks at what they do.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.clocks import clock_readings
from tests.architecture.tree import Module, rules

ASYNC = (ast.Await, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith)
NOT_CALLED = frozenset({"open", "print", "input", "eval", "exec", "__import__", "import_module"})


def impurities(module: Module) -> Iterator[str]:
    """Each thing in a rules module that a rule does not do."""
    for node in ast.walk(module.tree):
        fault = _fault(node)
        if fault and isinstance(node, ast.expr | ast.stmt):
            yield f"{module.at(node)} {fault}"
    yield from clock_readings(module)


def _fault(node: ast.AST) -> str | None:
    if isinstance(node, ASYNC):
        return "waits"
    if isinstance(node, ast.Global | ast.Nonlocal):
        return "changes what is outside"
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        return f"float {node.value}"
    if isinstance(node, ast.Name) and node.id == "float":
        return "float"
    if isinstance(node, ast.Call) and _called(node.func) in NOT_CALLED:
        return f"calls {_called(node.func)}"
    return None


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_rules_are_pure() -> None:
    assert [fault for module in rules() for fault in impurities(module)] == []


def test_there_are_rules_to_look_at() -> None:
    assert {module.place.split("/")[1] for module in rules()} >= {"tenancy", "catalog"}


@pytest.mark.parametrize(
    "line",
    [
        "async def decide(): ...",
        "rate = 0.2",
        "rate = float('1')",
        "def share(of: float) -> None: ...",
        "at = datetime.now(UTC)",
        "at = datetime.datetime.utcnow()",
        "on = date.today()",
        "text = open('terms').read()",
        "text = Path('terms').open()",
        "print('decided')",
        "def count():\n    global seen",
    ],
)
def test_an_impure_rule_would_be_seen(line: str) -> None:
    assert len(list(impurities(Module("services/x/rules.py", line)))) == 1


def test_integer_and_decimal_arithmetic_is_no_impurity() -> None:
    line = "due = taken + timedelta(hours=12) if Decimal('0.75') * of <= kept // 2 else None"
    assert list(impurities(Module("services/x/rules.py", line))) == []
