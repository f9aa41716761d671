"""What is deployed is what there is: an API, workers, a migration and a database for every service, each with
the least that it needs.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.roster import ROSTER

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSED: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
OURS = {name: part for name, part in COMPOSED.items() if "build" in part}
RUNNING = {name: part for name, part in COMPOSED.items() if "restart" in part}
ROLES = (DEPLOY / "postgres" / "roles.sh").read_text(encoding="utf-8")
SEALED = {"tenancy", "tenancy-workers", "availability", "availability-workers", "prober"}


def told(part: dict[str, Any]) -> str:
    """What a part is told: its environment and its words, as one text."""
    return str([part.get("environment"), part.get("entrypoint"), part.get("command")])


@pytest.mark.parametrize("service", ROSTER)
def test_a_service_is_composed_whole(service: str) -> None:
    database = f"@postgres:5432/livret_{service}"
    for name, command in ((service, "serve"), (f"{service}-workers", "work")):
        part = COMPOSED[name]
        assert part["build"]["args"] == {"SERVICE": service}
        assert part["command"][0] == command
        assert part["environment"]["LIVRET_DATABASE_URL"].endswith(database)
        assert part["depends_on"].keys() == {"topics", f"migrate-{service}"}
    migration = COMPOSED[f"migrate-{service}"]
    assert migration["command"] == ["migrate"]
    assert migration["environment"]["LIVRET_OWNER_DATABASE_URL"].endswith(database)


@pytest.mark.parametrize("service", ROSTER)
def test_a_service_has_its_database_and_the_extensions(service: str) -> None:
    assert f"CREATE DATABASE livret_{service} OWNER livret_owner;" in ROLES
    (listed,) = [line for line in ROLES.splitlines() if line.startswith("for service in")]
    assert service in listed.removesuffix("; do").split()


@pytest.mark.parametrize("name", OURS)
def test_what_is_ours_may_do_little(name: str) -> None:
    part = OURS[name]
    assert part["read_only"]
    assert part["cap_drop"] == ["ALL"]
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit"} <= part.keys()


def test_the_image_runs_as_nobody_in_particular() -> None:
    written = (DEPLOY / "images" / "Dockerfile").read_text(encoding="utf-8")
    (user,) = [line for line in written.splitlines() if line.startswith("USER ")]
    assert user != "USER root"


@pytest.mark.parametrize("name", RUNNING)
def test_what_runs_is_asked_whether_it_does(name: str) -> None:
    assert RUNNING[name]["healthcheck"]["test"][0] == "CMD"


def test_a_secret_is_told_to_whom_it_is_for() -> None:
    owners = {name for name, part in COMPOSED.items() if "LIVRET_OWNER_PASSWORD" in told(part)}
    assert owners == {"postgres", *(f"migrate-{service}" for service in ROSTER)}
    assert {name for name, part in COMPOSED.items() if "LIVRET_SEALING_KEYS" in told(part)} == SEALED
    assert {name for name, part in COMPOSED.items() if "POSTGRES_PASSWORD" in told(part)} == {"postgres"}


def test_the_weather_stands_apart() -> None:
    weather = COMPOSED["weather"]
    assert "depends_on" not in weather
    assert weather["networks"] == ["weather"]
    assert not [word for word in ("PASSWORD", "DATABASE", "BUS", "SEALING") if word in told(weather)]


def test_prometheus_reads_every_process_where_it_shows_its_metrics() -> None:
    read = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    asked = {job["job_name"]: set(job["static_configs"][0]["targets"]) for job in read["scrape_configs"]}
    assert asked == {
        "livret-api": {f"{service}:8000" for service in ROSTER},
        "livret-workers": {f"{service}-workers:9000" for service in ROSTER},
        "livret-prober": {"prober:9000"},
        "livret-weather": {"weather:9000"},
    }
    for target in set().union(*asked.values()):
        name, _, port = target.partition(":")
        words = [*COMPOSED[name].get("entrypoint", []), *COMPOSED[name].get("command", [])]
        assert port in words
