"""`livret migrate SERVICE`: brings one service's database to this version, as its owner."""

import argparse
import sys

from services.roster import ROSTER

BUS = "bus"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declares the command."""
    parser = subparsers.add_parser(
        "migrate",
        help="bring a service's database to this version",
        description="Migrates one service's database, or the PostgreSQL bus's, in one transaction.",
    )
    parser.add_argument(
        "service", choices=[*ROSTER, BUS], metavar="SERVICE", help="tenancy, catalog, …, or bus"
    )
    parser.add_argument(
        "--owner-database-url",
        metavar="URL",
        help="postgresql://livret_owner:…@host:port/name (LIVRET_OWNER_DATABASE_URL)",
    )
    parser.set_defaults(run=migrate)


def migrate(arguments: argparse.Namespace) -> int:
    """Runs it: 0, or 1 with the reason; a database that cannot be reached or a failed migration changes
    nothing.
    """
    from alembic.util.exc import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.settings import Settings

    url = arguments.owner_database_url or Settings().owner_database_url
    if not url:
        return _say_not("name the database with --owner-database-url, or in LIVRET_OWNER_DATABASE_URL", 2)
    try:
        _bring(url, arguments.service)
    except CommandError as fault:
        return _say_not(f"the database is of another version: {fault}", 1)
    except (SQLAlchemyError, ValueError, OSError) as fault:
        return _say_not(f"the database cannot be used: {getattr(fault, 'orig', None) or fault}", 1)
    print(f"{arguments.service}: at this version")
    return 0


def _bring(url: str, service: str) -> None:
    import asyncio

    from chassis.bus.postgres import prepare
    from chassis.migrate import upgrade

    asyncio.run(prepare(url) if service == BUS else upgrade(url, service))


def _say_not(sentence: str, status: int) -> int:
    sys.stderr.write(f"livret migrate: {sentence}\n")
    return status
