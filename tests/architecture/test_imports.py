"""import-linter holds the directions of imports; each contract is seen to fail on a planted violation."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT

LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

DOWNWARDS = "Services stand on the chassis, the chassis on the contracts"
PLANTED = [
    (
        "contracts/envelope.py",
        "import chassis",
        "Services stand on the chassis, the chassis on the contracts",
    ),
    ("contracts/events/fields.py", "import services.roster", DOWNWARDS),
    ("chassis/refusals.py", "import services", DOWNWARDS),
    ("services/catalog/model.py", "import services.tenancy.model", "No service imports another"),
    ("services/metering/tables.py", "from services.catalog import tables", "No service imports another"),
    ("services/tenancy/store", "import services.roster", "No service knows the command line or the roster"),
    ("services/catalog/rules", "import sqlalchemy", "Rules are pure"),
    ("services/catalog/rules", "from chassis import clock", "Rules are pure"),
    ("services/tenancy/rules", "import asyncio", "Rules are pure"),
    ("services/tenancy/rules", "import random", "Rules are pure"),
    ("services/catalog/store", "import services.catalog.commands", "Inside a service"),
    ("services/catalog/rules", "import services.catalog.store", "Inside a service"),
]


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=tree, capture_output=True, text=True, check=False)


def _planted_in(tree: Path, room: str) -> Path:
    """The file of a room, which may have grown into a package."""
    return next(
        path for path in (tree / room, tree / f"{room}.py", tree / room / "__init__.py") if path.is_file()
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source, to plant in."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_go_one_way(tree: Path) -> None:
    result = _lint(tree)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("room", "line", "contract"), PLANTED)
def test_a_planted_violation_is_seen(tree: Path, room: str, line: str, contract: str) -> None:
    target = _planted_in(tree, room)
    target.write_text(f"{target.read_text('utf-8')}\n{line}\n", "utf-8")
    result = _lint(tree)
    broken = [row for row in result.stdout.splitlines() if row.endswith(" BROKEN")]
    assert result.returncode == 1, result.stdout + result.stderr
    assert any(row.startswith(contract) for row in broken), result.stdout


def test_every_service_is_held() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    services = {f"services.{path.parent.name}" for path in (ROOT / "services").glob("*/app.py")}
    for contract in contracts:
        for names in (contract.get("modules"), contract.get("containers"), contract.get("source_modules")):
            assert names in (None, ["services.*.rules"]) or set(names) == services, contract["name"]
