"""What is another's does not exist: its ids answer 404 wherever they are put, and nothing of it changes.

Tried with both lines of defence, with the queries' own scoping alone (every transaction sees the whole
portal), and with row-level security alone (every query asks for the other customer's rows).
"""

import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from types import ModuleType
from uuid import UUID

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from chassis import unit
from chassis.auth import Caller, NotAllowed, Role
from chassis.db import Scope
from chassis.operations import Operation
from services.catalog.api import activations
from services.roster import ROSTER
from services.tenancy.api import companies
from tests.isolation.attempts import (
    BY_CONTRACT,
    GONE,
    PERSONS_OWN,
    is_not_found,
    rows_of,
    send,
    shown_in,
)
from tests.isolation.firms import (
    PUBLISHER,
    STAFF,
    hidden_within,
    tenants_people,
)
from tests.isolation.matrix import KINDS_OF_A_CUSTOMER, Line, read_matrix
from tests.isolation.portal import Portal
from tests.isolation.requests import QUERIES, Asked, request_for
from tests.isolation.schema import Apart, Schema
from tests.isolation.tenants import SIRETS, Maker
from tests.isolation.world import World

pytestmark = pytest.mark.xdist_group("isolation")

MATRIX = read_matrix()
WITH_IDS = [line for line in MATRIX if line.ids]
OURS, THEIRS = "Aubepine", "Zenobie"
_AN_API = re.compile(r"services\.\w+\.api\b")


@pytest.fixture(scope="module")
async def world(portal: Portal) -> AsyncIterator[World]:
    """Both firms, and the promise that whatever these tests do, nothing of the other one changes."""
    maker = Maker(portal)
    await maker.publish()
    world = World(portal, await maker.firm(OURS), await maker.firm(THEIRS), await maker.record())
    before = await rows_of(portal, world.theirs)
    yield world
    await portal.settle()
    assert await rows_of(portal, world.theirs) == before


@pytest.fixture
def queries_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row-level security lets all through: every caller's transaction sees the whole portal."""
    monkeypatch.setattr(unit, "scope_of", lambda _caller: Scope.portal())


@pytest.fixture
def policies_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every query asks for the other customer's rows, whoever calls."""
    for module in asking_for_their_own():
        monkeypatch.setattr(module, "own_customer", lambda _caller: world.theirs.customer_id)


def asking_for_their_own() -> list[ModuleType]:
    """Every room of an API that asks by its caller's customer."""
    loaded = [module for name, module in sys.modules.items() if _AN_API.match(name)]
    return [module for module in loaded if hasattr(module, "own_customer")]


async def test_both_firms_have_a_row_in_every_table_of_tenants(world: World) -> None:
    for firm in (world.ours, world.theirs):
        rows = await rows_of(world.portal, firm)
        tenant = [
            f"{name}.{table}" for name in world.portal.services for table in await _tenant_tables(world, name)
        ]
        assert {table for table in tenant if rows[table][0] == 0} == UNUSED


UNUSED = {
    f"{service}.{table}"
    for service in ("metering", "availability")
    for table in ("audit_trail", "idempotent_answer")
}
"""Neither writes anything on a customer's demand."""


async def _tenant_tables(world: World, service: str) -> list[str]:
    async with world.portal.db(service).engine.connect() as connection:
        return (await Schema.read(connection)).tenant_tables(Apart.of(service))


@pytest.mark.parametrize("service", ROSTER)
async def test_a_query_sees_the_rows_of_its_scope_only(service: str, world: World) -> None:
    db, ours, theirs = world.portal.db(service), world.ours.customer_id, world.theirs.customer_id
    for table in await _tenant_tables(world, service):
        query = text(f"SELECT DISTINCT customer_id FROM {table}")
        async with db.engine.connect() as connection:
            assert (await connection.execute(query)).all() == [], f"{table} without a scope"
        async with db.transaction(Scope.customer(ours)) as tx:
            assert {row.customer_id for row in await tx.fetch_all(query)} <= {ours}, table
        async with db.transaction(Scope.portal()) as tx:
            seen = {row.customer_id for row in await tx.fetch_all(query)}
            assert {ours, theirs} <= seen or f"{service}.{table}" in UNUSED, table
        if table != "idempotent_answer":  # housekeeping sees how old answers are
            async with db.transaction(Scope.machine()) as tx:
                assert await tx.fetch_all(query) == [], f"{table} for the machine"


