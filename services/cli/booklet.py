"""`livret booklet`: the matrix clause -> rule -> cases -> result, from the booklet's worked cases.

Each case calls its rule, with arguments built from the rule's own type hints, and compares the value
returned, or the refusal raised and the clause it stands on. Needs no database.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from contracts.booklet.model import Booklet, Case, Clause

DESCRIPTION = """\
Runs every worked case of the booklet in force (LIVRET_BOOKLET names another than the product's own) against
the rule that decides its clause."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What running a case showed; `failure` is None when it came out as the booklet says."""

    case: "Case"
    failure: str | None


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser("booklet", help="clauses, rules and worked cases", description=DESCRIPTION)
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Prints the matrix; 1 when a case fails or the booklet cannot be read."""
    from contracts.booklet.loader import load_booklet
    from contracts.booklet.reading import BookletUnreadable

    try:
        booklet = load_booklet()
    except BookletUnreadable as error:
        sys.stderr.write(f"livret booklet: {error}\n")
        return 1
    verdicts = [run_case(case) for case in booklet.cases]
    sys.stdout.write("".join(f"{line}\n" for line in matrix(booklet, verdicts)))
    return 1 if any(verdict.failure for verdict in verdicts) else 0


def run_case(case: "Case") -> Verdict:
    """Runs one worked case."""
    from chassis.refusals import Refusal

    try:
        rule = rule_named(case.rule)
        result = rule(**arguments_of(rule, case.arguments))
    except Refusal as refusal:
        return Verdict(case, _compare_refusal(case, refusal))
    except Exception as error:  # noqa: BLE001 - a case that breaks its rule is a failed case, reported as such
        return Verdict(case, f"{type(error).__name__}: {error}")
    if case.refused is not None:
        return Verdict(case, f"was to be refused as {case.refused}, and was not")
    if not case.expects_value:
        return Verdict(case, None)
    return Verdict(case, _compare_value(get_type_hints(rule).get("return", Any), case.returns, result))


def rule_named(name: str) -> Any:
    """The function of `package.module:function`. Raises ImportError or AttributeError."""
    from importlib import import_module

    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def arguments_of(rule: Any, data: dict[str, Any]) -> dict[str, Any]:
    """A case's arguments as the rule's types. Raises TypeError, or pydantic's ValidationError."""
    hints = get_type_hints(rule)
    unknown = sorted(set(data) - set(hints))
    if unknown:
        raise TypeError(f"{rule.__name__} has no argument {unknown[0]}")
    return {name: built(hints[name], value) for name, value in data.items()}


def built(hint: Any, value: Any) -> Any:
    """`value`, of YAML, as the type `hint`; a dataclass takes a mapping that names only its fields."""
    kind = _dataclass_in(hint)
    if kind is None or value is None:
        return _adapter(hint).validate_python(value)
    if isinstance(value, dict):
        return kind(**_built_fields(kind, value))
    items = [built(kind, item) for item in value]
    return frozenset(items) if get_origin(hint) is frozenset else tuple(items)


def _built_fields(kind: Any, value: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    unknown = sorted(set(value) - {field.name for field in fields(kind)})
    if unknown:
        raise TypeError(f"{kind.__name__} has no field {unknown[0]}")
    return {key: built(hints[key], item) for key, item in value.items()}


def _dataclass_in(hint: Any) -> Any:
    """The dataclass that `hint` is, may be (`X | None`), or is a collection of; None when there is none."""
    if is_dataclass(hint):
        return hint
    if get_origin(hint) in (Union, UnionType) or get_origin(hint) is not None:
        return next((found for part in get_args(hint) if (found := _dataclass_in(part))), None)
    return None


@lru_cache(maxsize=256)
def _adapter(hint: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(hint)


def _compare_refusal(case: "Case", refusal: Any) -> str | None:
    if case.refused is None:
        return f"was refused as {refusal.slug}: {refusal}"
    if refusal.slug != case.refused:
        return f"was to be refused as {case.refused}, and was as {refusal.slug}"
    if refusal.clause != case.clause:
        return f"{refusal.slug} stands on clause {refusal.clause}, not on {case.clause}"
    return None


def _compare_value(hint: Any, expected: Any, result: Any) -> str | None:
    """None when equal; of a dataclass only the fields that the case names are compared."""
    if isinstance(expected, dict) and is_dataclass(result):
        wanted = _built_fields(type(result), expected)
        different = [key for key in wanted if getattr(result, key) != wanted[key]]
        return f"gave {different[0]} = {getattr(result, different[0])!r}" if different else None
    return None if built(hint, expected) == result else f"gave {result!r}, not {expected!r}"


def matrix(booklet: "Booklet", verdicts: Iterable[Verdict]) -> Iterator[str]:
    """The matrix's lines: one per clause, its failures below it, and a summary."""
    by_clause: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_clause.setdefault(verdict.case.clause, []).append(verdict)
    yield f"{'clause':<8} {'title':<40} {'result':<22} {'cases':<20} rule"
    for clause in booklet.clauses.values():
        yield from _clause_lines(clause, by_clause.get(clause.id, []))
    kept = sum(bool(clause.rules) for clause in booklet.clauses.values())
    ran = [verdict for found in by_clause.values() for verdict in found]
    failed = sum(verdict.failure is not None for verdict in ran)
    yield ""
    yield (
        f"{len(booklet.clauses)} clauses: {kept} decided by a rule, {len(booklet.clauses) - kept} open;"
        f" {len(ran)} cases, {failed} failed."
    )


def _clause_lines(clause: "Clause", found: list[Verdict]) -> Iterator[str]:
    kept = sum(verdict.case.verdict == "kept" for verdict in found)
    cases = f"{kept} kept, {len(found) - kept} broken" if found else ""
    first, *others = clause.rules or ("",)
    yield f"{clause.id:<8} {clause.title:<40} {_result(clause, found):<22} {cases:<20} {first}".rstrip()
    for rule in others:
        yield f"{'':<93} {rule}"
    for verdict in found:
        if verdict.failure:
            yield f"{'':<8} {verdict.case.file}: {verdict.case.name}: {verdict.failure}"


def _result(clause: "Clause", found: list[Verdict]) -> str:
    if not clause.rules:
        return f"open ({', '.join(clause.services)})"
    if not found:
        return "no cases"
    return "FAILED" if any(verdict.failure for verdict in found) else "passed"
