"""The hosting register (7-a) over HTTP: kept by operations, read by staff, summed up for customers."""

import asyncio
import csv
import io
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from chassis.auth import PUBLISHER_ROLES, Role
from chassis.db import Scope
from services.availability.commands.hosting import remind
from services.availability.rules.reference import local_day
from services.availability.terms import hosting_terms_on
from tests.integration.availability.portal import NOW, Portal, problem
from tests.support.callers import once

TODAY = local_day(NOW)
NAMES = hosting_terms_on(TODAY).commitments
TO = "operations@livret.example"


def path_of(name: str) -> str:
    return f"/v1/hosting/commitments/{name}"


def evidence(days: int = 90, **changes: Any) -> dict[str, Any]:
    """Evidence of yesterday, valid so many days from today on."""
    last = TODAY + timedelta(days=days)
    dated = min(TODAY - timedelta(days=1), last)
    return {
        "document": "Report 4",
        "dated_on": dated.isoformat(),
        "valid_until": last.isoformat(),
        **changes,
    }


async def record(portal: Portal, name: str, days: int = 90, **changes: Any) -> dict[str, Any]:
    answer = await portal.operations.post(
        f"{path_of(name)}/evidence", json=evidence(days, **changes), headers=once()
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def withdraw(portal: Portal, evidence_id: str, reason: str = "Of another site.") -> httpx.Response:
    return await portal.operations.post(
        f"/v1/hosting/evidence/{evidence_id}/withdrawal", json={"reason": reason}, headers=once()
    )


async def mails(portal: Portal) -> list[str]:
    """The keys of all mails that were asked for."""
    async with portal.db.transaction(Scope.machine()) as tx:
        rows = await tx.fetch_all(text("SELECT idempotency_key FROM effect WHERE kind = 'mail' ORDER BY id"))
    return [row.idempotency_key for row in rows]


async def say(portal: Portal, day: date) -> int:
    """The job runs at noon of that day; how many mails it asked for."""
    at = NOW + (day - TODAY)
    async with portal.db.transaction(Scope.portal()) as tx:
        return await remind(tx, TO, at)


async def test_every_commitment_of_the_booklet_has_its_entry_before_anything_is_written(
    portal: Portal,
) -> None:
    register = (await portal.of(Role.support_agent).get("/v1/hosting/commitments")).json()

    assert [each["commitment"] for each in register["items"]] == list(NAMES)
    untouched = [each for each in register["items"] if each["commitment"] == "several_operators"]
    assert [(each["state"], each["revision"], each["title"]) for each in untouched] == [
        ("missing", 0, "Plusieurs opérateurs")
    ]


async def test_evidence_makes_it_held_and_says_by_whom_and_when(portal: Portal) -> None:
    recorded = await record(portal, "two_generators", sha256="ab" * 32)
    entry = (
        await portal.of(Role.billing).get(path_of("two_generators"), headers={"Accept-Language": "en"})
    ).json()

    assert (entry["state"], entry["title"]) == ("held", "Two backup generators")
    assert entry["evidence"] == recorded
    assert recorded["sha256"] == "ab" * 32
    assert recorded["recorded_by"]
    assert recorded["recorded_at"][:10] == TODAY.isoformat()


@pytest.mark.parametrize(("days", "state"), [(10, "due_soon"), (-2, "expired")])
async def test_an_entry_tells_what_ends_soon_and_what_has_ended(
    portal: Portal, days: int, state: str
) -> None:
    name = {10: "fire_monitoring", -2: "smoke_monitoring"}[days]
    await record(portal, name, days)

    assert (await portal.operations.get(path_of(name))).json()["state"] == state


async def test_what_cannot_be_evidence_is_refused_by_name(portal: Portal) -> None:
    async def refused(name: str, **changes: Any) -> tuple[int, str, str | None]:
        sent = evidence(**changes)
        return problem(await portal.operations.post(f"{path_of(name)}/evidence", json=sent, headers=once()))

    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    assert await refused("a_moat") == (404, "commitment-unknown", "7-a")
    assert await refused("continuity", dated_on=tomorrow) == (422, "evidence-not-yet-dated", "7-a")
    early = {"dated_on": "2026-03-01", "valid_until": "2026-02-01"}
    assert await refused("continuity", **early) == (422, "evidence-without-validity", "7-a")
    assert await refused("continuity", document=" \t") == (422, "input-refused", None)
    assert problem(await portal.operations.get(path_of("a_moat"))) == (404, "commitment-unknown", "7-a")


async def test_withdrawn_evidence_counts_no_more_and_stays_in_the_history(portal: Portal) -> None:
    first = await record(portal, "double_cooling", 40)
    second = await record(portal, "double_cooling", 80)
    answer = await withdraw(portal, second["evidence_id"])
    assert answer.status_code == 201, answer.text

    entry = (await portal.operations.get(path_of("double_cooling"))).json()
    assert entry["evidence"]["evidence_id"] == first["evidence_id"]
    history = (await portal.operations.get(f"{path_of('double_cooling')}/evidence")).json()["items"]
    assert [each["evidence_id"] for each in history] == [second["evidence_id"], first["evidence_id"]]
    assert history[0]["withdrawn_reason"] == "Of another site."

    again = await withdraw(portal, second["evidence_id"])
    assert problem(again) == (409, "evidence-withdrawn-already", None)
    assert problem(await withdraw(portal, first["evidence_id"], " ")) == (
        422,
        "evidence-withdrawal-unexplained",
        "7-a",
    )
    unknown = await withdraw(portal, "00000000-0000-4000-8000-000000000000")
    assert problem(unknown) == (404, "evidence-unknown", None)


async def test_the_history_is_read_page_by_page(portal: Portal) -> None:
    made = [await record(portal, "physical_security", 40 + number) for number in range(5)]
    path, seen, cursor = f"{path_of('physical_security')}/evidence", [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await portal.operations.get(path, params=query)).json()
        seen += [each["evidence_id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == [each["evidence_id"] for each in reversed(made)]


async def test_the_second_to_describe_a_commitment_learns_that_the_first_was_faster(portal: Portal) -> None:
    path = path_of("access_control")
    seen = (await portal.operations.get(path)).headers["etag"]

    async def describe(description: str) -> httpx.Response:
        return await portal.operations.put(
            path, json={"description": description}, headers={"If-Match": seen}
        )

    answers = await asyncio.gather(describe("Badges."), describe("Guards."))
    assert sorted(each.status_code for each in answers) == [200, 412]
    assert problem(await portal.operations.put(path, json={"description": "x"})) == (
        428,
        "precondition-missing",
        None,
    )
    entry = (await portal.operations.get(path)).json()
    assert (entry["description"] in {"Badges.", "Guards."}, entry["revision"]) == (True, 1)


async def test_each_change_is_in_the_trail(portal: Portal) -> None:
    recorded = await record(portal, "fire_extinguishing")
    await withdraw(portal, recorded["evidence_id"])
    path = path_of("fire_extinguishing")
    await portal.operations.put(path, json={"description": "Gas."}, headers={"If-Match": "*"})

    lines = (
        await portal.of(Role.publisher_admin).get("/v1/audit", params={"subject": "fire_extinguishing"})
    ).json()["items"]
    assert [each["action"] for each in lines] == [
        "describe_hosting_commitment",
        "withdraw_hosting_evidence",
        "record_hosting_evidence",
    ]
    assert (lines[0]["before"], lines[0]["after"]) == ({"description": ""}, {"description": "Gas."})


async def test_customers_read_the_summary_and_only_that(portal: Portal) -> None:
    await record(portal, "several_networks", document="Contract 42 with a named operator")
    firm = portal.firm(await portal.new_customer())
    summary = await firm.get("/v1/hosting/summary")

    assert summary.status_code == 200
    found = {each["commitment"]: each for each in summary.json()["items"]}
    assert list(found) == list(NAMES)
    assert found["several_networks"]["state"] == "held"
    assert set(found["several_networks"]) == {"commitment", "title", "state", "dated_on", "valid_until"}
    assert "Contract 42" not in summary.text
    for path in ("/v1/hosting/commitments", "/v1/hosting/export", path_of("several_networks")):
        assert problem(await firm.get(path)) == (403, "not-allowed", None)


@pytest.mark.parametrize("role", sorted(PUBLISHER_ROLES - {Role.operations, Role.publisher_admin}))
async def test_only_operations_and_the_administrator_write(portal: Portal, role: Role) -> None:
    answer = await portal.of(role).post(f"{path_of('continuity')}/evidence", json=evidence(), headers=once())

    assert problem(answer) == (403, "not-allowed", None)


async def test_the_export_is_a_file_that_no_spreadsheet_runs(portal: Portal) -> None:
    await record(portal, "generator_on_site", document="=HYPERLINK(1)")
    answer = await portal.operations.get("/v1/hosting/export")

    assert answer.headers["content-disposition"] == 'attachment; filename="hosting.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    mine = [line for line in lines if line["commitment"] == "generator_on_site"]
    assert [line["document"] for line in mine] == ["'=HYPERLINK(1)"]


async def test_operations_are_reminded_once_before_and_once_after_however_many_ask(portal: Portal) -> None:
    await say(portal, TODAY)
    before = await mails(portal)
    recorded = await record(portal, "flood_monitoring", 100)
    prefix = f"hosting/{recorded['evidence_id']}"
    soon = TODAY + timedelta(days=70)

    await say(portal, soon - timedelta(days=1))
    assert [key for key in await mails(portal) if key.startswith(prefix)] == []
    await asyncio.gather(*(say(portal, soon) for _ in range(3)))
    assert [key for key in await mails(portal) if key.startswith(prefix)] == [f"{prefix}/due_soon"]
    await asyncio.gather(*(say(portal, soon + timedelta(days=31)) for _ in range(3)))
    said = [key for key in await mails(portal) if key not in before and key.startswith(prefix)]
    assert said == [f"{prefix}/due_soon", f"{prefix}/expired"]


async def test_newer_evidence_silences_the_older_and_its_withdrawal_wakes_it_again(portal: Portal) -> None:
    older = await record(portal, "continuity", 100)
    newer = await record(portal, "continuity", 400)
    soon = TODAY + timedelta(days=80)
    await say(portal, soon)
    assert not any(older["evidence_id"] in key for key in await mails(portal))

    assert (await withdraw(portal, newer["evidence_id"])).status_code == 201
    await say(portal, soon)
    assert f"hosting/{older['evidence_id']}/due_soon" in await mails(portal)
