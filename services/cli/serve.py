"""`livret serve SERVICE` and `livret work SERVICE`: one service alone, its API and its workers apart.

What is not said by an option comes from the environment (`LIVRET_…`), as in the images.
"""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.hears import Service
    from chassis.settings import Settings


def add(subparsers: Any) -> None:
    """Registers both commands."""
    serve = subparsers.add_parser("serve", help="the API of one service")
    _add_common(serve)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=int, default=8080, help="port to listen on; 0 takes a free one (8080)")
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
    work.add_argument("--metrics-host", default="127.0.0.1", help="address to show metrics on (127.0.0.1)")
    work.add_argument("--metrics-port", type=int, metavar="N", help="port to show metrics on (none)")
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
    """Serves until told to stop; 2 for a service that is not."""
    from chassis.serving import serve

    service = _named(arguments.service)
    if service is None:
        return 2
    app = service.create_api(_prepared(service, arguments, "api"))
    return serve(app, host=arguments.host, port=arguments.port, drain_seconds=arguments.drain_seconds)


def run_workers(arguments: argparse.Namespace) -> int:
    """Works until told to stop; 2 for a service that is not."""
    from prometheus_client import start_http_server

    from chassis.runtime import run_workers as work_for

    service = _named(arguments.service)
    if service is None:
        return 2
    settings = _prepared(service, arguments, "workers")
    if arguments.metrics_port:
        start_http_server(arguments.metrics_port, addr=arguments.metrics_host)
    asyncio.run(work_for([(service, settings)]))
    return 0


def _named(name: str) -> "Service | None":
    from services.roster import load

    try:
        return load(name)
    except LookupError as unknown:
        print(f"livret: {unknown.args[0]}", file=sys.stderr)
        return None


def _prepared(service: "Service", arguments: argparse.Namespace, part: str) -> "Settings":
    """The settings, once logs are configured and, when its owner is named, the database is migrated."""
    from chassis.migrate import upgrade_now
    from chassis.telemetry import configure_logs, configure_traces

    settings = settings_of(service, arguments)
    configure_logs(f"{service.name}-{part}", settings.log_level)
    configure_traces(f"livret-{service.name}", settings.otlp_endpoint)
    if settings.owner_database_url:
        upgrade_now(settings.owner_database_url, service.name)
    return settings
