"""The committed share of tickets over HTTP: the customer and the publisher read the same figures (13.2-g)."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.auth import Role
from contracts.events.tenancy import ContractEnded, SupportPlanChanged
from services.ticketing import compliance
from tests.integration.ticketing.portal import NOW, Portal, problem
from tests.support.callers import once

HOUR = timedelta(hours=1)
REASON = "The anomaly was described without what was asked for twice."


@dataclass
class Told:
    """A customer and the tickets it registered, by what became of them."""

    customer: UUID
    tickets: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
async def told(portal: Portal) -> Told:
    """Nine tickets of one morning: four in time, one late, one overdue, one left out, two set apart."""
    await portal.set_time(NOW)
    customer = await portal.new_customer()
    names = ("kept 1", "kept 2", "kept 3", "kept 4", "late", "overdue", "out", "apart", "suspended")
    tickets = {name: await portal.register(customer) for name in names}
    await portal.set_time(NOW + HOUR)
    for name in names[:4]:
        assert (await portal.act(tickets[name], "take-charge")).status_code == 200
    left = {"scope": "user_training", "explanation": "=How a quote is made is training."}
    answer = await portal.act(tickets["out"], "leaving-out", left_out="out_of_scope", **left)
    assert answer.status_code == 200, answer.text
    await portal.set_time(NOW + timedelta(days=3))
    for name in ("late", "apart"):
        assert (await portal.act(tickets[name], "take-charge")).status_code == 200
    answer = await portal.act(tickets["apart"], "setting-apart", explanation=REASON)
    assert answer.status_code == 200, answer.text
    answer = await portal.act(tickets["suspended"], "setting-apart", explanation=REASON)
    assert answer.status_code == 200, answer.text
    tickets["pending"] = await portal.register(customer)
    return Told(customer, tickets)


async def read(portal: Portal, customer: UUID) -> dict[str, Any]:
    """What the customer reads."""
    answer = await portal.firm(customer).get("/v1/compliance")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_the_rate_counts_what_is_judged_and_shows_the_rest_beside(portal: Portal, told: Told) -> None:
    shown = await read(portal, told.customer)

    (year,) = shown["years"]
    assert (year["starts_on"], year["last_day"], year["running"]) == ("2026-01-01", "2026-12-31", True)
    assert year["committed_percent"] == 75
    counts = [year[name] for name in ("tickets", "counted", "pending", "left_out", "set_apart")]
    assert counts == [10, 6, 1, 1, 2]
    assert year["share"] == {"kept": 4, "missed": 2, "rate": "66.666", "commitment_kept": False}
    assert year["with_left_out"] == {"kept": 5, "missed": 2, "rate": "71.428", "commitment_kept": False}
    assert year["with_set_apart"] == {"kept": 4, "missed": 4, "rate": "50.000", "commitment_kept": False}
    assert year["with_both"] == {"kept": 5, "missed": 4, "rate": "55.555", "commitment_kept": False}
    assert year["reasons"] == [
        {"standing": "left_out", "reason": "out_of_scope", "kept": 1, "missed": 0, "running": 0},
        {"standing": "set_apart", "reason": "duty_not_met", "kept": 0, "missed": 2, "running": 0},
    ]
    assert shown["outside"] == 0
    assert {one["clause"] for one in shown["definition"]} >= {"13.2-e", "13.2-g", "R9"}


async def test_staff_reads_what_the_customer_reads(portal: Portal, told: Told) -> None:
    answer = await portal.of(Role.billing).get(f"/v1/customers/{told.customer}/compliance")

    assert answer.json() == await read(portal, told.customer)


async def test_a_customer_that_is_unknown_has_no_compliance(portal: Portal) -> None:
    for place in ("compliance", "compliance/1/tickets", "compliance/1/export"):
        answer = await portal.agent.get(f"/v1/customers/{uuid4()}/{place}")
        assert problem(answer)[:2] == (404, "ticketing-customer-unknown")


async def test_each_ticket_has_its_clock_its_verdict_and_its_standing(portal: Portal, told: Told) -> None:
    lines, cursor = [], None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        answer = await portal.firm(told.customer).get("/v1/compliance/1/tickets", params=params)
        lines += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break

    by_reference = {line["reference"]: line for line in lines}
    assert len(by_reference) == len(lines) == 10
    found = {name: by_reference[ticket["reference"]] for name, ticket in told.tickets.items()}
    standing = {
        name: (line["verdict"], line["standing"], line["elapsed_open_seconds"])
        for name, line in found.items()
    }
    three_days = 2 * 23_400 + 23_400
    assert standing == {
        **{f"kept {number}": ("kept", "counted", 3600) for number in (1, 2, 3, 4)},
        "late": ("missed", "counted", three_days),
        "overdue": ("missed", "counted", three_days),
        "out": ("kept", "left_out", 3600),
        "apart": ("missed", "set_apart", three_days),
        "suspended": ("missed", "set_apart", three_days),
        "pending": ("running", "pending", 0),
    }
    assert found["apart"]["reason"] == "duty_not_met"
    assert found["apart"]["explanation"] == REASON
    assert {line["limit_open_seconds"] for line in lines} == {28_800}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"standing": "pending"}, {"pending"}),
        ({"standing": "left_out"}, {"out"}),
        ({"standing": "counted", "verdict": "missed"}, {"late", "overdue"}),
        ({"verdict": "running"}, {"pending"}),
    ],
    ids=["pending", "left out", "counted and missed", "running"],
)
async def test_lines_are_chosen_by_standing_and_verdict(
    portal: Portal, told: Told, asked: dict[str, str], names: set[str]
) -> None:
    answer = await portal.firm(told.customer).get("/v1/compliance/1/tickets", params=asked)

    expected = {told.tickets[name]["reference"] for name in names}
    assert {line["reference"] for line in answer.json()["items"]} == expected


async def test_the_file_holds_every_ticket_and_runs_in_no_spreadsheet(
    portal: Portal, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compliance, "LINES_AT_ONCE", 3)
    answer = await portal.agent.get(f"/v1/customers/{told.customer}/compliance/1/export")

    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["standing"] for row in rows].count("counted") == 6
    assert len(rows) == 10
    (out,) = [row for row in rows if row["standing"] == "left_out"]
    assert out["reason"] == "out_of_scope"
    assert out["explanation"].startswith("'=How a quote is made")


async def test_the_customers_file_is_that_of_its_own_tickets(portal: Portal, told: Told) -> None:
    other = await portal.new_customer()

    answer = await portal.firm(other).get("/v1/compliance/1/export")

    assert len(answer.text.splitlines()) == 1


async def test_a_ticket_counts_again_once_what_kept_it_out_is_withdrawn(portal: Portal) -> None:
    customer = await portal.new_customer()
    await portal.set_time(NOW)
    out, apart = await portal.register(customer), await portal.register(customer)
    await portal.act(out, "leaving-out", left_out="not_reproducible", explanation="Not here.")
    await portal.set_time(NOW + timedelta(days=3))
    await portal.act(apart, "setting-apart", explanation=REASON)
    (year,) = (await read(portal, customer))["years"]
    assert (year["left_out"], year["set_apart"], year["share"]["rate"]) == (1, 1, None)

    for ticket, deed in ((out, "leaving-out"), (apart, "setting-apart")):
        answer = await portal.act(ticket, f"{deed}/withdrawal", explanation="It was not so.")
        assert answer.status_code == 200, answer.text

    (year,) = (await read(portal, customer))["years"]
    assert (year["counted"], year["left_out"], year["set_apart"], year["reasons"]) == (2, 0, 0, [])
    assert year["share"] == {"kept": 1, "missed": 1, "rate": "50.000", "commitment_kept": False}
    answer = await portal.agent.get(f"/v1/customers/{customer}/compliance/1/export")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [(row["standing"], row["reason"], row["explanation"]) for row in rows] == [("counted", "", "")] * 2


async def test_a_clock_that_stands_still_is_set_apart_with_what_it_had_run(portal: Portal) -> None:
    customer = await portal.new_customer()
    await portal.set_time(NOW)
    ticket = await portal.register(customer)
    await portal.set_time(NOW + HOUR)
    body = {"reason": "users_not_trained", "explanation": "Nobody was trained in version 12."}
    answer = await portal.agent.post(
        f"/v1/customers/{customer}/support-suspensions", json=body, headers=once()
    )
    assert answer.status_code == 201, answer.text
    await portal.set_time(NOW + timedelta(days=7))

    answer = await portal.firm(customer).get("/v1/compliance/1/tickets")

    (line,) = answer.json()["items"]
    assert line["reference"] == ticket["reference"]
    assert (line["standing"], line["reason"]) == ("set_apart", "support_suspended")
    assert (line["verdict"], line["elapsed_open_seconds"]) == ("running", 3600)
    assert line["explanation"] == body["explanation"]


async def test_a_year_that_has_not_begun_is_refused(portal: Portal, told: Told) -> None:
    answer = await portal.firm(told.customer).get("/v1/compliance/2/tickets")

    assert problem(answer) == (404, "support-year-unknown", "13.2-g")


async def test_a_customer_without_support_has_no_year(portal: Portal) -> None:
    customer = await portal.new_customer("connect")

    assert (await read(portal, customer))["years"] == []


async def test_a_year_without_a_ticket_has_no_rate(portal: Portal) -> None:
    customer = await portal.new_customer()

    (year,) = (await read(portal, customer))["years"]
    assert year["share"] == {"kept": 0, "missed": 0, "rate": None, "commitment_kept": None}


async def test_a_lapse_to_connect_starts_another_year_and_the_contracts_end_none(portal: Portal) -> None:
    customer = await portal.new_customer()
    for month, plan, before in ((2, "private", "open"), (3, "connect", "private"), (4, "open", "connect")):
        changed_at = datetime(2026, month, 1, 11, tzinfo=UTC)
        await portal.hear(
            SupportPlanChanged.model_validate(
                {
                    "customer_id": customer,
                    "plan": plan,
                    "previous_plan": before,
                    "changed_at": changed_at,
                }
            )
        )
    await portal.set_time(datetime(2026, 5, 1, tzinfo=UTC))
    first, second = (await read(portal, customer))["years"]
    assert (first["starts_on"], first["last_day"], first["running"]) == ("2026-01-01", "2026-03-01", False)
    assert (second["starts_on"], second["last_day"]) == ("2026-04-01", "2027-03-31")

    await portal.hear(
        ContractEnded.model_validate(
            {
                "customer_id": customer,
                "last_day": "2026-04-30",
                "ended_at": datetime(2026, 4, 30, 22, tzinfo=UTC),
            }
        )
    )
    _, second = (await read(portal, customer))["years"]
    assert (second["last_day"], second["running"]) == ("2026-04-30", False)
