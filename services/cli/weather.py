"""`livret weather`: the public weather page, which answers whatever else of the portal is down."""

import argparse
import sys
from typing import Any

from services.cli.ports import port, port_or_free, show_metrics

_DESCRIPTION = """\
Serves the weather (pages, JSON, calendar and feed) from the state that the workers exported last. It needs
neither a database nor a bus, nor the other processes; when updates have stopped it says since when."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "weather",
        help="the public weather page, apart from all else",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--port",
        type=port_or_free,
        default=8090,
        metavar="N",
        help="port to listen on; 0 takes a free one (8090)",
    )
    parser.add_argument(
        "--store",
        metavar="URL",
        help="where the state is: file:///directory or s3://bucket/prefix (LIVRET_WEATHER_STORE)",
    )
    parser.add_argument(
        "--metrics-host", default="127.0.0.1", metavar="HOST", help="address to show metrics on (127.0.0.1)"
    )
    parser.add_argument("--metrics-port", type=port, metavar="N", help="port to show metrics on (none)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serves until told to stop; 1 when it cannot start, 2 for what it is wrongly told."""
    from chassis.objects import Objects, StoreUnreadable
    from chassis.serving import serve
    from chassis.telemetry import configure_logs
    from services.availability.settings import AvailabilitySettings
    from services.availability.weather.server import create

    settings = AvailabilitySettings()
    configure_logs("livret-weather", settings.log_level)
    store = arguments.store or settings.weather_store
    try:
        Objects.at(store)
    except StoreUnreadable as refused:
        sys.stderr.write(f"livret weather: {refused}\n")
        return 2
    show_metrics(arguments)
    app = create(store)
    return serve(app, host=arguments.host, port=arguments.port)
