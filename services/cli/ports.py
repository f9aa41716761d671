"""Ports as options name them."""

import argparse

HIGHEST = 65_535


def port(text: str) -> int:
    """A port to be found at. Raises ArgumentTypeError."""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= HIGHEST:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 1 to {HIGHEST}")


def port_or_free(text: str) -> int:
    """The same, or 0 for one that is free."""
    return 0 if text == "0" else port(text)
