"""What tenancy decides is known to the catalogue and to metering a moment later, to the unit, on both buses.

A firm imports its companies, gives all of them credentials, activates five services for each: the month's
base counts every one of them, and no other.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from chassis.auth import Role
from tests.e2e import town as steps
from tests.e2e.town import NOW, Town, answered
from tests.support.callers import once

COMPANIES = 300
MONTH, NEXT_MONTH = "2026-03", "2026-04"
SERVICES = ["banking", "invoicing", "payroll", "quotes", "signature"]
COLLABORATIVE = "quotes"


def counted(base: dict[str, Any]) -> tuple[int, dict[str, int]]:
    """Companies, and services by offering."""
    return base["companies_counted"], {one["offering_code"]: one["counted"] for one in base["offerings"]}


async def test_from_a_file_of_companies_to_the_months_base(town: Town) -> None:
    await town.set_time(NOW)
    customer = await steps.register_firm(town)
    shown = await steps.import_companies(town, customer, steps.companies_csv(COMPANIES).encode())
    assert shown["state"] == "done", shown
    firm = town.of("tenancy", Role.firm_admin, customer)
    given = await answered(firm.post("/v1/credentials/batch", json={"all": True}), 201)
    assert len(given["items"]) == COMPANIES
    for code in SERVICES:
        await steps.publish(town, code, collaborative=code == COLLABORATIVE)
    await town.drain()

    for code in SERVICES:
        if code != COLLABORATIVE:
            assert await steps.activate_for_all(town, customer, code) == COMPANIES
    await town.drain()
    during = await steps.month_base(town, customer, MONTH)
    assert (during["demonstration_ended_at"], counted(during)) == (None, (0, {}))

    assert await steps.activate_for_all(town, customer, COLLABORATIVE) == COMPANIES
    await town.drain()
    base = await steps.month_base(town, customer, MONTH)
    assert counted(base) == (COMPANIES, dict.fromkeys(SERVICES, COMPANIES))
    assert base["services_counted"] == 5 * COMPANIES

    await _one_company_leaves(town, customer)
    assert counted(await steps.month_base(town, customer, MONTH)) == counted(base)
    after = await steps.month_base(town, customer, NEXT_MONTH)
    assert counted(after) == (COMPANIES - 1, dict.fromkeys(SERVICES, COMPANIES - 1))


async def _one_company_leaves(town: Town, customer: UUID) -> None:
    """And another one's credential is disabled, which counts all the same (R10)."""
    firm = town.of("tenancy", Role.firm_admin, customer)
    credentials = (await answered(firm.get("/v1/credentials?limit=2"), 200))["items"]
    leaving, staying = credentials
    await answered(firm.post(f"/v1/companies/{leaving['company_id']}/deactivation"), 200)
    disabled = await firm.post(
        f"/v1/credentials/{staying['credential_id']}/disablement", json={"reason": "stolen"}
    )
    assert disabled.status_code == 204
    await town.drain()


async def known(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The answer to a request that is made again, as it is told to, while what it builds on is on its way."""
    for _ in range(60):
        answer = await ask()
        if answer.status_code != 409 or not answer.json()["type"].endswith("not-known-yet"):
            break
    return answer


async def test_a_company_is_activated_in_the_second_after_it_was_created(town: Town) -> None:
    await town.set_time(NOW)
    customer = await steps.register_firm(town, portal="cabinet-martin")
    await steps.publish(town, "archive")
    await town.drain()
    tenancy = town.of("tenancy", Role.firm_admin, customer)
    catalog = town.of("catalog", Role.firm_admin, customer)
    siret = next(steps.sirets(1))
    company = {"siret": siret, "name": "Garage Petit", "postcode": "69001"}
    created = await tenancy.post("/v1/companies", json=company, headers=once())
    assert created.status_code == 201, created.text
    company_id = created.json()["company_id"]
    activated = await tenancy.post(f"/v1/companies/{company_id}/activation")
    after = {"Livret-After": activated.headers["Livret-After"]}
    order = {"offering_code": "archive", "company_id": company_id}

    too_soon = await catalog.post("/v1/activations", json=order, headers=once() | after)
    assert too_soon.status_code == 409
    assert too_soon.json()["type"].endswith("not-known-yet")
    assert too_soon.headers["Retry-After"]

    async with town.working():
        answer = await known(lambda: catalog.post("/v1/activations", json=order, headers=once() | after))
        assert answer.status_code == 201, answer.text
        seen = {"Livret-After": answer.headers["Livret-After"]}
        metering = town.of("metering", Role.firm_admin, customer)
        lines = await known(lambda: metering.get(f"/v1/months/{MONTH}/base/services", headers=seen))
        assert lines.status_code == 200, lines.text
    (line,) = lines.json()["items"]
    assert (line["company_id"], line["offering_code"], line["reason"]) == (
        company_id,
        "archive",
        "demonstration",
    )
    assert NOW <= datetime.fromisoformat(line["activated_at"]) < NOW + timedelta(hours=1)
