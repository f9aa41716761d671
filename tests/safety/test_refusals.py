"""Refusals that stand at the edge of what a service does: each said by a real request, under its own name."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.auth import Caller, Role
from chassis.problems import as_refusal
from tests.isolation.firms import STAFF
from tests.isolation.tenants import CONFIRMED
from tests.safety.conftest import Town
from tests.support.callers import once

pytestmark = pytest.mark.xdist_group("safety")

NOBODY = str(uuid4())
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DETAILS = {"name": "Boulangerie", "postcode": "57000"}


async def slug_of(
    town: Town, service: str, role: Role | None, method: str, path: str, **sent: Any
) -> tuple[int, str]:
    """The status and the name of the refusal that somebody of this role gets."""
    caller = town.firm.callers.get(role, STAFF.get(role)) if role else None
    company = town.firm.ids["company"][0]
    answer = await town.portal.client(service, caller).request(method, path.format(company=company), **sent)
    problem = answer.json()
    return answer.status_code, problem["type"].removeprefix("urn:livret:problem:")


FIRM, BILLING = Role.firm_admin, Role.billing
CASES: Mapping[str, tuple[int, tuple[str, Role | None, str, str], dict[str, Any]]] = {
    "precondition-missing": (428, ("tenancy", FIRM, "PUT", "/v1/companies/{company}"), {"json": DETAILS}),
    "body-unreadable": (
        400,
        ("tenancy", FIRM, "PUT", "/v1/companies/{company}"),
        {"content": b'{"name": "\xff"}', "headers": JSON | {"If-Match": "*"}},
    ),
    "page-unknown": (404, ("tenancy", None, "GET", "/reference/nothing.js"), {}),
    "customer-not-metered": (
        404, ("metering", BILLING, "GET", f"/v1/customers/{NOBODY}/months/2026-03/base"), {}
    ),
    "month-unreadable": (422, ("metering", FIRM, "GET", "/v1/months/2026-13/base"), {}),
    "import-unknown": (404, ("tenancy", FIRM, "GET", f"/v1/companies/imports/{NOBODY}"), {}),
    "person-unknown": (
        404,
        ("tenancy", FIRM, "POST", f"/v1/people/{NOBODY}/credentials"),
        {"json": {"identifier": "nobody"}, "headers": once()},
    ),
}  # fmt: skip


@pytest.mark.parametrize("slug", CASES)
async def test_it_is_said(slug: str, town: Town) -> None:
    status, request, sent = CASES[slug]
    assert await slug_of(town, *request, **sent) == (status, slug)


async def test_a_firm_that_the_catalogue_has_not_heard_of_activates_nothing(town: Town) -> None:
    stranger = Caller(uuid4(), uuid4(), Role.firm_admin, uuid4())
    order = {"offering_code": CONFIRMED}
    answer = await town.portal.client("catalog", stranger).post("/v1/activations", json=order, headers=once())
    problem = answer.json()["type"]
    assert (answer.status_code, problem) == (404, "urn:livret:problem:catalogue-customer-unknown")


@pytest.mark.parametrize(
    "fault", [PoolTimeout(), ConnectionRefusedError()], ids=["no connection is free", "refused"]
)
def test_a_database_that_does_not_answer_is_said_so(fault: Exception) -> None:
    refusal = as_refusal(fault)
    assert refusal is not None
    assert (refusal.slug, refusal.status, refusal.retry_after) == ("database-unavailable", 503, 2)
