"""`livret import-companies FILE --customer SLUG`: a firm's companies from a CSV file, plain or gzipped.

On the machine of the portal it works in its database; with `--origin` it goes through the API from anywhere,
as one of the firm's administrators. Either way it is the same import, and may be repeated.
"""

import argparse
import asyncio
import getpass
import gzip
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from chassis.db import Database
    from services.tenancy.commands.imports import ImportAsked

TAKEN, NOT_IMPORTED, SOME_REFUSED = 0, 1, 3
POLL_SECONDS = 0.5
ENDED = frozenset({"checked", "done", "failed"})

Shown = Mapping[str, Any]
_DESCRIPTION = """\
Checks each line, then imports what can be. Reports refused lines with the reason and a suggestion.
Exit status: 0 every line was taken, 3 some were refused, 1 nothing could be imported."""


class CannotImport(Exception):
    """Why nothing was imported, in a sentence for the user."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "import-companies",
        help="a firm's companies from a CSV file",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, or CSV compressed as .gz")
    parser.add_argument("--customer", required=True, metavar="SLUG", help="the firm's portal address")
    parser.add_argument("--dry-run", action="store_true", help="report only, import nothing")
    parser.add_argument("--repair", action="store_true", help="accept suggestions that mean one thing only")
    parser.add_argument("--activate", action="store_true", help="activate the companies too")
    parser.add_argument(
        "--column", action="append", default=[], type=_column, metavar="OURS=YOURS",
        help="siret, name, postcode, city, street, street_number, trade_name or activity_code",
    )  # fmt: skip
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report there, as CSV")
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIRECTORY", help="of a running portal (./data)"
    )
    place.add_argument("--origin", metavar="URL", help="the portal's address: go through its API")
    place.add_argument("--database-url", metavar="URL", help="tenancy's database")
    parser.add_argument("--identifier", help="of an administrator of the firm, with --origin")
    parser.set_defaults(run=run, bus=None, bus_database_url=None, service="tenancy")


def _column(text: str) -> tuple[str, str]:
    ours, separator, theirs = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not OURS=YOURS")
    return ours, theirs


def run(arguments: argparse.Namespace) -> int:
    """Imports; prints what became of the lines."""
    import httpx
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.embedded.account import CannotRun
    from chassis.refusals import Refusal
    from services.cli.entrance import Refused

    try:
        shown = asyncio.run(_through_api(arguments) if arguments.origin else _in_database(arguments))
    except Refusal as refused:
        return _say_not(f"{refused.sentence} {refused.detail or ''}".strip())
    except (CannotRun, CannotImport, Refused, OSError, EOFError) as refused:
        return _say_not(str(refused))
    except (SQLAlchemyError, httpx.HTTPError) as fault:
        return _say_not(f"the portal does not answer: {getattr(fault, 'orig', None) or fault}")
    return _told(shown)


def _say_not(sentence: str) -> int:
    sys.stderr.write(f"livret import-companies: {sentence}\n")
    return NOT_IMPORTED


def _asked(arguments: argparse.Namespace) -> "ImportAsked":
    from services.tenancy.commands.imports import ImportAsked

    return ImportAsked(
        file_name=arguments.file.name[:200],
        content=_content(arguments.file),
        mapping=dict(arguments.column),
        dry_run=arguments.dry_run,
        repair=arguments.repair,
        activate=arguments.activate,
    )


def _content(file: Path) -> bytes:
    """The file's bytes; a little more than may be imported is enough to refuse the rest unread."""
    from services.tenancy.rules.spreadsheet import FILE_MAXIMUM

    opener: Callable[..., Any] = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rb") as opened:
        content: bytes = opened.read(FILE_MAXIMUM + 1)
    return content


async def _in_database(arguments: argparse.Namespace) -> Shown:
    from chassis.clock import Clock
    from chassis.db import Database
    from services.roster import load
    from services.whereabouts import Whereabouts

    settings = Whereabouts.find(arguments).settings_of(load("tenancy"))
    db = Database.create(settings.database_url, pool_size=2, application_name="livret-import")
    try:
        return await _import(db, await Clock.load(db), arguments)
    finally:
        await db.close()


