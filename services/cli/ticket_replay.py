"""`livret tickets replay FILE`: an event log through the real commands, and what the contract says of it."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from services.cli.ticket_log import Log, read_log
from services.cli.zones import time_zone

if TYPE_CHECKING:
    from chassis.db import Database
    from services.ticketing.model.replay import Account, Deed, LogEvent

DONE, CANNOT, INTERRUPTED = 0, 1, 130
BATCH = 500
"""Events in one transaction."""
DATABASE = "livret_ticketing"

DESCRIPTION = """\
Reads an event log, CSV with a heading, plain or compressed by gzip, and runs it in order of time through the
commands that people use, each under its event's instant. The first event of a case registers it, whatever its
name. Then tells what became of every case and every event, and the share of tickets taken in charge in time
for each contract year of support (13.2-g), as at the last event.

Without a database it works in one of its own, which is thrown away after, for a customer on --plan whose
support starts on the day of the first event. In a portal's database (--data or --database-url) --customer
names a customer without tickets; its own plans count. What was committed of a run that was stopped stays,
and another run is refused, since that customer has tickets then.

An activity stands for one of: register, take_in_charge, qualify_1, qualify_2, qualify_3 (seen and qualified),
provide_plan, provide_fix, begin_wait, end_wait, out_of_scope, not_reproducible, as_documented, duty_not_met,
close, nothing. Whatever follows a wait in its case ends it. Activities that nothing is said of stand for
nothing, unless they are a help desk's: Insert ticket, Take in charge ticket, Wait, Closed."""


class CannotReplay(Exception):
    """Why nothing was replayed, in a sentence for the user."""


def add(actions: Any) -> None:
    """Registers the action."""
    parser = actions.add_parser(
        "replay",
        help="run an event log through the real commands",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, plain or compressed by gzip")
    parser.add_argument("--case-column", metavar="NAME", default="Case ID")
    parser.add_argument("--activity-column", metavar="NAME", default="Activity")
    parser.add_argument("--time-column", metavar="NAME", default="Complete Timestamp")
    parser.add_argument("--delimiter", metavar="CHARACTER", default=",")
    parser.add_argument(
        "--timezone",
        type=time_zone,
        metavar="ZONE",
        default=ZoneInfo("UTC"),
        help="of instants without offset",
    )
    parser.add_argument(
        "--map", action="append", default=[], type=_mapped, metavar="ACTIVITY=DEED",
        help="what an activity stands for; may be repeated",
    )  # fmt: skip
    parser.add_argument("--plan", choices=("open", "private"), help="of the customer that is made up (open)")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--data", type=Path, metavar="DIRECTORY", help="of a running portal")
    place.add_argument("--database-url", metavar="URL", help="ticketing's database")
    parser.add_argument("--customer", type=UUID, metavar="ID", help="of that portal")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run=run, bus=None, bus_database_url=None, service="ticketing")


def _mapped(text: str) -> "tuple[str, Deed]":
    from services.ticketing.model.replay import Deed

    activity, separator, deed = text.rpartition("=")
    if not separator or deed not in tuple(Deed):
        raise argparse.ArgumentTypeError(f"{text!r} is not ACTIVITY=DEED, with one of: {', '.join(Deed)}")
    return activity, Deed(deed)


def run(arguments: argparse.Namespace) -> int:
    """Replays the file and prints the account; 1 when nothing could be replayed."""
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.embedded.account import CannotRun
    from chassis.refusals import Refusal
    from contracts.booklet.hours import OutsideCalendar
    from contracts.booklet.model import NotInForce
    from services.ticketing.rules.event_log import LogUnreadable

    try:
        _check(arguments)
        return asyncio.run(_replay(arguments, read_log(arguments)))
    except (CannotReplay, CannotRun, LogUnreadable, Refusal, OutsideCalendar, NotInForce) as refused:
        return _say_not(str(refused))
    except (SQLAlchemyError, OSError) as fault:
        return _say_not(str(getattr(fault, "orig", None) or fault))
    except KeyboardInterrupt:
        return INTERRUPTED


def _say_not(sentence: str) -> int:
    sys.stderr.write(f"livret tickets replay: {sentence}\n")
    return CANNOT


def _check(arguments: argparse.Namespace) -> None:
    in_a_portal = arguments.data or arguments.database_url
    if in_a_portal and not arguments.customer:
        raise CannotReplay("a portal's database needs --customer, whose tickets these are")
    if arguments.customer and not in_a_portal:
        raise CannotReplay("--customer is one of a portal: name that with --data or --database-url")
    if arguments.customer and arguments.plan:
        raise CannotReplay("a customer of a portal has its own plans: leave --plan out")
    if len(arguments.delimiter) != 1:
        raise CannotReplay("--delimiter is one character")