@pytest.mark.parametrize("line", WITH_IDS, ids=str)
async def test_another_ones_id_is_not_there(line: Line, world: World) -> None:
    assert await world.faults(line) == []


@pytest.mark.usefixtures("queries_alone")
@pytest.mark.parametrize("line", WITH_IDS, ids=str)
async def test_another_ones_id_is_not_there_for_the_queries_alone(line: Line, world: World) -> None:
    assert await world.faults(line) == []


@pytest.mark.usefixtures("policies_alone")
@pytest.mark.parametrize("line", WITH_IDS, ids=str)
async def test_policies_alone_show_and_change_nothing(line: Line, world: World) -> None:
    """A row that a policy refuses is a fault of ours, whose trace takes seconds to print: it is not."""
    for attempt in world.attempts(line):
        if attempt.caller.role not in STAFF:
            with capture_logs():
                answer = await send(world.portal, attempt, attempt.ids)
            assert answer.status_code >= 400 or is_not_found(answer) or attempt.seeks, answer.text
            sent = {str(value) for value in attempt.ids.values()}
            assert shown_in(answer, world.theirs.marks - sent) == set(), str(attempt)


def test_every_id_was_tried_by_everybody_who_may(world: World) -> None:
    """A line that nobody tries would pass above."""
    tried = {(str(line), each.caller.role, name) for line in WITH_IDS for each in world.attempts(line)
             for name in each.foreign}  # fmt: skip
    for line in WITH_IDS:
        for role in line.may & set(world.ours.callers):
            assert {each for each in line.ids if each.kind in KINDS_OF_A_CUSTOMER | {"sought"}} == {
                each for name, who, each in tried if (name, who) == (str(line), role)
            }


@pytest.mark.parametrize("line", MATRIX, ids=str)
async def test_what_is_read_is_ones_own(line: Line, world: World) -> None:
    """Lists and single reads, without ids or with one's own, also going on from the other firm's cursor."""
    operation = world.operation(line)
    if operation.method != "GET":
        return
    for role, caller in tenants_people(world.ours).items():
        if role in line.may:
            hidden = world.theirs.marks | hidden_within(world.ours, caller)
            for asked in await _readings(world, line, operation, role):
                answer = await world.portal.client(line.service, caller).request(**asked.options())
                assert answer.status_code == 200, answer.text
                assert shown_in(answer, hidden) == set(), f"{line} by {role}: {asked}"


async def _readings(world: World, line: Line, operation: Operation, role: Role) -> list[Asked]:
    mine = {each: world.own(each) for each in line.ids}
    plain = request_for(line, operation, mine)
    needed = dict(QUERIES.get(line.operation_id, {}))
    without = replace(plain, query=needed)
    first = replace(without, query=needed | {"limit": "1"})
    theirs = {
        each: world.own(each) if each.kind == "record" else world.theirs.ids[each.kind][0]
        for each in line.ids
        if each.place == "path"
    }
    asked = replace(request_for(line, operation, theirs), query=needed | {"limit": "1"})
    page = await world.portal.client(line.service, world.theirs.callers[role]).request(**asked.options())
    cursor = page.json().get("next_cursor") if "json" in page.headers["content-type"] else None
    onwards = [replace(without, query=needed | {"cursor": cursor})] if cursor else []
    return [plain, without, first, *onwards]


