"""Every measurement, one after another: `make bench`."""

import sys

from tests.bench import (
    availability,
    clocks,
    closing,
    compliance,
    delivery,
    hours,
    imports,
    logins,
    probes,
    queues,
    rest,
    revocation,
    secrecy,
    ticketing,
    tokens,
)


def main() -> int:
    """Prints all figures in one run; the first failure ends it."""
    for title, measured in (
        ("Hours engine", hours.main),
        ("Availability", lambda: availability.main([])),
        ("Closing of months", lambda: closing.main([])),
        ("Clocks of a ticket", clocks.main),
        ("Tickets", lambda: ticketing.main([])),
        ("Compliance", lambda: compliance.main([])),
        ("Queues", lambda: queues.main([])),
        ("Probes", lambda: probes.main([])),
        ("Delivery", lambda: delivery.main([])),
        ("REST", lambda: rest.main([])),
        ("Logins", lambda: logins.main([])),
        ("Secrecy of the door", lambda: secrecy.main([])),
        ("Import", lambda: imports.main([])),
        ("Tokens", lambda: tokens.main([])),
        ("Revocation", lambda: revocation.main([])),
    ):
        print(f"\n{title}", flush=True)
        if failed := measured():
            return failed
    return 0


if __name__ == "__main__":
    sys.exit(main())
