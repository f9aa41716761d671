"""`livret migrate SERVICE`: brings one service's database to this version, as its owner."""

import argparse

from services.roster import ROSTER

BUS = "bus"


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declares the command."""
    parser = subparsers.add_parser(
        "migrate",
        help="bring a service's database to this version",
        description="Migrates one service's database, or the PostgreSQL bus's, in one transaction.",
    )
    parser.add_argument("service", choices=[*ROSTER, BUS])
    parser.add_argument(
        "--owner-database-url", required=True, help="postgresql://livret_owner:…@host:port/name"
    )
    parser.set_defaults(run=migrate)


def migrate(arguments: argparse.Namespace) -> int:
    """Runs it; a database that cannot be reached or a failed migration changes nothing."""
    import asyncio

    from chassis.bus.postgres import prepare
    from chassis.migrate import upgrade

    if arguments.service == BUS:
        asyncio.run(prepare(arguments.owner_database_url))
    else:
        asyncio.run(upgrade(arguments.owner_database_url, arguments.service))
    print(f"{arguments.service}: at this version")
    return 0
