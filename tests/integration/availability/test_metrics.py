"""What operators see of availability in the workers' metrics."""

from uuid import uuid4

from prometheus_client import REGISTRY

from chassis.db import Scope
from chassis.hears import Context
from services.availability.jobs import measure_outages
from services.availability.settings import AvailabilitySettings
from tests.integration.availability.portal import NOW, Portal
from tests.support.callers import once


async def test_how_many_outages_go_on_in_each_environment(portal: Portal) -> None:
    environment = f"staging-{uuid4().hex[:8]}"
    context = Context("availability", portal.clock, AvailabilitySettings())

    async def measured() -> float | None:
        async with portal.db.transaction(Scope.portal()) as tx:
            await measure_outages(tx, NOW, context)
        return REGISTRY.get_sample_value("livret_outages_open", {"environment": environment})

    assert await measured() is None
    made = [await portal.open_outage(environment=environment) for _ in range(2)]
    assert await measured() == 2.0
    path = f"/v1/record/outages/{made[0]['outage_id']}/end"
    ended = await portal.operations.post(path, json={}, headers=once() | {"If-Match": "*"})
    assert ended.status_code == 200, ended.text
    assert await measured() == 1.0
