"""Files of companies: checked, reported, brought in; once, whatever happens in between."""

import asyncio
import csv
import io
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.db import Scope
from contracts.events.tenancy import CompanyActivated, CompanyRegistered
from services.tenancy.commands import imports as commands
from services.tenancy.store import imports as store
from tests.integration.tenancy.portal import Firm, Portal, new_siret, slug_of
from tests.support.callers import once

HEADER = "SIRET;Raison sociale;Code postal;Ville\n"


def file_of(count: int) -> str:
    """A file of so many good lines."""
    return HEADER + "".join(f"{new_siret()};Société {n};57000;Metz\n" for n in range(count))


async def post(firm: Firm, content: str | bytes, **params: Any) -> httpx.Response:
    """Sends a file."""
    sent = content.encode() if isinstance(content, str) else content
    return await firm.admin.post(
        "/v1/companies/imports", content=sent, params=params, headers={"Content-Type": "text/csv"} | once()
    )


async def imported(firm: Firm, content: str | bytes, **params: Any) -> dict[str, Any]:
    """Sends a file, lets the workers work, and gives how the import stands."""
    answer = await post(firm, content, **params)
    assert answer.status_code == 202, answer.text
    await firm.portal.work()
    job: dict[str, Any] = (await firm.admin.get(answer.headers["location"])).json()
    return job


async def names(firm: Firm) -> list[str]:
    """The names of its companies."""
    return [item["name"] for item in (await firm.admin.get("/v1/companies")).json()["items"]]


async def test_a_dry_run_changes_nothing_then_its_very_lines_are_brought_in(portal: Portal) -> None:
    firm = await portal.new_firm()
    known = new_siret()
    await firm.new_company(siret=known, name="Known")
    good = new_siret()
    content = f"{HEADER}{good};New;57000;Metz\n{known};Changed;57000;Metz\n;Nameless;57000;Metz\n"
    job = await imported(firm, content)
    assert (job["state"], job["lines"], job["applied"]) == ("checked", 3, 0)
    assert job["counts"] == {"create": 1, "update": 1, "refused": 1}
    assert job["columns"]["name"] == "Raison sociale"
    assert [(r["code"], r["column"], r["first_line"]) for r in job["reasons"]] == [
        ("siret_missing", "SIRET", 4)
    ]
    assert await names(firm) == ["Known"]
    path = f"/v1/companies/imports/{job['import_id']}"
    assert (await firm.admin.post(f"{path}/run", headers=once())).status_code == 202
    assert slug_of(await firm.admin.post(f"{path}/run", headers=once())) == "import-not-ready"
    await portal.work()
    done = (await firm.admin.get(path)).json()
    assert (done["state"], done["applied"]) == ("done", 2)
    assert await names(firm) == ["Changed", "New"]


async def test_an_import_is_idempotent(portal: Portal) -> None:
    firm = await portal.new_firm()
    content = file_of(5)
    first = await imported(firm, content, dry_run=False)
    second = await imported(firm, content, dry_run=False)
    assert (first["counts"], second["counts"]) == ({"create": 5}, {"unchanged": 5})
    assert sum(isinstance(event, CompanyRegistered) for event in await firm.said()) == 5


async def test_what_the_file_leaves_empty_stays(portal: Portal) -> None:
    firm = await portal.new_firm()
    siret = new_siret()
    await firm.new_company(siret=siret, name="Martin", trade_name="Au bon pain", city="Metz")
    await imported(firm, f"siret,nom,cp\n{siret},Martin et Fils,57000\n", dry_run=False)
    (item,) = (await firm.admin.get("/v1/companies", params={"q": "fils"})).json()["items"]
    assert (item["name"], item["trade_name"], item["city"]) == ("Martin et Fils", "Au bon pain", "Metz")
    assert (await firm.admin.get("/v1/companies", params={"q": "bon pain"})).json()["items"]


