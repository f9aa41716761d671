"""One tenant never meets another: by the queries' scope, and behind it by row-level security."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.db import Database, Scope
from contracts.events import Event
from contracts.events.tenancy import (
    AccessRightsChanged,
    CompanyActivated,
    CompanyDeactivated,
    CompanyRegistered,
    CredentialDisabled,
    CredentialIssued,
    CustomerRegistered,
)
from services.tenancy.resync import resync
from tests.integration.tenancy.portal import Firm, Portal, company
from tests.integration.tenancy.test_imports import file_of, imported
from tests.support.callers import once

WITH_CUSTOMER = text(
    "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
    " AND column_name = 'customer_id' AND table_name NOT IN ('import_due', 'audit_trail',"
    " 'idempotent_answer') ORDER BY 1"
)
FORCED = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity"
    " AND relforcerowsecurity ORDER BY 1"
)
FIRST_OF_KEY = text(
    "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
    " WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace"
)


@pytest.fixture(scope="module")
async def firm(portal: Portal) -> Firm:
    """A firm with one of everything."""
    firm = await portal.new_firm()
    await imported(firm, file_of(2), dry_run=False)
    company_id = await firm.new_company()
    await firm.admin.put(f"/v1/companies/{company_id}/access-rights", json={"offering_codes": ["banque"]})
    await firm.new_person("company_user", company_id)
    return firm


async def tenant_tables(db: Database) -> list[str]:
    """Every table that has a customer's rows."""
    async with db.transaction(Scope.machine()) as tx:
        return [row.table_name for row in await tx.fetch_all(WITH_CUSTOMER)]