async def _replay(arguments: argparse.Namespace, log: Log) -> int:
    from chassis.db import Scope
    from services.cli.replay_account import as_json, as_text
    from services.ticketing.compliance import compliance_of
    from services.ticketing.model.replay import Account
    from services.ticketing.rules.event_log import HELPDESK

    account = Account({**HELPDESK, **dict(arguments.map)})
    async with _database(arguments) as db:
        customer_id = arguments.customer or await _new_customer(db, arguments.plan or "open", log)
        await _require_new_to_tickets(db, customer_id, log)
        await run_through(db, customer_id, log, account)
        as_of = log.events[-1].at
        async with db.transaction(Scope.customer(customer_id), read_only=True) as tx:
            compliance = await compliance_of(tx, customer_id, as_of)
    tell = as_json if arguments.json else as_text
    sys.stdout.write(tell(log, account, compliance))
    return DONE


async def run_through(db: "Database", customer_id: UUID, log: Log, account: "Account") -> None:
    """Every event of the log, some hundreds in a transaction; progress where someone looks at it."""
    from chassis.db import Scope
    from services.ticketing.commands.replay import replay

    watched = sys.stderr.isatty()
    for part in _parts(log.events):
        async with db.transaction(Scope.customer(customer_id)) as tx:
            await replay(tx, customer_id, part, log.name, account)
        if watched:
            sys.stderr.write(f"\r{account.events:,} of {len(log.events):,} events ")
    if watched:
        sys.stderr.write("\n")


def _parts(events: "Sequence[LogEvent]") -> "Iterator[Sequence[LogEvent]]":
    for place in range(0, len(events), BATCH):
        yield events[place : place + BATCH]


async def _require_new_to_tickets(db: "Database", customer_id: UUID, log: Log) -> None:
    """A log replayed twice would double every ticket; the trail tells who replayed one."""
    from chassis import audit
    from chassis.db import Scope
    from services.ticketing.store.replay import has_tickets

    async with db.transaction(Scope.customer(customer_id)) as tx:
        if await has_tickets(tx, customer_id):
            raise CannotReplay("this customer has tickets already, and a log is replayed for one without any")
        details = {"events": len(log.events), "unreadable": len(log.unreadable)}
        await audit.record(
            tx,
            "replay_tickets",
            business_at=log.events[-1].at,
            customer_id=customer_id,
            subject=log.name,
            details=details,
        )


async def _new_customer(db: "Database", plan: str, log: Log) -> UUID:
    from chassis.db import Scope
    from contracts.events.tenancy import CustomerRegistered
    from services.ticketing.rules.compliance import midnight
    from services.ticketing.share_terms import zone
    from services.ticketing.store.heard import save_customer

    customer_id, day = uuid4(), log.events[0].at.astimezone(zone()).date()
    event = CustomerRegistered.model_validate(
        {
            "customer_id": customer_id,
            "name": log.name,
            "kind": "accounting_firm",
            "support_plan": plan,
            "registered_at": midnight(day, zone()),
            "contract_starts_on": day,
            "term_months": 12,
        }
    )
    async with db.transaction(Scope.customer(customer_id)) as tx:
        await save_customer(tx, event)
    return customer_id


@asynccontextmanager
async def _database(arguments: argparse.Namespace) -> "AsyncIterator[Database]":
    """Ticketing's database of the portal that is named, or one that is thrown away after."""
    from services.roster import load
    from services.whereabouts import Whereabouts

    if arguments.customer:
        settings = Whereabouts.find(arguments).settings_of(load("ticketing"))
        async with _opened(settings.database_url) as db:
            yield db
        return
    async with _thrown_away() as url, _opened(url) as db:
        yield db


@asynccontextmanager
async def _opened(url: str) -> "AsyncIterator[Database]":
    from chassis.db import Database

    db = Database.create(url, pool_size=1, application_name="livret-replay")
    try:
        yield db
    finally:
        await db.close()


@asynccontextmanager
async def _thrown_away() -> AsyncIterator[str]:
    """The address of a new, empty database of ticketing's, on a server of its own."""
    from chassis.embedded.postgres import EmbeddedPostgres
    from chassis.migrate import upgrade

    home = _home()
    server = EmbeddedPostgres(home / "cluster", fsync=False, databases=(DATABASE,))
    try:
        server.start()
        await upgrade(server.owner_url(DATABASE), "ticketing")
        yield server.url(DATABASE)
    finally:
        server.stop(immediate=True)
        shutil.rmtree(home, ignore_errors=True)


def _home() -> Path:
    """A directory that the server's own account may reach."""
    home = Path(tempfile.mkdtemp(prefix="livret-replay-"))
    home.chmod(0o711)
    return home
