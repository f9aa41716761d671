"""A customer's month as it is read: figures, explanations, forecast, revisions, files, and by whom."""

import csv
import io
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.auth import Role
from chassis.db import Scope
from services.availability.commands.outages import find_to_change, withdraw
from tests.integration.availability.months import BY, close, down, exclude, stand
from tests.integration.availability.portal import Portal, problem

TUESDAY = "2026-05-05"
MONDAY = date(2026, 5, 4)


async def read(portal: Portal, customer: UUID, path: str, **params: Any) -> Any:
    """What the customer's administrator reads."""
    answer = await portal.firm(customer).get(f"/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_running_month_shows_its_rate_so_far_and_what_it_may_still_take(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))
    await stand(portal, f"{TUESDAY}T11:00:00+02:00")
    await down(portal, f"{TUESDAY}T10:00+02:00", None, [customer])

    found = await read(portal, customer, "months/2026-05")

    assert (found["state"], found["closed"]) == ("running", None)
    assert found["unavailable_seconds"] == 3600
    assert found["allowed_seconds"] == 7956
    assert found["seconds_left"] == 7956 - found["unavailable_seconds"]
    assert found["minutes_left"] == found["seconds_left"] // 60
    assert found["kept"] is False  # an hour of the seventeen that have passed


async def test_a_forecast_tells_whether_and_when_the_commitment_is_lost(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))
    await stand(portal, f"{TUESDAY}T11:00:00+02:00")
    await down(portal, f"{TUESDAY}T10:00+02:00", None, [customer])

    evening = await read(portal, customer, "months/2026-05", until=f"{TUESDAY}T18:00:00+02:00")
    noon = await read(portal, customer, "months/2026-05", until=f"{TUESDAY}T12:00:00+02:00")
    ever = await read(portal, customer, "months/2026-05", until="9999-12-31T23:59:59-10:00")

    assert evening["forecast"] == {
        "until": f"{TUESDAY}T16:00:00Z",
        "reference_seconds": 795600,
        "unavailable_seconds": 8 * 3600,
        "rate": "96.380",
        "kept": False,
        "lost_at": f"{TUESDAY}T10:12:37Z",
    }
    assert (noon["forecast"]["kept"], noon["forecast"]["lost_at"]) == (True, None)
    assert ever["forecast"]["until"] == "2026-05-31T22:00:00Z"