async def _import(db: "Database", clock: Any, arguments: argparse.Namespace) -> Shown:
    """Takes the file in and works on it here; should the portal's workers be faster, all the better."""
    from chassis.db import Scope
    from services.tenancy.commands.credentials import Instants
    from services.tenancy.commands.imports import receive_import, work_import_once
    from services.tenancy.store.customers import find_customer_id

    def at() -> Instants:
        return Instants(clock.business_now(), clock.system_now())

    async with db.transaction(Scope.portal()) as tx:
        customer_id = await find_customer_id(tx, arguments.customer)
    if customer_id is None:
        raise CannotImport(f"no customer has the portal address {arguments.customer!r}")
    async with db.transaction(Scope.customer(customer_id)) as tx:
        import_id = await receive_import(tx, customer_id, _asked(arguments), None, at())

    async def step() -> Shown:
        worked = await work_import_once(db, at(), import_id)
        shown = await _standing(db, customer_id, import_id)
        if not worked and shown["state"] not in ENDED:
            await asyncio.sleep(POLL_SECONDS)
        return shown

    shown = await _followed(step)
    if arguments.report:
        await _write_report(db, customer_id, import_id, arguments.report)
    return shown


async def _standing(db: "Database", customer_id: UUID, import_id: UUID) -> Shown:
    from chassis.db import Scope
    from services.tenancy.schemas.imports import ImportShown
    from services.tenancy.store import imports as store

    async with db.transaction(Scope.customer(customer_id)) as tx:
        row = await store.load_import(tx, customer_id, import_id)
        counts = await store.count_lines(tx, customer_id, import_id)
        reasons = await store.list_reasons(tx, customer_id, import_id)
    return ImportShown.of(row, counts, reasons).model_dump(mode="json")


async def _write_report(db: "Database", customer_id: UUID, import_id: UUID, file: Path) -> None:
    from services.tenancy.reports import import_report

    parts = [part async for part in import_report(db, customer_id, import_id)]
    await asyncio.to_thread(file.write_text, "".join(parts), encoding="utf-8", newline="")


async def _through_api(arguments: argparse.Namespace) -> Shown:
    from services.cli.entrance import entered

    if not arguments.identifier:
        raise CannotImport("--origin needs --identifier, that of an administrator of the firm")
    password = os.environ.get("LIVRET_PASSWORD") or getpass.getpass("Password: ")
    code = os.environ.get("LIVRET_CODE")
    asked = _asked(arguments)
    options = {"dry_run": asked.dry_run, "repair": asked.repair, "activate": asked.activate}
    async with entered(arguments.origin, arguments.customer, arguments.identifier, password, code) as api:
        answer = await api.request(
            "POST",
            "/api/tenancy/v1/companies/imports",
            params={**options, "mapping": _json(asked.mapping), "file_name": asked.file_name},
            content=asked.content,
            headers={"Content-Type": "text/csv", "Idempotency-Key": str(uuid4())},
        )
        place = f"/api/tenancy/v1/companies/imports/{answer['import_id']}"

        async def step() -> Shown:
            shown: Shown = await api.request("GET", place)
            if shown["state"] not in ENDED:
                await asyncio.sleep(POLL_SECONDS)
            return shown

        shown = await _followed(step)
        if arguments.report:
            report = await api.download(f"{place}/report")
            await asyncio.to_thread(arguments.report.write_bytes, report)
    return shown


def _json(mapping: Mapping[str, str]) -> str:
    import orjson

    return orjson.dumps(dict(mapping)).decode()


async def _followed(step: Callable[[], Awaitable[Shown]]) -> Shown:
    """Goes on until the import has ended; progress on standard error, where someone looks at it."""
    began, watched = time.monotonic(), sys.stderr.isatty()
    while True:
        shown = await step()
        if watched:
            seconds = time.monotonic() - began
            sys.stderr.write(
                f"\r{shown['state']}: {shown['applied']} of {shown['lines']} lines, {seconds:.0f} s "
            )
        if shown["state"] in ENDED:
            if watched:
                sys.stderr.write("\n")
            return shown


def _told(shown: Shown) -> int:
    if shown["state"] == "failed":
        return _say_not(str(shown["fault"]))
    counts = shown["counts"]
    tense = "would be " if shown["state"] == "checked" else ""
    words = (("create", "created"), ("update", "updated"), ("unchanged", "unchanged"), ("refused", "refused"))
    said = [f"{counts[outcome]} {tense}{word}" for outcome, word in words if counts.get(outcome)]
    print(f"{shown['lines']} lines: {', '.join(said) or 'nothing to import'}")
    for reason in shown["reasons"]:
        print(f"  {reason['lines']} × {reason['column']} (first: line {reason['first_line']}):")
        print(f"      {reason['reason']}")
        print(f"      {reason['reason_fr']}")
    return SOME_REFUSED if counts.get("refused") else TAKEN
