"""How long a mail is kept as it came, and how many operators see waiting."""

from datetime import timedelta
from uuid import uuid4

from prometheus_client import REGISTRY

from chassis.db import Scope
from chassis.hears import Context
from services.ticketing.app import SERVICE
from services.ticketing.jobs import EVERY, forget_old_mails, measure_mails
from services.ticketing.settings import TicketingSettings
from tests.integration.ticketing.mails import mailed, messages, post, ticket_of, writer, written
from tests.integration.ticketing.portal import NOW, Portal, problem


def context(portal: Portal) -> Context:
    return Context("ticketing", portal.clock, TicketingSettings(mails_kept_days=30))


async def test_a_mail_goes_when_it_is_old_what_it_became_and_what_is_undecided_stays(portal: Portal) -> None:
    _, address = await writer(portal)
    done = await mailed(portal, written(address))
    answer = await mailed(
        portal, written(address, f"[{(await portal.read(done))['reference']}]", "Still so.")
    )
    ignored = await mailed(portal, written(address, Auto_Submitted="auto-replied"))
    unmatched = await mailed(portal, written(f"zoe@{uuid4().hex[:12]}.example"))
    left = []
    for at in (NOW + timedelta(days=30), NOW + timedelta(days=30, seconds=1)):
        await portal.set_time(at)
        async with portal.db.transaction(Scope.portal()) as tx:
            await forget_old_mails(tx, at, context(portal))
        asked = [await portal.agent.get(f"/v1/mails/{each['mail_id']}") for each in (done, answer, ignored)]
        left.append([problem(each)[1] if each.is_error else "kept" for each in asked])
    await portal.set_time(NOW)
    assert left == [["kept"] * 3, ["mail-unknown"] * 3]
    assert (await portal.agent.get(f"/v1/mails/{unmatched['mail_id']}/source")).status_code == 200
    assert (await ticket_of(portal, done))["contact"]["email"] == address
    assert [each["text"] for each in await messages(portal, done)] == ["Still so."]
    assert (EVERY[timedelta(days=1)], SERVICE.settings_class) == (forget_old_mails, TicketingSettings)


async def test_a_mail_stays_where_its_ticket_has_not_all_of_it(portal: Portal) -> None:
    _, address = await writer(portal)
    long = await mailed(portal, written(address, said="\n".join(["Une ligne du journal."] * 2_000)))
    later = NOW + timedelta(days=31)
    await portal.set_time(later)
    async with portal.db.transaction(Scope.portal()) as tx:
        await forget_old_mails(tx, later, context(portal))
    source = await portal.agent.get(f"/v1/mails/{long['mail_id']}/source")
    await portal.set_time(NOW)
    assert (source.status_code, source.text.count("Une ligne du journal.")) == (200, 2_000)


async def test_operators_see_how_many_mails_wait_for_an_agent(portal: Portal) -> None:
    async def measured() -> list[float | None]:
        async with portal.db.transaction(Scope.portal()) as tx:
            await measure_mails(tx, NOW, context(portal))
        states = ("unmatched", "held")
        return [REGISTRY.get_sample_value("livret_mails_waiting", {"state": state}) for state in states]

    before = await measured()
    told = await mailed(portal, written(f"zoe@{uuid4().hex[:12]}.example"))
    _, address = await writer(portal)
    for number in range(31):
        await post(portal, written(address, f"Number {number}"))
    assert await measured() == [(before[0] or 0) + 1, (before[1] or 0) + 1]
    path = f"/v1/mails/{told['mail_id']}/discarding"
    assert (await portal.agent.post(path, json={"reason": "Advertising."})).status_code == 200
    assert await measured() == [before[0], (before[1] or 0) + 1]
