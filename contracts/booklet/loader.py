"""Reads a booklet: `booklet.yaml` and the files it names, into the frozen values of `model.py`.

The file is the one given, else that of `LIVRET_BOOKLET`, else the one of this package. Any error is a
BookletUnreadable that says what is wrong, where, and what to do. Rules are names here; nothing is imported.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from contracts.booklet.model import (
    Booklet,
    Case,
    Clause,
    Ruling,
    Status,
    Timetable,
    Verdict,
)
from contracts.booklet.parameters import read_parameters
from contracts.booklet.reading import Fields, Node, read_file
from contracts.booklet.timetables import CLAUSE_ID, CLAUSE_REMEDY, read_timetable

OWN = Path(__file__).with_name("booklet.yaml")
RULE = r"[a-z_]+(\.[a-z_0-9]+)*:[a-z_0-9]+"
RULE_REMEDY = "name a function as package.module:function"
RULING_ID = r"R[0-9]{1,2}"


def booklet_path(path: str | Path | None = None) -> Path:
    """The booklet file in force."""
    return Path(path or os.environ.get("LIVRET_BOOKLET") or OWN)


def load_timetable(path: str | Path | None = None) -> Timetable:
    """Only the calendars and what they need: one small file. Raises BookletUnreadable."""
    return _timetable(_root(booklet_path(path)))


def load_booklet(path: str | Path | None = None) -> Booklet:
    """The whole booklet, each reference inside it checked. Raises BookletUnreadable."""
    root = _root(booklet_path(path))
    timetable = _timetable(root)
    rulings = _rulings(root["rulings"])
    clauses = _clauses(root, rulings, timetable)
    _check_calendars(root["calendars"], timetable, clauses)
    cases = _cases(root["cases"], clauses)
    return Booklet(root["publisher"].text(), timetable, clauses, rulings, cases)


def load_clauses(path: str | Path | None = None) -> dict[str, Clause]:
    """The clauses with their parameters, without the worked cases. Raises BookletUnreadable."""
    root = _root(booklet_path(path))
    return _clauses(root, _rulings(root["rulings"]), _timetable(root))


def _clauses(root: Fields, rulings: dict[str, Ruling], timetable: Timetable) -> dict[str, Clause]:
    clauses: dict[str, Clause] = {}
    for node in _spread(root["clauses"]):
        clause = _clause(node, rulings, timetable)
        if clause.id in clauses:
            node.refuse(f"clause {clause.id} stands twice", "remove one")
        clauses[clause.id] = clause
    return clauses


def _root(path: Path) -> Fields:
    return read_file(path).fields("publisher timezone holidays calendars clauses rulings cases")


def _timetable(root: Fields) -> Timetable:
    return read_timetable(root["timezone"], root["holidays"], root["calendars"])


def _spread(node: Node) -> list[Node]:
    """The entries of a list, in which a text names a file that holds more of them."""
    result: list[Node] = []
    for item in node.items():
        if isinstance(item.value, str):
            result.extend(read_file(node.file.parent / item.value).items())
        else:
            result.append(item)
    return result


def _rulings(node: Node) -> dict[str, Ruling]:
    source = read_file(node.file.parent / node.value) if isinstance(node.value, str) else node
    result: dict[str, Ruling] = {}
    for item in source.items():
        fields = item.fields("id title sentence")
        ruling = Ruling(
            fields["id"].text(RULING_ID, "write R and a number, as R4"),
            fields["title"].text(),
            fields["sentence"].text().strip(),
        )
        if ruling.id in result:
            item.refuse(f"ruling {ruling.id} stands twice", "remove one")
        result[ruling.id] = ruling
    return result


def _clause(node: Node, rulings: dict[str, Ruling], timetable: Timetable) -> Clause:
    fields = node.fields("id title sentence services status", "rules rulings parameters calendars")
    clause_id = fields["id"].text(CLAUSE_ID, CLAUSE_REMEDY)
    rules, status = fields.find("rules"), _status(fields["status"])
    if (status is Status.kept) != (rules is not None and rules.value != []):
        node.refuse(
            f"{clause_id} is {status} and {'has' if rules else 'lacks'} rules", "kept clauses name theirs"
        )
    parameters = fields.find("parameters")
    return Clause(
        id=clause_id,
        article=clause_id.rpartition("-")[0],
        title=fields["title"].text(),
        sentence=fields["sentence"].text().strip(),
        services=fields["services"].texts(r"[a-z]+", "name services, as [tenancy, catalog]"),
        status=status,
        rules=rules.texts(RULE, RULE_REMEDY) if rules else (),
        rulings=_known(fields.find("rulings"), rulings, "ruling"),
        parameters=read_parameters(parameters) if parameters else (),
        calendars=_known(fields.find("calendars"), timetable.calendars, "calendar"),
    )


def _status(node: Node) -> Status:
    if node.value not in tuple(Status):
        node.refuse(f"{node.value!r} is no status", f"write {' or '.join(Status)}")
    return Status(node.value)


def _known(node: Node | None, there: Mapping[str, object], kind: str) -> tuple[str, ...]:
    if node is None:
        return ()
    for item in node.items():
        if item.value not in there:
            item.refuse(f"there is no {kind} {item.value!r}", f"there are: {', '.join(there)}")
    return node.texts()


def _check_calendars(node: Node, timetable: Timetable, clauses: dict[str, Clause]) -> None:
    for name, terms in timetable.calendars.items():
        if terms.clause not in clauses:
            node.refuse(
                f"{name} stands for clause {terms.clause}, which is not there", "add it, or correct it"
            )


def _cases(node: Node, clauses: dict[str, Clause]) -> tuple[Case, ...]:
    directory = node.file.parent / node.text()
    if not directory.is_dir():
        node.refuse(f"{directory} is no directory", "name the directory that holds the cases")
    result: list[Case] = []
    for path in sorted(directory.glob("*.yaml")):
        result.extend(_cases_of(path, clauses))
    return tuple(result)


def _cases_of(path: Path, clauses: dict[str, Clause]) -> list[Case]:
    fields = read_file(path).fields("clause cases", "given")
    clause_id = fields["clause"].text(CLAUSE_ID, CLAUSE_REMEDY)
    clause = clauses.get(clause_id)
    if clause is None or not clause.rules:
        fields["clause"].refuse(
            f"no clause {clause_id} with a rule", "give the clause its rule, or remove the cases"
        )
    return [_case(item, clause) for item in fields["cases"].items()]


def _case(node: Node, clause: Clause) -> Case:
    fields = node.fields("name verdict arguments", "rule refused returns")
    if fields["verdict"].value not in tuple(Verdict):
        fields["verdict"].refuse(
            f"{fields['verdict'].value!r} is no verdict", f"write {' or '.join(Verdict)}"
        )
    if "refused" in fields and "returns" in fields:
        node.refuse("expects a refusal and a value", "keep one of `refused` and `returns`")
    rule, refused, returns = fields.find("rule"), fields.find("refused"), fields.find("returns")
    if rule is not None and rule.value not in clause.rules:
        rule.refuse(f"{rule.value!r} is no rule of {clause.id}", f"there are: {', '.join(clause.rules)}")
    return Case(
        clause=clause.id,
        name=fields["name"].text(),
        verdict=Verdict(fields["verdict"].value),
        rule=rule.value if rule else clause.rules[0],
        arguments={key: child.value for key, child in fields["arguments"].children().items()},
        file=node.file.name,
        refused=refused.text() if refused else None,
        returns=returns.value if returns else None,
        expects_value=returns is not None,
    )
