"""The demonstration of a running portal: everybody enters, it is made once, a file comes in from outside."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import system_now
from chassis.roles import PUBLISHER_ROLES
from services.cli.entrance import entered
from services.demonstration import AUTHENTICATOR, COMPANIES, FIRM_PORTAL, PASSWORD, Login, logins
from services.demonstration.support import ARTICLES
from services.tenancy import totp
from tests.integration.tenancy.portal import new_siret
from tests.support.portal import ROOT, RunningPortal, running_portal

pytestmark = pytest.mark.xdist_group("portal")

ACTIVATIONS = 13


async def _asked(portal: RunningPortal, login: Login, path: str) -> Any:
    code = totp.code_at(AUTHENTICATOR, totp.step_at(system_now())) if login.role in PUBLISHER_ROLES else None
    async with entered(portal.origin, login.portal, login.identifier, PASSWORD, code) as who:
        return await who.request("GET", path)


def _imported(portal: RunningPortal, *arguments: str) -> subprocess.CompletedProcess[str]:
    where = ["--customer", FIRM_PORTAL, "--origin", portal.origin, "--identifier", "claire"]
    return subprocess.run(
        [sys.executable, "-m", "services", "import-companies", *where, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "LIVRET_PASSWORD": PASSWORD},
    )  # fmt: skip


async def test_everybody_enters_and_a_second_start_adds_nothing(
    reachable_directory: Path, tmp_path: Path
) -> None:
    data = reachable_directory / "data"
    people = [login for login in logins() if isinstance(login, Login)]
    claire = next(login for login in people if login.identifier == "claire")
    with running_portal(data) as portal:
        assert not portal.said("left as they are"), portal.printed
        for login in people:
            me = await _asked(portal, login, "/api/tenancy/v1/me")
            assert (me["role"], me["portal"] or "publisher") == (login.role, login.portal)
            assert str(login) in "\n".join(portal.printed)
        await _asked_for_all_of_it(portal, claire, len(COMPANIES))
        _import_from_outside(portal, tmp_path)
        await _asked_for_all_of_it(portal, claire, len(COMPANIES) + 1)
    with running_portal(data) as again:
        await _asked_for_all_of_it(again, claire, len(COMPANIES) + 1)


async def _asked_for_all_of_it(portal: RunningPortal, firm: Login, companies: int) -> None:
    found = await _asked(portal, firm, "/api/tenancy/v1/companies?limit=200")
    assert len(found["items"]) == companies
    used = await _asked(portal, firm, "/api/catalog/v1/activations?limit=200")
    assert len(used["items"]) == ACTIVATIONS
    found = await _asked(portal, firm, "/api/ticketing/v1/knowledge/articles")
    assert len(found["items"]) == len(ARTICLES)
    tickets = (await _asked(portal, firm, "/api/ticketing/v1/tickets"))["items"]
    assert sorted(ticket["state"] for ticket in tickets) == ["in_charge", "registered", "registered"]
    assert (await _asked(portal, firm, "/api/availability/v1/weather"))["stale"] is False


def _import_from_outside(portal: RunningPortal, tmp_path: Path) -> None:
    """`livret import-companies --origin`: as one of the firm's administrators, with a report."""
    file, report = tmp_path / "companies.csv", tmp_path / "report.csv"
    file.write_text(f"siret;nom;cp\n{new_siret()};Brasserie du Lac;74000\n{new_siret()};Rhumerie;97400\n")
    checked = _imported(portal, str(file), "--dry-run", "--report", str(report))
    assert (checked.returncode, checked.stderr) == (3, "")
    assert "2 lines: 1 would be created, 1 would be refused" in checked.stdout
    assert len(report.read_text(encoding="utf-8-sig").splitlines()) == 3
    brought = _imported(portal, str(file))
    assert "2 lines: 1 created, 1 refused" in brought.stdout
    strange = _imported(portal, str(file), "--identifier", "nobody")
    assert strange.returncode == 1
    assert "import-companies:" in strange.stderr
