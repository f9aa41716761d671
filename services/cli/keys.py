"""`livret keys rotate`: a new key signs the portal's bearer tokens, the others go once nothing needs them."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

_DESCRIPTION = """\
The new key is shown for ten minutes before it signs, so that every service has it; the others are shown for
half an hour more, until what they signed has expired. With --at-once, for a key that leaked, the new one
signs now and what the others signed is refused."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser("keys", help="the keys that bearer tokens are signed with")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    rotate = verbs.add_parser(
        "rotate",
        help="let a new key sign",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    rotate.add_argument("--at-once", action="store_true", help="the other keys leaked")
    rotate.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIRECTORY", help="of a running portal (./data)"
    )
    rotate.add_argument("--database-url", metavar="URL", help="tenancy's database, in the place of --data")
    rotate.set_defaults(run=run, bus=None, bus_database_url=None, service="tenancy")


def run(arguments: argparse.Namespace) -> int:
    """Rotates; prints the new key's name."""
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.embedded.account import CannotRun

    try:
        print(asyncio.run(_rotate(arguments)))
    except CannotRun as refused:
        sys.stderr.write(f"livret keys: {refused}\n")
        return 1
    except (SQLAlchemyError, OSError) as fault:
        cause = getattr(fault, "orig", None) or fault
        sys.stderr.write(f"livret keys: the database cannot be used: {cause}\n")
        return 1
    return 0


async def _rotate(arguments: argparse.Namespace) -> str:
    from chassis.db import Database
    from services.roster import load
    from services.tenancy.tokens import rotate_key
    from services.whereabouts import Whereabouts

    settings = Whereabouts.find(arguments).settings_of(load("tenancy"))
    db = Database.create(settings.database_url, pool_size=1, application_name="livret-keys")
    try:
        return await rotate_key(db, arguments.at_once)
    finally:
        await db.close()
