"""The private plan's detailed report of a month: what happened to its tickets, counted (13.11-a)."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.events.tenancy import SupportPlanChanged
from tests.integration.ticketing.portal import NOW, Portal, problem

HOUR = timedelta(hours=1)
MONTH = "2026-03"
NONE = {"tickets": 0, "p50": None, "p90": None, "p95": None}
GRAVE = {"departs": True, "reproducible": True, "inoperative": True, "essential": True, "workaround": False}


@pytest.fixture(scope="module")
async def customer(portal: Portal) -> UUID:
    """A private customer: three tickets to support in March, one of February, a request to its service."""
    customer, product = await portal.new_customer("private"), await portal.new_product()
    await portal.set_time(NOW - timedelta(days=14))
    await portal.register(customer)
    await portal.set_time(NOW)
    tickets = [await portal.register(customer, product=product) for _ in range(3)]
    service = await portal.register(customer, kind="customer_service")
    for hours, ticket in enumerate([*tickets[:2], service], start=1):
        await portal.set_time(NOW + hours * HOUR)
        await done(portal, ticket, "take-charge")
    await done(portal, tickets[0], "qualification", **GRAVE)
    await done(portal, tickets[0], "reproduction")
    await portal.set_time(NOW + 5 * HOUR)
    await done(portal, tickets[0], "corrective-plan", plan="Version 12 corrects it on Monday.")
    await done(portal, service, "closing")
    return customer


async def done(portal: Portal, ticket: dict[str, Any], deed: str, **body: Any) -> None:
    """The agent does it, and is let."""
    answer = await portal.act(ticket, deed, **body)
    assert answer.status_code == 200, answer.text


async def groups(portal: Portal, customer: UUID) -> list[dict[str, Any]]:
    """The groups of March, as the customer reads them."""
    answer = await portal.firm(customer).get(f"/v1/detailed-reports/{MONTH}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["running"] is True
    found: list[dict[str, Any]] = answer.json()["groups"]
    return found


async def test_all_tickets_of_the_month_are_counted_with_their_delays(portal: Portal, customer: UUID) -> None:
    whole = (await groups(portal, customer))[0]

    assert whole["by"] == "all"
    assert (whole["registered"], whole["taken_in_charge"], whole["closed"]) == (4, 3, 1)
    assert whole["take_charge"] == {"kept": 2, "missed": 1}
    assert whole["take_charge_open_seconds"] == {"tickets": 2, "p50": 3600, "p90": 7200, "p95": 7200}
    assert whole["correction"] == {"kept": 1, "missed": 0}
    assert whole["correction_open_seconds"] == {"tickets": 1, "p50": 7200, "p90": 7200, "p95": 7200}
    assert whole["closing_seconds"] == {"tickets": 1, "p50": 18_000, "p90": 18_000, "p95": 18_000}
    assert whole["backlog"] == 4


async def test_they_are_told_by_kind_product_and_criticality(portal: Portal, customer: UUID) -> None:
    found = {
        (group["by"], group["kind"], group["criticality"], group["product"] is not None): group
        for group in await groups(portal, customer)
    }

    counted = {place: (group["registered"], group["backlog"]) for place, group in found.items()}
    assert counted == {
        ("all", None, None, False): (4, 4),
        ("kind", "support", None, False): (3, 4),
        ("kind", "customer_service", None, False): (1, 0),
        ("criticality", "support", None, False): (2, 3),
        ("criticality", "support", 1, False): (1, 1),
        ("criticality", "customer_service", None, False): (1, 0),
        ("product", "support", None, True): (3, 3),
        ("product", "support", None, False): (0, 1),
        ("product", "customer_service", None, False): (1, 0),
    }
    service = found["kind", "customer_service", None, False]
    assert service["take_charge_open_seconds"] == NONE
    assert service["closing_seconds"]["tickets"] == 1


async def test_staff_reads_the_same_and_both_have_it_as_a_file(portal: Portal, customer: UUID) -> None:
    place = f"/v1/customers/{customer}/detailed-reports/{MONTH}"

    assert (await portal.agent.get(place)).json()["groups"] == await groups(portal, customer)
    files = [
        (await portal.agent.get(f"{place}/export")).text,
        (await portal.firm(customer).get(f"/v1/detailed-reports/{MONTH}/export")).text,
    ]
    assert files[0] == files[1]
    rows = list(csv.DictReader(io.StringIO(files[0].removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 9
    assert (rows[0]["by"], rows[0]["registered"], rows[0]["take_charge_open_seconds_p90"]) == (
        "all",
        "4",
        "7200",
    )


async def test_another_plan_has_no_detailed_report_until_it_becomes_private(portal: Portal) -> None:
    other = await portal.new_customer("open")
    for suffix in ("", "/export"):
        answer = await portal.firm(other).get(f"/v1/detailed-reports/{MONTH}{suffix}")
        assert problem(answer) == (409, "detailed-report-of-private", "13.11-a")

    change = {"plan": "private", "previous_plan": "open", "changed_at": NOW}
    await portal.hear(SupportPlanChanged.model_validate({"customer_id": other} | change))

    (whole,) = await groups(portal, other)
    assert (whole["registered"], whole["take_charge_open_seconds"]) == (0, NONE)


async def test_a_month_to_come_is_refused(portal: Portal, customer: UUID) -> None:
    answer = await portal.firm(customer).get("/v1/detailed-reports/2026-04")

    assert problem(answer)[:2] == (404, "report-month-not-begun")


async def test_what_names_no_month_is_refused(portal: Portal, customer: UUID) -> None:
    answer = await portal.firm(customer).get("/v1/detailed-reports/2026-13")

    assert answer.status_code == 422


async def test_an_unknown_customer_has_no_report(portal: Portal) -> None:
    answer = await portal.agent.get(f"/v1/customers/{uuid4()}/detailed-reports/{MONTH}")

    assert problem(answer)[:2] == (404, "ticketing-customer-unknown")
