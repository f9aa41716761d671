"""Each alert rule fires when it should and not before, as Prometheus's own checker reckons it."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.test_what_is_watched import DEPLOY, RULES, faults_of, rules
from tests.support.presence import missing_part

PROMETHEUS = DEPLOY / "prometheus"
MOMENTS = PROMETHEUS / "rules_test.yml"


@pytest.fixture
def promtool() -> str:
    return shutil.which("promtool") or missing_part(
        "no promtool on the PATH (Debian's package prometheus has it)"
    )


def cases() -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = yaml.safe_load(MOMENTS.read_text(encoding="utf-8"))["tests"]
    return read


def checked(promtool: str, *words: str, where: Path = PROMETHEUS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [promtool, *words], check=False, cwd=where, capture_output=True, text=True, timeout=120
    )


def test_each_rule_fires_when_it_should(promtool: str) -> None:
    said = checked(promtool, "test", "rules", MOMENTS.name)
    assert said.returncode == 0, said.stdout + said.stderr


def test_a_rule_that_fires_at_another_moment_would_be_seen(promtool: str, tmp_path: Path) -> None:
    text = RULES.read_text(encoding="utf-8").replace(
        "livret_inbox_parked_keys) > 0", "livret_inbox_parked_keys) > 1"
    )
    (tmp_path / RULES.name).write_text(text, encoding="utf-8")
    shutil.copy(MOMENTS, tmp_path)
    said = checked(promtool, "test", "rules", MOMENTS.name, where=tmp_path)
    assert said.returncode != 0
    assert 'exp: {alertname="LivretKeyParked"} 1E+00' in said.stdout + said.stderr


def test_what_prometheus_is_given_to_read_is_in_order(promtool: str) -> None:
    said = checked(promtool, "check", "config", "prometheus.yml")
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_rule_has_a_moment_at_which_it_fires_and_every_case_one_at_which_nothing_does() -> None:
    moments = [
        [sample["labels"] for sample in each["exp_samples"]]
        for case in cases()
        for each in case["promql_expr_test"]
    ]
    fired = {labels for moment in moments for labels in moment}
    assert fired == {f'{{alertname="{rule["alert"]}"}}' for rule in rules()}
    assert all(any(not each["exp_samples"] for each in case["promql_expr_test"]) for case in cases())


def test_the_cases_are_told_in_series_that_there_are() -> None:
    named = [series["series"] for case in cases() for series in case["input_series"]]
    assert [fault for each in named for fault in faults_of(each)] == []
