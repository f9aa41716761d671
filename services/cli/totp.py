"""`livret totp SECRET`: the code that an authenticator with this secret shows now."""

import argparse
import sys
from typing import Any


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "totp",
        help="the code of a second factor",
        description="Prints the code of now for a secret in base32, as an authenticator would show it.",
    )
    parser.add_argument("secret", metavar="SECRET", help="as it was shown when the factor was enrolled")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints six digits; 1 for what is no secret."""
    from chassis.clock import system_now
    from services.tenancy import totp

    try:
        print(totp.code_at(arguments.secret, totp.step_at(system_now())))
    except ValueError:
        sys.stderr.write("livret totp: a secret is written in base32, letters A-Z and digits 2-7\n")
        return 1
    return 0
