"""What tenancy does on time: it goes on with imports and contracts, answers resets, forgets what is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.clock import monotonic
from chassis.db import Database, Tx
from chassis.hears import Context, Job
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.imports import work_import_once
from services.tenancy.commands.passwords import answer_resets
from services.tenancy.commands.renewals import renew_contracts
from services.tenancy.store.attempts import sweep_attempts
from services.tenancy.store.imports import is_any_due
from services.tenancy.store.programs import sweep_assertions
from services.tenancy.store.sessions import sweep_sessions

AT_ONCE_SECONDS = 5.0


async def go_on_with_imports(tx: Tx, due_at: datetime, context: Context) -> None:
    """Works on what is due for some seconds. Each step is a transaction of its own, so that an import that
    is cut short goes on where it stood, and shows how far it came.
    """
    now = context.clock.system_now()
    if not await is_any_due(tx, now):
        return
    db = Database.create(context.settings.database_url, pool_size=1, application_name="tenancy-imports")
    try:
        until = monotonic() + AT_ONCE_SECONDS
        while monotonic() < until:
            at = Instants(context.clock.business_now(), context.clock.system_now())
            if not await work_import_once(db, at):
                break
    finally:
        await db.close()


async def mail_resets(tx: Tx, due_at: datetime, context: Context) -> None:
    """Those who asked for another password get a link, if they may have one."""
    at = Instants(context.clock.business_now(), context.clock.system_now())
    await answer_resets(tx, context.settings.origin, at)


async def forget_what_is_over(tx: Tx, due_at: datetime, context: Context) -> None:
    """Sessions, counts of attempts and spent assertions that say nothing any more."""
    now = context.clock.system_now()
    await sweep_sessions(tx, now)
    await sweep_attempts(tx, now)
    await sweep_assertions(tx, now)


async def go_on_with_contracts(tx: Tx, due_at: datetime, context: Context) -> None:
    """Contracts whose day has come are renewed, or end (16-a, 16-c)."""
    await renew_contracts(tx, context.clock.business_now())


EVERY: dict[timedelta | str, Job | Sequence[Job]] = {
    timedelta(seconds=1): (go_on_with_imports, mail_resets),
    timedelta(seconds=10): go_on_with_contracts,
    timedelta(minutes=10): forget_what_is_over,
}
