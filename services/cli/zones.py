"""Time zones as options name them."""

import argparse
from zoneinfo import ZoneInfo


def time_zone(text: str) -> ZoneInfo:
    """A time zone by its name. Raises ArgumentTypeError."""
    try:
        return ZoneInfo(text)
    except (LookupError, ValueError, OSError):  # the last for a directory of zones, as Europe
        raise argparse.ArgumentTypeError(f"{text!r} is no time zone; write one as Europe/Paris") from None
