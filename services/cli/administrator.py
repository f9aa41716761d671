"""`livret administrator IDENTIFIER`: lets an administrator of the publisher into a portal.

Everybody else is given access by an administrator at the portal's own doors. This is the way in for the first
one, and for another when none of them gets in any more; whoever has the database may do it.
"""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.tenancy.commands.credentials import Given
    from services.tenancy.commands.people import NewPerson

_DESCRIPTION = """\
Adds an administrator of the publisher to tenancy's database, and prints its identifier and a one-time secret.
Whoever enters with it replaces it, within 90 days, and enrols a second factor. The audit trail says so.
Exit status: 0 it was added, 1 it was not."""


def add(subparsers: Any) -> None:
    """Registers the command."""
    parser = subparsers.add_parser(
        "administrator",
        help="let an administrator of the publisher in",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("identifier", metavar="IDENTIFIER", help="what is typed at the door")
    parser.add_argument("--name", required=True, metavar="NAME", help="as others read it")
    parser.add_argument("--mail", metavar="ADDRESS", help="for a forgotten password")
    parser.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIRECTORY", help="of a running portal (./data)"
    )
    parser.add_argument("--database-url", metavar="URL", help="tenancy's database, in the place of --data")
    parser.set_defaults(run=run, bus=None, bus_database_url=None, service="tenancy")


def run(arguments: argparse.Namespace) -> int:
    """Adds it; prints what it enters with, once."""
    from pydantic import ValidationError
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.auth import Role
    from chassis.embedded.account import CannotRun
    from chassis.refusals import Refusal
    from services.tenancy.model import PUBLISHER_PORTAL
    from services.tenancy.schemas.people import PersonAsked

    try:
        asked = PersonAsked(name=arguments.name, role=Role.publisher_admin, mail=arguments.mail)
        given = asyncio.run(_added(arguments, asked.as_person()))
    except ValidationError as unfit:
        told = unfit.errors()[0]
        return _say_not(f"--{told['loc'][0]}: {told['msg']}")
    except Refusal as refused:
        return _say_not(f"{refused.sentence} {refused.detail or ''}".strip())
    except CannotRun as refused:
        return _say_not(str(refused))
    except (SQLAlchemyError, OSError) as fault:
        return _say_not(f"the database cannot be used: {getattr(fault, 'orig', None) or fault}")
    print(f"portal           {PUBLISHER_PORTAL}\nidentifier       {given.identifier}")
    print(f"one-time secret  {given.secret}")
    return 0


def _say_not(sentence: str) -> int:
    sys.stderr.write(f"livret administrator: {sentence}\n")
    return 1


async def _added(arguments: argparse.Namespace, new: "NewPerson") -> "Given":
    from chassis import audit
    from chassis.clock import Clock
    from chassis.db import Database, Scope
    from services.roster import load
    from services.tenancy.commands.credentials import Giver, Instants, give_secret
    from services.tenancy.commands.people import add_person
    from services.tenancy.model import PUBLISHER
    from services.whereabouts import Whereabouts

    settings = Whereabouts.find(arguments).settings_of(load("tenancy"))
    db = Database.create(settings.database_url, pool_size=1, application_name="livret-administrator")
    try:
        clock = await Clock.load(db)
        at = Instants(clock.business_now(), clock.system_now())
        async with db.transaction(Scope.portal()) as tx:
            person_id = await add_person(tx, PUBLISHER, new, new.role, at.business)
            await audit.record(
                tx,
                "add_administrator",
                business_at=at.business,
                subject=str(person_id),
                details={"by": "command"},
            )
            return await give_secret(tx, PUBLISHER, person_id, arguments.identifier, Giver(new.role), at)
    finally:
        await db.close()
