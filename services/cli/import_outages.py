"""`livret import-outages FILE`: interruptions from a CSV file, plain or gzipped, put on record.

Works in availability's database, on the machine of the portal or by its address. It may be repeated: what is
on record under the same key stays as it is.
"""

import argparse
import asyncio
import csv
import gzip
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.cli.zones import time_zone

if TYPE_CHECKING:
    from services.availability.model.imports import ImportTerms, LineOutcome

TAKEN, NOT_IMPORTED, SOME_REFUSED = 0, 1, 3
FIRST_LINES = 10

_DESCRIPTION = """\
Reads a line for each interruption: when it began and ended and, if the file has such columns, its kind,
environment, catalogue service, title and key. Columns are known by usual names, or told with --column.
Kinds are outage, maintenance, force_majeure, customer_equipment, outside_perimeter; other words are told with
--kind, also as `ignore`. A line without a kind is an outage. What is no outage is left out of unavailability;
somebody answers for it: --by. Urgent maintenance is put on record when it starts, and never imported (R6).
Exit status: 0 every line was taken, 3 some were refused, 1 nothing could be imported."""


class _DryRun(Exception):
    """Takes back what a dry run has done."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "import-outages",
        help="outages and exclusions from a CSV file",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, or CSV compressed as .gz")
    parser.add_argument("--dry-run", action="store_true", help="report only, import nothing")
    parser.add_argument(
        "--column", action="append", default=[], type=_pair, metavar="OURS=YOURS",
        help="start, end, kind, environment, offering, title or key",
    )  # fmt: skip
    parser.add_argument(
        "--kind", action="append", default=[], type=_pair, metavar="YOURS=OURS",
        help="what a word of the file means: outage, ignore, or an exclusion's type",
    )  # fmt: skip
    parser.add_argument("--timezone", type=time_zone, metavar="ZONE", help="of instants without an offset")
    parser.add_argument("--environment", default="production", help="of lines that name none")
    parser.add_argument("--by", type=UUID, metavar="PERSON", help="id of who answers for exclusions")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write each line's fate there, as CSV")
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIRECTORY", help="of a running portal (./data)"
    )
    place.add_argument("--database-url", metavar="URL", help="availability's database")
    parser.set_defaults(run=run, bus=None, bus_database_url=None, service="availability")


def _pair(text: str) -> tuple[str, str]:
    one, separator, other = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=NAME")
    return one, other


def run(arguments: argparse.Namespace) -> int:
    """Imports; prints what became of the lines."""
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.embedded.account import CannotRun
    from chassis.refusals import Refusal

    try:
        content = _content(arguments.file)
        outcomes = asyncio.run(_import(content, arguments))
        if arguments.report:
            _write_report(outcomes, arguments.report)
    except Refusal as refused:
        return _say_not(f"{refused.sentence} {refused.detail or ''}".strip())
    except (CannotRun, OSError, EOFError) as refused:
        return _say_not(str(refused))
    except SQLAlchemyError as fault:
        return _say_not(f"the database does not answer: {getattr(fault, 'orig', None) or fault}")
    return _told(outcomes, would=arguments.dry_run)


def _say_not(sentence: str) -> int:
    sys.stderr.write(f"livret import-outages: {sentence}\n")
    return NOT_IMPORTED


def _content(file: Path) -> bytes:
    """The file's bytes; a little more than may be imported is enough to refuse the rest unread."""
    from services.availability.rules.outage_lines import FILE_MAXIMUM

    opener: Callable[..., Any] = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rb") as opened:
        content: bytes = opened.read(FILE_MAXIMUM + 1)
    return content


def _terms(arguments: argparse.Namespace) -> "ImportTerms":
    from services.availability.model.imports import ImportTerms

    return ImportTerms(
        columns=dict(arguments.column),
        kinds=dict(arguments.kind),
        zone=arguments.timezone,
        environment=arguments.environment,
    )


async def _import(content: bytes, arguments: argparse.Namespace) -> "Sequence[LineOutcome]":
    """All lines in one transaction, with a line in the audit trail; a dry run takes everything back."""
    from chassis import audit
    from chassis.clock import Clock
    from chassis.db import Database, Scope
    from services.availability.commands.imports import import_interruptions
    from services.availability.rules.outage_lines import read_lines
    from services.roster import load
    from services.whereabouts import Whereabouts

    lines = read_lines(content, _terms(arguments))
    settings = Whereabouts.find(arguments).settings_of(load("availability"))
    db = Database.create(settings.database_url, pool_size=2, application_name="livret-import")
    outcomes: Sequence[LineOutcome] = ()
    try:
        now = (await Clock.load(db)).business_now()
        async with db.transaction(Scope.portal()) as tx:
            outcomes = await import_interruptions(tx, lines, arguments.by, now)
            counts = {fate.value: count for fate, count in _counts(outcomes).items()}
            subject = arguments.file.name
            await audit.record(tx, "import_outages", business_at=now, subject=subject, details=counts)
            if arguments.dry_run:
                raise _DryRun
    except _DryRun:
        return outcomes
    finally:
        await db.close()
    return outcomes


def _counts(outcomes: "Iterable[LineOutcome]") -> Counter[Any]:
    return Counter(each.fate for each in outcomes)


def _write_report(outcomes: "Iterable[LineOutcome]", file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["line", "key", "outcome", "reason"])
        writer.writerows([each.line, each.key, each.fate.value, each.reason] for each in outcomes)


def _told(outcomes: "Sequence[LineOutcome]", *, would: bool) -> int:
    counts = _counts(outcomes)
    tense = "would be " if would else ""
    said = [f"{count} {tense}{fate.value}" for fate, count in sorted(counts.items())]
    print(f"{len(outcomes)} lines: {', '.join(said) or 'nothing to import'}")
    reasons: dict[str, list[int]] = {}
    for each in outcomes:
        if each.reason:
            reasons.setdefault(each.reason, []).append(each.line)
    for reason, lines in reasons.items():
        first = ", ".join(str(line) for line in lines[:FIRST_LINES])
        more = f" and {len(lines) - FIRST_LINES} more" if len(lines) > FIRST_LINES else ""
        print(f"  {len(lines)} × {reason}\n      lines {first}{more}")
    return SOME_REFUSED if any(each.fate.value == "refused" for each in outcomes) else TAKEN
