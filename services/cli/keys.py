"""`livret keys`: the keys that sign the portal's bearer tokens, and those that seal its secrets at rest."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.db import Database
    from chassis.sealing import Sealer

_ROTATE = """\
The new key is shown for ten minutes before it signs, so that every service has it; the others are shown for
half an hour more, until what they signed has expired. With --at-once, for a key that leaked, the new one
signs now and what the others signed is refused."""
_RESEAL = """\
Seals the keys that sign, the second factors and the secrets of probes under the first of LIVRET_SEALING_KEYS,
where another one or none has sealed them. To replace a key: put a new one (`livret keys make`) before it,
start the services again, reseal, take the old one away. The secrets of probes stand in availability's
database: write {service} in the address, or that database's own address leaves them as they are."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser("keys", help="the keys that sign tokens, and those that seal secrets")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    rotate = _verb(verbs, "rotate", "let a new key sign", _ROTATE)
    rotate.add_argument("--at-once", action="store_true", help="the other keys leaked")
    _place(rotate)
    rotate.set_defaults(run=run, deed=_rotated)
    reseal = _verb(verbs, "reseal", "seal secrets under the newest key", _RESEAL)
    _place(reseal)
    reseal.set_defaults(run=run, deed=_resealed)
    make = _verb(verbs, "make", "print a new key that seals", "Prints a key for LIVRET_SEALING_KEYS.")
    make.set_defaults(run=_made)


def _verb(verbs: Any, name: str, sentence: str, description: str) -> Any:
    shape = argparse.RawDescriptionHelpFormatter
    return verbs.add_parser(name, help=sentence, description=description, formatter_class=shape)


def _place(parser: Any) -> None:
    parser.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIRECTORY", help="of a running portal (./data)"
    )
    parser.add_argument("--database-url", metavar="URL", help="tenancy's database, in the place of --data")
    parser.set_defaults(bus=None, bus_database_url=None, service="tenancy")


def run(arguments: argparse.Namespace) -> int:
    """Does it; prints the new key's name, or how many secrets were sealed anew."""
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.embedded.account import CannotRun
    from chassis.sealing import CannotUnseal, SealingKeysMissing

    try:
        print(asyncio.run(_on_database(arguments)))
    except (CannotRun, SealingKeysMissing) as refused:
        sys.stderr.write(f"livret keys: {refused}\n")
        return 1
    except CannotUnseal:
        sys.stderr.write("livret keys: none of LIVRET_SEALING_KEYS opens what is sealed there\n")
        return 1
    except (SQLAlchemyError, OSError) as fault:
        cause = getattr(fault, "orig", None) or fault
        sys.stderr.write(f"livret keys: the database cannot be used: {cause}\n")
        return 1
    return 0


def _made(_arguments: argparse.Namespace) -> int:
    from chassis.sealing import new_key

    print(new_key())
    return 0


async def _on_database(arguments: argparse.Namespace) -> object:
    from chassis.db import Database
    from chassis.sealing import Sealer
    from services.roster import load
    from services.whereabouts import Whereabouts, sealing_keys

    settings = Whereabouts.find(arguments).settings_of(load("tenancy"))
    sealer = Sealer.of(sealing_keys(arguments))
    db = Database.create(settings.database_url, pool_size=1, application_name="livret-keys")
    try:
        return await arguments.deed(db, sealer, arguments)
    finally:
        await db.close()


async def _rotated(db: "Database", sealer: "Sealer", arguments: argparse.Namespace) -> object:
    from services.tenancy.tokens import rotate_key

    return await rotate_key(db, sealer, arguments.at_once)


async def _resealed(db: "Database", sealer: "Sealer", arguments: argparse.Namespace) -> object:
    """Tenancy's secrets and, unless its database alone was named, those of availability's probes."""
    from chassis.db import Database
    from services.availability.commands.targets import reseal_secrets
    from services.roster import load
    from services.tenancy.commands.sealing import reseal_all
    from services.whereabouts import PLACE, Whereabouts

    count = await reseal_all(db, sealer)
    where = Whereabouts.find(arguments)
    if PLACE not in where.template:
        return count
    watched = Database.create(where.settings_of(load("availability")).database_url, pool_size=1)
    try:
        return count + await reseal_secrets(watched, sealer)
    finally:
        await watched.close()