async def count(db: Database, scope: Scope, table: str) -> int:
    """How many rows a query sees that forgot its WHERE."""
    async with db.transaction(scope) as tx:
        return int((await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def test_every_tenant_table_is_behind_forced_row_security(portal: Portal) -> None:
    tables = await tenant_tables(portal.db)
    assert set(tables) >= {"company", "credential", "session", "import_line", "access_right"}
    async with portal.db.transaction(Scope.machine()) as tx:
        forced = {row.relname for row in await tx.fetch_all(FORCED)}
        keys = {row.relname: row.attname for row in await tx.fetch_all(FIRST_OF_KEY)}
    assert set(tables) <= forced
    assert {table: keys[table] for table in tables} == dict.fromkeys(tables, "customer_id")


async def test_a_query_that_forgot_its_customer_sees_nothing_of_others(portal: Portal, firm: Firm) -> None:
    """Of the tables this firm has rows in; `tests/isolation` holds the policy of every table."""
    stranger, own = Scope.customer(uuid4()), Scope.customer(firm.customer_id)
    filled = [each for each in await tenant_tables(portal.db) if await count(portal.db, own, each)]
    assert set(filled) >= {"company", "credential", "session", "import_line", "access_right", "person"}
    for table in filled:
        assert await count(portal.db, Scope.portal(), table) > 0, table
        assert await count(portal.db, stranger, table) == 0, table
        assert await count(portal.db, Scope.machine(), table) == 0, table


async def test_nothing_is_written_into_another_tenant(portal: Portal, firm: Firm) -> None:
    other = await portal.new_firm()
    with pytest.raises(DBAPIError, match="row-level security"):
        async with portal.db.transaction(Scope.customer(other.customer_id)) as tx:
            await tx.execute(
                text(
                    "INSERT INTO access_right (customer_id, company_id, offering_code)"
                    " VALUES (:customer, :company, 'x')"
                ),
                {"customer": firm.customer_id, "company": uuid4()},
            )


async def test_a_person_cannot_belong_to_another_tenants_company(portal: Portal, firm: Firm) -> None:
    """The composite key holds even where the policy would let the portal through."""
    other = await portal.new_firm()
    company_id = await firm.new_company()
    with pytest.raises(DBAPIError, match="foreign key"):
        async with portal.db.transaction(Scope.portal()) as tx:
            await tx.execute(
                text(
                    "INSERT INTO person (customer_id, company_id, role, name, added_at)"
                    " VALUES (:customer, :company, 'company_user', 'P', now())"
                ),
                {"customer": other.customer_id, "company": UUID(company_id)},
            )


async def test_another_tenants_ids_are_not_there(portal: Portal, firm: Firm) -> None:
    thief = (await portal.new_firm()).admin
    company_id = await firm.new_company()
    credential = (await firm.admin.get("/v1/credentials")).json()["items"][0]
    job = (await firm.admin.get("/v1/companies/imports")).json()["items"][0]["import_id"]
    details = {"name": "x", "postcode": "57000"}
    requests = [
        ("GET", f"/v1/companies/{company_id}", None),
        ("PUT", f"/v1/companies/{company_id}", details),
        ("POST", f"/v1/companies/{company_id}/activation", None),
        ("POST", f"/v1/companies/{company_id}/deactivation", None),
        ("GET", f"/v1/companies/{company_id}/access-rights", None),
        ("PUT", f"/v1/companies/{company_id}/access-rights", {"offering_codes": ["x"]}),
        ("POST", "/v1/people", {"name": "P", "role": "company_user", "company_id": company_id}),
        ("POST", f"/v1/people/{credential['person_id']}/credentials", {"identifier": "thief"}),
        ("POST", f"/v1/credentials/{credential['credential_id']}/disablement", {"reason": "x"}),
        ("GET", f"/v1/companies/imports/{job}", None),
        ("GET", f"/v1/companies/imports/{job}/lines", None),
        ("GET", f"/v1/companies/imports/{job}/report", None),
        ("POST", f"/v1/companies/imports/{job}/run", None),
        ("GET", f"/v1/customers/{firm.customer_id}", None),
    ]
    for method, path, sent in requests:
        answer = await thief.request(method, path, json=sent, headers={"If-Match": "*"} | once())
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await thief.get("/v1/people", params={"company_id": company_id})).status_code == 404
    assert (await thief.get("/v1/credentials", params={"company_id": company_id})).status_code == 404
    batch = await thief.post("/v1/credentials/batch", json={"company_ids": [company_id]})
    assert batch.status_code == 404
    shown = (await firm.admin.get(f"/v1/companies/{company_id}")).json()
    assert (shown["state"], shown["name"]) == ("registered", "Boulangerie Martin")


async def test_each_operation_is_refused_to_the_roles_it_does_not_name(portal: Portal, firm: Firm) -> None:
    collaborator = await firm.new_person("firm_collaborator")
    refused = [
        await collaborator.post("/v1/people", json={"name": "P", "role": "firm_admin"}, headers=once()),
        await collaborator.post("/v1/credentials/batch", json={"all": True}),
        await collaborator.post("/v1/companies/activations", json={"all": True}),
        await firm.admin.get("/v1/customers"),
        await firm.admin.post("/v1/staff", json={"name": "P", "role": "billing"}, headers=once()),
        await portal.publisher.get("/v1/companies"),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert (await collaborator.post("/v1/companies", json=company(), headers=once())).status_code == 201
    assert (await portal.client().get("/v1/companies")).status_code == 401


async def test_the_present_state_is_said_again(portal: Portal) -> None:
    firm = await portal.new_firm()
    company_id = await firm.new_company()
    await firm.admin.post(f"/v1/companies/{company_id}/activation")
    await firm.admin.put(f"/v1/companies/{company_id}/access-rights", json={"offering_codes": ["banque"]})
    await firm.admin.put(f"/v1/companies/{company_id}/access-rights", json={"offering_codes": []})
    given = (await firm.admin.post("/v1/credentials/batch", json={"all": True})).json()["items"][0]
    await firm.admin.post(f"/v1/credentials/{given['credential_id']}/disablement", json={"reason": "x"})
    await firm.admin.post(f"/v1/companies/{company_id}/deactivation")
    async with portal.db.transaction(Scope.portal()) as tx:
        every: list[Event] = [event async for event in resync(tx)]
    said = [event for event in every if getattr(event, "customer_id", None) == firm.customer_id]
    assert [
        type(event) for event in said if not isinstance(event, CredentialIssued | CredentialDisabled)
    ] == [
        CustomerRegistered,
        CompanyRegistered,
        CompanyActivated,
        CompanyDeactivated,
        AccessRightsChanged,
    ]
    assert isinstance(said[-1], AccessRightsChanged)
    assert said[-1].offering_codes == []
    credentials = [type(e) for e in said if str(getattr(e, "credential_id", "")) == given["credential_id"]]
    assert credentials == [CredentialIssued, CredentialDisabled]
    original = await firm.said()
    assert {str(e) for e in said} <= {str(e) for e in original}
