"""What is sealed at rest, sealed anew under the newest key: so that the one before may be taken away."""

from chassis.db import Database, Scope
from chassis.sealing import Sealer
from services.tenancy.store import factors
from services.tenancy.store.billing import reseal_billing
from services.tenancy.tokens import reseal_keys


async def reseal_all(db: Database, sealer: Sealer) -> int:
    """Signing keys, second factors and means of payment; how many were under another key, or under none."""
    async with db.transaction(Scope.machine()) as tx:
        signing = await reseal_keys(tx, sealer)
    async with db.transaction(Scope.portal()) as tx:
        stale = [row for row in await factors.list_sealed(tx) if not sealer.is_current(row.secret_sealed)]
        for row in stale:
            sealed = sealer.resealed(row.secret_sealed)
            await factors.save_sealed(tx, row.customer_id, row.credential_id, sealed)
        billing = await reseal_billing(tx, sealer)
    return signing + len(stale) + billing