async def test_each_outage_is_explained_in_parts_that_add_up_to_its_length(portal: Portal) -> None:
    await stand(portal, "2026-06-01T00:30+02:00")
    customer = await portal.new_customer(MONDAY)
    across = await down(portal, "2026-04-30T12:00+02:00", f"{TUESDAY}T12:00+02:00", [customer])
    over = await down(portal, f"{TUESDAY}T11:00+02:00", f"{TUESDAY}T14:00+02:00", [customer])
    cut = await exclude(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:30+02:00", [customer])

    found = await read(portal, customer, "months/2026-05")

    first, second = found["outages"]
    parts = {part["why"]: part["seconds"] for part in first["parts"]}
    assert first["outage_id"] == str(across.outage_id)
    assert parts == {
        "outside_month": 12 * 3600,
        "outside_reference_period": (4 * 24 + 12) * 3600 - (13 + 5) * 3600,
        "excluded": 5400,
        "counted": (13 + 5) * 3600 - 5400,
    }
    assert sum(parts.values()) == first["seconds"] == 5 * 24 * 3600
    assert [part["exclusion_id"] for part in first["parts"] if part["why"] == "excluded"] == [str(cut)]
    assert second["outage_id"] == str(over.outage_id)
    assert {part["why"]: part["seconds"] for part in second["parts"]} == {
        "counted_already": 3600,
        "counted": 7200,
    }
    assert found["unavailable_seconds"] == first["counted_seconds"] + second["counted_seconds"] == 66600
    assert [exclusion["reason"] for exclusion in found["exclusions"]] == ["The operator's network was cut"]


async def test_the_rate_is_exact_and_the_formula_names_its_clauses(portal: Portal) -> None:
    await stand(portal, "2026-06-01T00:30+02:00")
    customer = await portal.new_customer(date(2026, 5, 1))
    await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:00+02:00", [customer])

    found = await read(portal, customer, "months/2026-05")

    assert found["rate_exact"] == {"numerator": "22000", "denominator": "221"}
    assert (found["rate"], found["kept"], found["committed_rate"]) == ("99.547", True, "99")
    assert [(step["clause"], step["value"]) for step in found["formula"]] == [
        ("6-c", "795600 s"),
        ("6-d", "3600 s"),
        ("6-e", "22000/221 = 99.547 %, rounded down"),
        ("6-a", "kept"),
    ]
    assert found["retained"] == [{"starts_at": f"{TUESDAY}T07:00:00Z", "ends_at": f"{TUESDAY}T08:00:00Z"}]


async def test_a_month_that_the_contract_does_not_cover_has_no_rate(portal: Portal) -> None:
    await stand(portal, "2026-06-01T00:30+02:00")
    customer = await portal.new_customer(date(2026, 5, 30))

    found = await read(portal, customer, "months/2026-05")

    assert (found["reference_seconds"], found["rate"], found["rate_exact"], found["kept"]) == (
        0,
        None,
        None,
        None,
    )
    assert found["formula"][-1]["expression"] == "PRT is empty: there is no rate (R5)"


async def test_a_service_and_an_environment_have_rates_that_only_inform(portal: Portal) -> None:
    await stand(portal, "2026-06-01T00:30+02:00")
    customer, code = await portal.new_customer(date(2026, 5, 1)), await portal.new_offering()
    await portal.subscribe(customer, code)
    hour = (f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:00+02:00")
    await down(portal, *hour, [customer], offering_code=code)
    await down(portal, *hour, [customer], environment="test")

    found = await read(portal, customer, "months/2026-05")

    assert (found["unavailable_seconds"], found["outages"]) == (0, [])
    assert [
        (each["offering_code"], each["environment"], each["unavailable_seconds"], each["rate"])
        for each in found["informative"]
    ] == [(None, "test", 3600, "99.547"), (code, "production", 3600, "99.547")]
    assert all(each["informative"] for each in found["informative"])


async def test_outages_of_other_customers_touch_nobody_else(portal: Portal) -> None:
    await stand(portal, "2026-06-01T00:30+02:00")
    one, other = await portal.new_customer(date(2026, 5, 1)), await portal.new_customer(date(2026, 5, 1))
    await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:00+02:00", [one])

    assert (await read(portal, one, "months/2026-05"))["unavailable_seconds"] == 3600
    assert (await read(portal, other, "months/2026-05"))["outages"] == []


async def test_a_closed_month_is_read_in_each_of_its_revisions(portal: Portal) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer = await portal.new_customer(date(2026, 5, 1))
    outage = await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T13:00+02:00", [customer])
    await close(portal, "2026-06-01T09:00+02:00")
    async with portal.db.transaction(Scope.portal()) as tx:
        found = await find_to_change(tx, outage.outage_id)
        await withdraw(tx, found, "A false alarm", BY, portal.clock.business_now())

    frozen = await read(portal, customer, "months/2026-05")
    await close(portal)
    revised = await read(portal, customer, "months/2026-05")
    first = await read(portal, customer, "months/2026-05/revisions/1")

    assert (frozen["state"], frozen["closed"]["revision"], frozen["rate"]) == ("closed", 1, "98.190")
    assert frozen["lost"]["restored"] is False
    assert (revised["closed"]["revision"], revised["rate"], revised["outages"]) == (2, "100.000", [])
    assert revised["lost"]["restored"] is True
    (change,) = revised["closed"]["changes"]
    assert (change["what"], change["record_id"], change["counted_before"]) == (
        "removed",
        str(outage.outage_id),
        4 * 3600,
    )
    for field in ("rate", "outages", "retained", "formula", "unavailable_seconds"):
        assert first[field] == frozen[field]
    listed = await read(portal, customer, "months/2026-05/revisions")
    assert [each["revision"] for each in listed["items"]] == [1, 2]
    assert [each["month"] for each in (await read(portal, customer, "months"))["items"]] == ["2026-05"]


async def test_the_evidence_leaves_as_a_file_whose_counted_pieces_make_the_unavailability(
    portal: Portal,
) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer = await portal.new_customer(date(2026, 5, 1))
    await down(portal, "2026-05-04T18:00+02:00", f"{TUESDAY}T09:00+02:00", [customer])
    await exclude(portal, f"{TUESDAY}T08:00+02:00", f"{TUESDAY}T08:30+02:00", [customer])
    await close(portal, "2026-06-01T09:00+02:00")

    answer = await portal.firm(customer).get("/v1/months/2026-05/evidence")

    assert answer.headers["content-disposition"] == (
        'attachment; filename="availability-2026-05-revision-1.csv"'
    )
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    counted = sum(int(line["seconds"]) for line in lines if line["became"] == "counted")
    retained = sum(int(line["seconds"]) for line in lines if line["record"] == "retained")
    whole = sum(int(line["seconds"]) for line in lines if line["record"] == "outage")
    assert (counted, retained, whole) == (3 * 3600 + 1800, 3 * 3600 + 1800, 15 * 3600)
    assert [line["clause"] for line in lines if line["record"] == "exclusion"] == ["6-d"]


async def test_staff_sees_who_is_below_the_commitment_or_close_to_it(portal: Portal) -> None:
    lost, close_to_it, well = [await portal.new_customer(date(2025, 11, 3)) for _ in range(3)]
    await stand(portal, "2025-11-20T12:00+01:00")
    await down(portal, "2025-11-04T09:00+01:00", "2025-11-04T13:00+01:00", [lost])
    await down(portal, "2025-11-04T09:00+01:00", "2025-11-04T11:00+01:00", [close_to_it])
    await down(portal, "2025-11-04T09:00+01:00", "2025-11-04T09:10+01:00", [well])
    staff = portal.of(Role.support_agent)

    first = (await staff.get("/v1/months/2025-11/customers", params={"limit": 1})).json()
    after = {"limit": 1, "cursor": first["next_cursor"]}
    second = (await staff.get("/v1/months/2025-11/customers", params=after)).json()
    everybody = await staff.get("/v1/months/2025-11/customers", params={"used_percent": 1})

    assert [item["customer_id"] for item in first["items"]] == [str(lost)]
    assert (first["items"][0]["kept"], first["items"][0]["seconds_left"]) == (False, 0)
    assert [item["customer_id"] for item in second["items"]] == [str(close_to_it)]
    assert second["next_cursor"] is None
    assert [item["customer_id"] for item in everybody.json()["items"]] == [
        str(each) for each in (lost, close_to_it, well)
    ]


async def test_staff_reads_what_a_named_customer_reads(portal: Portal) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer = await portal.new_customer(date(2026, 5, 1))
    await down(portal, f"{TUESDAY}T09:00+02:00", f"{TUESDAY}T10:00+02:00", [customer])
    await close(portal, "2026-06-01T09:00+02:00")
    staff, firm = portal.of(Role.billing), portal.firm(customer)

    for path in (
        "months", "months/2026-05", "months/2026-05/revisions", "months/2026-05/revisions/1",
        "months/2026-05/evidence", "years/2026",
    ):  # fmt: skip
        mine, theirs = await firm.get(f"/v1/{path}"), await staff.get(f"/v1/customers/{customer}/{path}")
        assert (
            (mine.status_code, mine.content) == (theirs.status_code, theirs.content) == (200, theirs.content)
        )


async def test_a_partner_reads_the_months_of_its_customer(portal: Portal) -> None:
    customer = await portal.new_customer(date(2026, 5, 1))

    answer = await portal.of(Role.partner, customer).get("/v1/months/2026-05")

    assert answer.json()["customer_id"] == str(customer)


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("months/2026-13", (404, "month-unknown", None)),
        ("months/2101-01/revisions", (404, "month-unknown", None)),
        ("years/2101", (404, "year-unknown", None)),
        ("months/2026-06/revisions", (404, "month-not-closed", "6-h")),
        ("months/2026-06/revisions/1", (404, "month-not-closed", "6-h")),
        ("months/2026-06/evidence?revision=1", (404, "month-not-closed", "6-h")),
        ("months/2026-05/revisions/2", (404, "revision-unknown", "6-h")),
    ],
)
async def test_what_is_no_month_or_not_closed_is_refused(
    portal: Portal, path: str, refused: tuple[int, str, str | None]
) -> None:
    await stand(portal, "2026-05-20T12:00+02:00")
    customer = await portal.new_customer(date(2026, 5, 1))
    await close(portal, "2026-06-02T09:00+02:00")

    assert problem(await portal.firm(customer).get(f"/v1/{path}")) == refused


async def test_a_customer_that_is_not_known_has_no_months(portal: Portal) -> None:
    def found(answer: httpx.Response) -> tuple[int, str]:
        return problem(answer)[:2]

    staff, nobody = portal.of(Role.operations), uuid4()

    for path in ("months", "months/2026-05", "months/2026-05/revisions", "years/2026"):
        answer = await staff.get(f"/v1/customers/{nobody}/{path}")
        assert found(answer) == (404, "touched-customer-unknown")
