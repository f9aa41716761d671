"""The demonstration portal: the publisher's staff, an accounting firm, its companies, services in use,
tickets with their clocks, and what is watched.

Made once, through the same commands and routes as anything else; found again on later starts. All of it is
fictional, and its password is known to everybody: it is for a portal on one's own machine.
"""

from collections.abc import Awaitable, Sequence

import httpx
from argon2 import PasswordHasher

from chassis.clock import Clock
from chassis.db import Database, Scope
from chassis.sealing import Sealer
from services.demonstration.catalogue import make_catalogue
from services.demonstration.logins import AUTHENTICATOR, FIRM_PORTAL, PASSWORD, Login, Partner, logins
from services.demonstration.people import COMPANIES, make_people
from services.demonstration.support import make_support
from services.demonstration.watched import make_watched
from services.tenancy.commands.credentials import Instants
from services.tenancy.store.customers import find_customer_id

__all__ = [
    "AUTHENTICATOR",
    "COMPANIES",
    "FIRM_PORTAL",
    "PASSWORD",
    "Login",
    "Partner",
    "logins",
    "seed",
]

PARTS = (("services", make_catalogue), ("tickets", make_support), ("targets", make_watched))
"""What goes through the APIs, which hear of the firm by events."""


async def seed(origin: str, tenancy_database_url: str, sealing_keys: str) -> Sequence[object]:
    """Makes what is missing of the demonstration on a running portal; gives its logins, a line each.

    Tenancy's part is one transaction: there is all of it, or nothing. Once people have changed what they
    found, it is left to them.
    """
    db = Database.create(tenancy_database_url, pool_size=1, application_name="livret-demonstration")
    try:
        clock = await Clock.load(db)
        async with db.transaction(Scope.portal()) as tx:
            if await find_customer_id(tx, FIRM_PORTAL) is None:
                hashed = PasswordHasher().hash(PASSWORD)
                at = Instants(clock.business_now(), clock.system_now())
                await make_people(tx, hashed, Sealer.of(sealing_keys), at)
    finally:
        await db.close()
    left = [told for name, make in PARTS if (told := await _made(name, make(origin)))]
    return [*logins(), *left]


async def _made(name: str, part: Awaitable[None]) -> str | None:
    """What is to be said of a part that the portal refused, or did not answer to."""
    try:
        await part
    except httpx.HTTPError as refused:
        return f"The demonstration's {name} were left as they are: {str(refused) or type(refused).__name__}"
    return None
