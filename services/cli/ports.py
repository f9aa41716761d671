"""Ports as options name them, and the one at which a program shows its metrics."""

import argparse

from chassis.embedded.account import CannotRun

HIGHEST = 65_535


def port(text: str) -> int:
    """A port to be found at. Raises ArgumentTypeError."""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= HIGHEST:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 1 to {HIGHEST}")


def port_or_free(text: str) -> int:
    """The same, or 0 for one that is free."""
    return 0 if text == "0" else port(text)


def show_metrics(arguments: argparse.Namespace) -> None:
    """Shows metrics where the options say, if they do. Raises CannotRun where that cannot be."""
    from prometheus_client import start_http_server

    if not arguments.metrics_port:
        return
    try:
        start_http_server(arguments.metrics_port, addr=arguments.metrics_host)
    except OSError as fault:
        place = f"{arguments.metrics_host}:{arguments.metrics_port}"
        raise CannotRun(f"metrics cannot be shown at {place}: {fault.strerror}") from None
