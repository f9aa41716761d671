"""`livret serve SERVICE` and `livret work SERVICE`: one service alone, its API and its workers apart.

What is not said by an option comes from the environment (`LIVRET_…`), as in the images.
"""

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from chassis.embedded.account import CannotRun
from services.cli.ports import port, port_or_free, show_metrics

if TYPE_CHECKING:
    from chassis.hears import Service
    from chassis.settings import Settings


def add(subparsers: Any) -> None:
    """Registers both commands."""
    serve = subparsers.add_parser("serve", help="the API of one service")
    _add_common(serve)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    serve.add_argument(
        "--port",
        type=port_or_free,
        default=8080,
        metavar="N",
        help="port to listen on; 0 takes a free one (8080)",
    )
    serve.add_argument("--origin", metavar="URL", help="the portal's public address")
    serve.add_argument("--jwks-url", metavar="URL", help="where tenancy shows the keys of its tokens")
    serve.add_argument(
        "--drain-seconds",
        type=float,
        default=0.0,
        metavar="N",
        help="how long to answer on, not ready, after being told to stop (0)",
    )
    serve.set_defaults(run=run_api)
    work = subparsers.add_parser("work", help="the workers of one service: relay, inbox, effects, timed work")
    _add_common(work)
    work.add_argument(
        "--metrics-host", default="127.0.0.1", metavar="HOST", help="address to show metrics on (127.0.0.1)"
    )
    work.add_argument("--metrics-port", type=port, metavar="N", help="port to show metrics on (none)")
    work.set_defaults(run=run_workers)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", metavar="SERVICE", help="its name: tenancy, catalog, …")
    parser.add_argument("--database-url", metavar="URL", help="postgresql://user:password@host:port/name")
    parser.add_argument(
        "--owner-database-url", metavar="URL", help="the same database as its owner: migrate it first"
    )
    parser.add_argument("--bus", metavar="BUS", help="`postgres`, or kafka://host:port[,host:port]")
    parser.add_argument("--bus-database-url", metavar="URL", help="where the log of the bus `postgres` lives")


_SETTINGS = ("database_url", "owner_database_url", "bus", "bus_database_url", "origin", "jwks_url")


def settings_of(service: "Service", arguments: argparse.Namespace) -> "Settings":
    """The service's settings: the environment's, and over them what the options say."""
    given = {name: value for name in _SETTINGS if (value := getattr(arguments, name, None)) is not None}
    return service.settings_class(service=service.name, **given)


def run_api(arguments: argparse.Namespace) -> int:
    """Serves until told to stop. Raises CannotRun."""
    from chassis.serving import serve

    service, settings = _prepared(arguments, "api")
    app = service.create_api(settings)
    return serve(app, host=arguments.host, port=arguments.port, drain_seconds=arguments.drain_seconds)


def run_workers(arguments: argparse.Namespace) -> int:
    """Works until told to stop. Raises CannotRun."""
    from chassis.bus import BusUnknown
    from chassis.runtime import run_workers as work_for

    service, settings = _prepared(arguments, "workers")
    show_metrics(arguments)
    try:
        asyncio.run(work_for([(service, settings)]))
    except BusUnknown as unknown:
        raise CannotRun(str(unknown)) from None
    return 0


def _prepared(arguments: argparse.Namespace, part: str) -> "tuple[Service, Settings]":
    """The service and its settings, once logs are configured and, when its owner is named, the database is
    migrated. Raises CannotRun.
    """
    from chassis.telemetry import configure_logs, configure_traces
    from services.roster import load

    try:
        service = load(arguments.service)
        settings = settings_of(service, arguments)
    except LookupError as unknown:
        raise CannotRun(unknown.args[0]) from None
    configure_logs(f"{service.name}-{part}", settings.log_level)
    configure_traces(f"livret-{service.name}", settings.otlp_endpoint)
    if settings.owner_database_url:
        _migrate(settings.owner_database_url, service.name)
    return service, settings


def _migrate(owner_database_url: str, service: str) -> None:
    from alembic.util.exc import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.migrate import upgrade_now

    try:
        upgrade_now(owner_database_url, service)
    except (SQLAlchemyError, CommandError, ValueError, OSError) as fault:
        cause = getattr(fault, "orig", None) or fault
        raise CannotRun(f"the database cannot be migrated: {cause}") from fault
