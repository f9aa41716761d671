"""The command line: `livret COMMAND …`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from chassis.embedded.account import CannotRun

COMMANDS = (
    "run",
    "weather",
    "serve",
    "migrate",
    "bus",
    "import_companies",
    "import_outages",
    "administrator",
    "keys",
    "totp",
    "hours",
    "term",
    "tickets",
    "availability",
    "probe",
    "booklet",
    "spec",
)


def parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The parser of these commands; only their modules are imported, so that a small one starts fast."""
    top = argparse.ArgumentParser(prog="livret", description="Runs a SaaS service booklet.")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in commands:
        import_module(f"services.cli.{name}").add(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status (2 for a wrong use or unfit settings)."""
    words = sys.argv[1:] if argv is None else argv
    named = [name for name in COMMANDS if words and name.replace("_", "-") == words[0]]
    arguments = parser(named or COMMANDS).parse_args(words)
    try:
        status: int = arguments.run(arguments)
    except CannotRun as refused:
        sys.stderr.write(f"livret: {refused}\n")
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
