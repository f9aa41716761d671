"""The command line: `livret COMMAND …`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = ("run", "serve", "migrate", "bus", "import_companies", "hours", "booklet", "spec")


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(prog="livret", description="Runs a SaaS service booklet.")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        import_module(f"services.cli.{name}").add(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status (2 for a wrong use)."""
    arguments = parser().parse_args(argv)
    status: int = arguments.run(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
