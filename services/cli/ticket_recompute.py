"""`livret tickets recompute`: clocks told anew from the tickets' histories, compared with what is kept."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

SAME, DIFFERENT, CANNOT, INTERRUPTED = 0, 1, 2, 130

DESCRIPTION = """\
Tells every ticket's clocks, waits and facts anew from its history alone and compares them with what is kept.
Nothing is changed; with --repair each ticket that differs becomes what its history says, which the audit
trail records. A difference is a line: the ticket, the field, what is kept and what the history says.
Exit status: 0 nothing differs, 1 something does or did, 2 it could not be looked at."""


def add(actions: Any) -> None:
    """Registers the action."""
    parser = actions.add_parser(
        "recompute",
        help="tell all clocks anew from the tickets' histories",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIRECTORY", help="of a running portal (./data)"
    )
    place.add_argument("--database-url", metavar="URL", help="ticketing's database")
    parser.add_argument("--repair", action="store_true", help="keep what the history says")
    parser.set_defaults(run=run, bus=None, bus_database_url=None, service="ticketing")


def run(arguments: argparse.Namespace) -> int:
    """Looks at every ticket; prints each difference and how many were looked at."""
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.embedded.account import CannotRun

    try:
        return asyncio.run(_recompute(arguments))
    except CannotRun as refused:
        return _say_not(str(refused))
    except (SQLAlchemyError, OSError) as fault:
        return _say_not(f"the database cannot be used: {getattr(fault, 'orig', None) or fault}")
    except KeyboardInterrupt:
        return INTERRUPTED


def _say_not(sentence: str) -> int:
    sys.stderr.write(f"livret tickets recompute: {sentence}\n")
    return CANNOT


async def _recompute(arguments: argparse.Namespace) -> int:
    from chassis.clock import Clock
    from chassis.db import Database
    from services.roster import load
    from services.ticketing.commands.recompute import recompute
    from services.whereabouts import Whereabouts

    settings = Whereabouts.find(arguments).settings_of(load("ticketing"))
    db = Database.create(settings.database_url, pool_size=1, application_name="livret-recompute")
    looked, differing, repaired, tickets = 0, 0, 0, set()
    try:
        now = (await Clock.load(db)).business_now()
        async for step in recompute(db, repair=arguments.repair, now=now):
            looked += step.tickets
            differing += len(step.differences)
            repaired += step.repaired
            for one in step.differences:
                tickets.add(one.ticket_id)
                print(
                    f"{one.reference}  {one.field}: kept {_shown(one.stored)}, told {_shown(one.recomputed)}"
                )
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{looked:,} tickets ")
    finally:
        await db.close()
    told = f"{looked:,} tickets looked at, {differing:,} differences in {len(tickets):,} tickets"
    print(f"{told}, {repaired:,} repaired" if arguments.repair else told)
    return DIFFERENT if differing else SAME


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)
