"""`livret probe`: watches the targets of a place, or tries one of them once."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.cli.ports import port, show_metrics

if TYPE_CHECKING:
    from services.availability.model.probes import ProbeResult
    from services.availability.probing.settings import ProberSettings

_DESCRIPTION = """\
Runs the scripts of all targets that a place watches, each on its turn, and tells availability what it found,
until it is told to stop. Somewhere else than the portal, LIVRET_PROBE_URL names availability's API and
LIVRET_PROBE_CLIENT_ID and LIVRET_PROBE_CLIENT_SECRET the program (scope probes:report) that it is; results
wait until they can be told. Without a URL it works on availability's database.

With --once it runs one target's script, paused or not, shows each step, and tells nobody. The exit status is
0 when all was as expected, 1 when the target failed, 3 when the prober could not tell."""
_STATUS = {"up": 0, "down": 1, "prober_fault": 3}


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "probe",
        help="watch the targets of a place",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--place", metavar="PLACE", help="the code of the place (local)")
    parser.add_argument(
        "--once", type=UUID, metavar="TARGET", help="run this target's script once, and show it"
    )
    parser.add_argument("--url", metavar="URL", help="availability's API, as https://…/api/availability")
    parser.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIRECTORY", help="of a running portal (./data)"
    )
    parser.add_argument(
        "--database-url", metavar="URL", help="availability's database, in the place of --data"
    )
    parser.add_argument(
        "--metrics-host", default="127.0.0.1", metavar="HOST", help="address to show metrics on (127.0.0.1)"
    )
    parser.add_argument("--metrics-port", type=port, metavar="N", help="port to show metrics on (none)")
    parser.set_defaults(run=run, bus=None, bus_database_url=None, service="availability")


def run(arguments: argparse.Namespace) -> int:
    """Watches until told to stop, or tries once; 2 when it is told nothing that it can work with, 3 when it
    could not tell.
    """
    from httpx import HTTPError
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.embedded.account import CannotRun
    from chassis.sealing import CannotUnseal, SealingKeysMissing
    from services.availability.probing.desks import DeskRefused
    from services.availability.probing.process import NotAssigned

    try:
        settings = _settings_of(arguments)
        if arguments.once is not None:
            return _tried(settings, arguments.once)
        return _watched(settings, arguments)
    except (CannotRun, SealingKeysMissing, NotAssigned, ValueError) as refused:
        sys.stderr.write(f"livret probe: {refused}\n")
        return 2
    except CannotUnseal:
        sys.stderr.write("livret probe: none of LIVRET_SEALING_KEYS opens what is sealed there\n")
        return 2
    except (DeskRefused, HTTPError, SQLAlchemyError, OSError) as fault:
        cause = getattr(fault, "orig", None) or fault
        sys.stderr.write(f"livret probe: availability cannot be asked what to watch: {cause}\n")
        return 3


def _settings_of(arguments: argparse.Namespace) -> "ProberSettings":
    """The environment's, and over them what the options say."""
    from services.availability.probing.settings import ProberSettings
    from services.roster import load
    from services.whereabouts import Whereabouts, sealing_keys

    given = {"probe_place": arguments.place, "probe_url": arguments.url}
    settings = ProberSettings(**{name: value for name, value in given.items() if value is not None})
    if settings.probe_url:
        return settings
    found = Whereabouts.find(arguments).settings_of(load("availability"))
    return settings.revised(database_url=found.database_url, sealing_keys=sealing_keys(arguments))


def _watched(settings: "ProberSettings", arguments: argparse.Namespace) -> int:
    import uvloop

    from chassis.telemetry import configure_logs
    from services.availability.probing.process import probe_until_stopped

    configure_logs("livret-prober", settings.log_level)
    show_metrics(arguments)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(probe_until_stopped(settings))
    return 0


def _tried(settings: "ProberSettings", target_id: UUID) -> int:
    from services.availability.probing.process import probe_once

    result = asyncio.run(probe_once(settings, target_id))
    sys.stdout.write(_shown(result))
    return _STATUS[result.outcome.value]


def _shown(result: "ProbeResult") -> str:
    """A line for each step, and one for the whole."""
    lines = [
        f"{'ok  ' if step.fault is None else 'FAIL'} {step.took_ms:6} ms  {step.name}"
        + (f"  [{step.fault.value}] {step.detail}" if step.fault is not None else f"  {step.status}")
        for step in result.steps
    ]
    return "\n".join([*lines, f"{result.outcome.value} after {result.took_ms} ms"]) + "\n"