async def test_a_customers_people_are_none_of_the_publishers_staff(world: World) -> None:
    staff = world.portal.client("tenancy", PUBLISHER)
    person, credential = world.theirs.ids["person"][0], world.theirs.ids["credential"][0]
    given = await staff.post(f"/v1/staff/{person}/credentials", json={"identifier": "me"})
    assert given.status_code == 404
    ended = await staff.post(f"/v1/staff/credentials/{credential}/disablement", json={"reason": "Mine."})
    assert ended.status_code == 404
    program, key = world.theirs.ids["program"][0], world.theirs.ids["program_key"][0]
    for path in (f"/v1/machines/{program}/disablement", f"/v1/machines/{program}/keys/{key}/disablement"):
        assert (await staff.post(path, json={"reason": "Mine."})).status_code == 404
    assert (await staff.get(f"/v1/machines/{program}")).status_code == 404


async def test_another_ones_idempotency_key_has_no_answer_here(world: World) -> None:
    company = {"siret": SIRETS[0], "name": "Boulangerie", "postcode": "57000"}
    headers = {"Idempotency-Key": world.theirs.key}
    ours = world.portal.client("tenancy", world.ours.callers[Role.firm_admin])
    answer = await ours.post("/v1/companies", json=company, headers=headers)
    assert answer.json()["type"] == "urn:livret:problem:siret-taken"
    assert shown_in(answer, world.theirs.marks) == set()


class TestALeakIsSeen:
    """Each way in which an operation could let a stranger in, and that the attempts tell it."""

    NAME = "catalog.read_activation"

    def line(self) -> Line:
        return next(line for line in MATRIX if str(line) == self.NAME)

    @pytest.mark.usefixtures("queries_alone", "policies_alone")
    async def test_without_any_line_of_defence(self, world: World) -> None:
        faults = await world.faults(self.line())
        assert any("answered 200" in fault for fault in faults)
        assert any(f"shows {world.theirs.customer_id}" in fault for fault in faults)
        assert any("answered differently" in fault for fault in faults)

    async def test_a_company_that_reaches_another_of_its_firm(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(companies, "own_company", lambda _caller, asked: asked)
        line = next(line for line in MATRIX if str(line) == "tenancy.read_company")
        faults = await world.faults(line)
        assert {fault.split(" with ")[0] for fault in faults} == {
            "tenancy.read_company by company_admin",
            "tenancy.read_company by company_user",
        }

    async def test_an_answer_that_tells_that_it_is_there(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_caller: Caller) -> UUID:
            raise NotAllowed

        monkeypatch.setattr(activations, "own_customer", refuse)
        assert any("answered 403" in fault for fault in await world.faults(self.line()))

    async def test_a_row_that_changed(self, world: World) -> None:
        before = await rows_of(world.portal, world.theirs)
        await _rename(world, "name || '!'")
        after = await rows_of(world.portal, world.theirs)
        await _rename(world, "rtrim(name, '!')")
        assert {table for table in before if before[table] != after[table]} == {"tenancy.company"}
        assert await rows_of(world.portal, world.theirs) == before


async def _rename(world: World, name: str) -> None:
    async with world.portal.db("tenancy").transaction(Scope.customer(world.theirs.customer_id)) as tx:
        await tx.execute(text(f"UPDATE company SET name = {name}"))


@pytest.mark.parametrize("line", WITH_IDS, ids=str)
async def test_ones_own_id_is_there(line: Line, world: World) -> None:
    """Last, since it changes things: the same requests find what is one's own."""
    if any(each.kind not in KINDS_OF_A_CUSTOMER for each in line.ids):
        return
    mine = {each: world.ours.ids[each.kind][0] for each in line.ids}
    for role, caller in (tenants_people(world.ours) | STAFF).items():
        if role in line.may:
            asked = request_for(line, world.operation(line), mine)
            answer = await world.portal.client(line.service, caller).request(**asked.options())
            absent = (PERSONS_OWN | GONE).get(str(line), "-")
            if answer.status_code == 404 and answer.json()["type"].endswith(absent):
                continue
            if answer.status_code == 403 and answer.json()["type"].endswith(BY_CONTRACT.get(str(line), "-")):
                continue
            assert answer.status_code not in (401, 403, 404), f"{role}: {answer.text}"
            assert answer.status_code < 500
            assert not is_not_found(answer)
