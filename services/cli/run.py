"""`livret run`: the whole portal on this machine, until Ctrl-C."""

import argparse
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from services.cli.ports import port

_DESCRIPTION = """\
Starts PostgreSQL (and Kafka when asked), migrates, starts the API, the workers, the weather page and the
prober, waits until all of it is ready, and prints the addresses and the demonstration's logins. What dies is
started again. Ctrl-C stops all of it; the next start on the same data goes on where this one stopped."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "run",
        help="the whole portal on this machine",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=port, default=8080, metavar="N", help="of the origin (8080)")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIRECTORY", help="(./data)")
    parser.add_argument("--bus", choices=("postgres", "kafka"), default="postgres", help="(postgres)")
    parser.add_argument(
        "--clock",
        type=_instant,
        metavar="INSTANT",
        help="the portal's time from now on, as 2026-12-31T22:00:00+01:00; `real` gives it back to real time",
    )
    parser.add_argument(
        "--single-process",
        action="store_true",
        help="API and workers in one process that writes to this terminal, for debugging",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Runs until it is told to stop; 0 then, 1 when the portal cannot run."""
    from chassis.embedded.account import CannotRun
    from chassis.embedded.processes import stop_this_with_parent
    from services.portal import Portal, PortalOptions, Told

    if os.environ.get("LIVRET_STOP_WITH_PARENT"):
        stop_this_with_parent()
    options = PortalOptions(
        port=arguments.port,
        data=arguments.data.absolute(),
        kafka=arguments.bus == "kafka",
        clock=arguments.clock,
        single_process=arguments.single_process,
    )
    try:
        with Told() as told:
            Portal(options, told).run()
    except CannotRun as refused:
        print(f"livret: {refused}", file=sys.stderr)
        return 1
    return 0


def _instant(text: str) -> datetime | str:
    if text == "real":
        return text
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an ISO 8601 instant") from None
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} needs its offset from UTC, as {text}+01:00")
    return instant
