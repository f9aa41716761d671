"""The bare handlers that tenancy is measured against: FastAPI and SQLAlchemy Core, nothing else.

The same begin, `set_config`, statements and commit, the same shape of answer; no identity, permissions,
problems, idempotency, metrics or traces. Run as a server by `python -m tests.bench.bare`.
"""

import os
from uuid import UUID

from fastapi import FastAPI

from chassis import audit
from chassis.auth import Caller, Role
from chassis.clock import system_now
from chassis.db import Database, Scope
from services.tenancy.commands.companies import correct_company
from services.tenancy.schemas.companies import CompanyDetails, CompanyShown
from services.tenancy.store.companies import load_company_row

CUSTOMER = UUID(os.environ.get("LIVRET_BENCH_CUSTOMER", str(UUID(int=0))))
CALLER = Caller(UUID(int=1), UUID(int=2), Role.firm_admin, CUSTOMER)

app = FastAPI()
db = Database.create(os.environ.get("LIVRET_DATABASE_URL", "postgresql://localhost/none"), pool_size=8)


@app.get("/v1/companies/{company_id}")
async def read_company(company_id: UUID) -> CompanyShown:
    """One company."""
    async with db.transaction(Scope.customer(CUSTOMER)) as tx:
        return CompanyShown.model_validate(await load_company_row(tx, CUSTOMER, company_id))


@app.put("/v1/companies/{company_id}")
async def change_company(company_id: UUID, sent: CompanyDetails) -> CompanyShown:
    """Another name and address."""
    async with db.transaction(Scope.customer(CUSTOMER)) as tx:
        await audit.record(
            tx,
            "correct_company",
            business_at=system_now(),
            caller=CALLER,
            company_id=company_id,
            subject=str(company_id),
        )
        await correct_company(tx, CUSTOMER, company_id, sent.as_company(""), lambda _version: None)
        return CompanyShown.model_validate(await load_company_row(tx, CUSTOMER, company_id))
