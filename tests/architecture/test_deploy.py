"""What is deployed is what there is: an API, workers, a migration and a database for every service."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.roster import ROSTER

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSED: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
ROLES = (DEPLOY / "postgres" / "roles.sh").read_text(encoding="utf-8")


@pytest.mark.parametrize("service", ROSTER)
def test_a_service_is_composed_whole(service: str) -> None:
    database = f"@postgres:5432/livret_{service}"
    for name, command in ((service, "serve"), (f"{service}-workers", "work")):
        part = COMPOSED[name]
        assert part["build"]["args"] == {"SERVICE": service}
        assert part["command"][0] == command
        assert part["environment"]["LIVRET_DATABASE_URL"].endswith(database)
        assert f"migrate-{service}" in part["depends_on"]
    assert COMPOSED[f"migrate-{service}"]["entrypoint"][-1].endswith(database)


@pytest.mark.parametrize("service", ROSTER)
def test_a_service_has_its_database_and_the_extensions(service: str) -> None:
    assert f"CREATE DATABASE livret_{service} OWNER livret_owner;" in ROLES
    (listed,) = [line for line in ROLES.splitlines() if line.startswith("for service in")]
    assert service in listed.removesuffix("; do").split()