async def test_companies_may_be_activated_with_the_import(portal: Portal) -> None:
    firm = await portal.new_firm()
    off = await firm.new_company(siret=(siret := new_siret()))
    for verb in ("activation", "deactivation"):
        await firm.admin.post(f"/v1/companies/{off}/{verb}")
    waiting = await firm.new_company(siret=(waiting_siret := new_siret()))
    content = file_of(3) + f"{siret};Off;57000;Metz\n{waiting_siret};Waiting;57000;Metz\n"
    await imported(firm, content, dry_run=False, activate=True)
    states = (await firm.admin.get("/v1/companies", params={"state": "active"})).json()["items"]
    assert len(states) == 4
    assert waiting in {item["company_id"] for item in states}
    kinds = [type(event) for event in await firm.said()]
    named_anew = 2
    assert (kinds.count(CompanyRegistered), kinds.count(CompanyActivated)) == (5 + named_anew, 5)


async def test_an_import_goes_on_where_a_worker_died(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies inside a step: nothing of that step is kept; the next worker does it again, once."""
    firm = await portal.new_firm()
    monkeypatch.setattr(commands, "CHUNK", 10)
    job = UUID((await post(firm, file_of(35), dry_run=False)).json()["import_id"])
    for _ in range(2):
        assert await commands.work_import_once(portal.db, portal.at(), job)
    original, deaths = store.activate_by_siret, 0

    async def dying(*arguments: Any) -> list[UUID]:
        nonlocal deaths
        deaths += 1
        raise ConnectionError("the worker died")

    monkeypatch.setattr(store, "activate_by_siret", dying)
    async with portal.db.transaction(Scope.customer(firm.customer_id)) as tx:
        await tx.execute(text("UPDATE import_job SET activate = true WHERE import_id = :id"), {"id": job})
    assert await commands.work_import_once(portal.db, portal.at(), job)
    monkeypatch.setattr(store, "activate_by_siret", original)
    shown = (await firm.admin.get(f"/v1/companies/imports/{job}")).json()
    assert (deaths, shown["applied"], len(await names(firm))) == (1, 10, 10)
    async with portal.db.transaction(Scope.machine()) as tx:
        await tx.execute(text("UPDATE import_due SET due_at = due_at - interval '1 hour'"))
    await portal.work()
    shown = (await firm.admin.get(f"/v1/companies/imports/{job}")).json()
    assert (shown["state"], shown["applied"]) == ("done", 35)
    registered = [event.siret for event in await firm.said() if isinstance(event, CompanyRegistered)]
    assert len(registered) == len(set(registered)) == 35


async def test_an_import_that_always_fails_is_given_up_and_says_so(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = await portal.new_firm()
    job = UUID((await post(firm, file_of(1), dry_run=False)).json()["import_id"])

    async def failing(*arguments: Any) -> None:
        raise RuntimeError("never")

    monkeypatch.setattr(store, "insert_lines", failing)
    for _ in range(commands.FAILURES_MAXIMUM):
        async with portal.db.transaction(Scope.machine()) as tx:
            await tx.execute(text("UPDATE import_due SET due_at = due_at - interval '1 hour'"))
        assert await commands.work_import_once(portal.db, portal.at(), job)
    shown = (await firm.admin.get(f"/v1/companies/imports/{job}")).json()
    assert (shown["state"], shown["fault"]) == ("failed", "RuntimeError: it was tried 8 times.")
    assert not await commands.work_import_once(portal.db, portal.at(), job)


async def test_two_workers_do_each_line_once(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = await portal.new_firm()
    monkeypatch.setattr(commands, "CHUNK", 7)
    job = UUID((await post(firm, file_of(50), dry_run=False)).json()["import_id"])

    async def worker() -> None:
        for _ in range(12):
            await commands.work_import_once(portal.db, portal.at(), job)

    await asyncio.gather(worker(), worker(), worker())
    await portal.work()
    shown = (await firm.admin.get(f"/v1/companies/imports/{job}")).json()
    assert (shown["state"], shown["applied"]) == ("done", 50)
    assert sum(isinstance(event, CompanyRegistered) for event in await firm.said()) == 50


async def test_the_report_is_a_file_to_work_through_and_runs_nothing(portal: Portal) -> None:
    firm = await portal.new_firm()
    good = new_siret()
    content = f"{HEADER}=1+1;=HYPERLINK(0);57000;Metz\n{good};Bon;7400.0;Alençon\n"
    job = await imported(firm, content)
    path = f"/v1/companies/imports/{job['import_id']}"
    report = await firm.admin.get(f"{path}/report")
    assert report.headers["content-disposition"] == 'attachment; filename="import-report.csv"'
    rows = list(csv.DictReader(io.StringIO(report.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["suggestion"] for row in rows] == ["", "07400"]
    assert rows[1]["motif"] == "Le code postal est écrit comme un nombre décimal."
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    refused = await firm.admin.get(f"{path}/lines", params={"outcome": "refused", "limit": 1})
    (line,) = refused.json()["items"]
    assert (line["line"], line["problems"][0]["code"]) == (2, "siret_not_digits")
    after = await firm.admin.get(f"{path}/lines", params={"cursor": refused.json()["next_cursor"]})
    assert [line["line"] for line in after.json()["items"]] == [3]


async def test_accepted_suggestions_are_brought_in_and_told(portal: Portal) -> None:
    firm = await portal.new_firm()
    job = await imported(firm, f"{HEADER}{new_siret()};Bon;7400.0;Alençon\n", dry_run=False, repair=True)
    assert job["counts"] == {"create": 1}
    lines = (await firm.admin.get(f"/v1/companies/imports/{job['import_id']}/lines")).json()["items"]
    assert [(r["code"], r["value"], r["suggestion"]) for r in lines[0]["repairs"]] == [
        ("postcode_decimal", "7400.0", "07400")
    ]


async def test_a_form_and_a_mapping_are_taken_too(portal: Portal) -> None:
    firm = await portal.new_firm()
    content = f"no;qui;ou\n{new_siret()};Bon;57000\n".encode("cp1252")
    answer = await firm.admin.post(
        "/v1/companies/imports",
        files={"file": ("mes dossiers.csv", content)},
        params={"mapping": '{"siret": "no", "name": "qui", "postcode": "ou"}', "dry_run": "false"},
        headers=once(),
    )
    assert (answer.status_code, answer.json()["file_name"]) == (202, "mes dossiers.csv")
    await portal.work()
    assert await names(firm) == ["Bon"]


@pytest.mark.parametrize(
    ("content", "params", "status", "slug"),
    [
        (b"", {}, 422, "file-unreadable"),
        (b"a\x00b", {}, 422, "file-unreadable"),
        (b"a,b\n1,2\n", {}, 422, "columns-unknown"),
        (b"siret,nom,cp\n", {"mapping": "no json"}, 422, "columns-unknown"),
        (b"siret,nom,cp\n", {"mapping": '{"siret": 1}'}, 422, "columns-unknown"),
        (b"siret,nom,cp\n1," + b"x" * 20_000 + b",57000\n", {}, 422, "file-unreadable"),
        (b"siret,nom,cp\n" + b"x" * 21_000_000, {}, 413, "body-too-large"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_at_once(
    portal: Portal, content: bytes, params: dict[str, str], status: int, slug: str
) -> None:
    firm = await portal.new_firm()
    answer = await post(firm, content, **params)
    assert (answer.status_code, slug_of(answer)) == (status, slug)


async def test_an_import_of_nothing_but_a_header_is_done(portal: Portal) -> None:
    firm = await portal.new_firm()
    job = await imported(firm, HEADER, dry_run=False)
    assert (job["state"], job["lines"], job["counts"]) == ("done", 0, {})


async def test_a_direct_customer_imports_nothing(portal: Portal) -> None:
    direct = await portal.new_firm(kind="direct")
    answer = await post(direct, file_of(1))
    assert slug_of(answer) == "only-its-own-company"
