"""What tenancy does on time: it goes on with imports, and forgets sessions and attempts that are over."""

from datetime import datetime, timedelta

from chassis.clock import monotonic
from chassis.db import Database, Tx
from chassis.hears import Context, Job
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.imports import work_import_once
from services.tenancy.store.attempts import sweep_attempts
from services.tenancy.store.imports import is_any_due
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


async def forget_what_is_over(tx: Tx, due_at: datetime, context: Context) -> None:
    """Sessions and counts of attempts that say nothing any more."""
    now = context.clock.system_now()
    await sweep_sessions(tx, now)
    await sweep_attempts(tx, now)


EVERY: dict[timedelta | str, Job] = {
    timedelta(seconds=1): go_on_with_imports,
    timedelta(minutes=10): forget_what_is_over,
}
