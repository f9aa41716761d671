"""Dashboards and alert rules speak of metrics that the processes show, and of labels that these have."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

from chassis import mail, metrics
from chassis.jobs import table_of
from services.roster import ROSTER, load_all

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
RULES = DEPLOY / "prometheus" / "rules.yml"

METRIC = re.compile(r"\b(livret_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
SHOWN = re.compile(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}")
GIVEN_BY_PROMETHEUS = {"job", "instance", "exported_job"}


def exposed() -> dict[str, set[str]]:
    """The labels of every series that `chassis.metrics` makes, by the series' name, and of `up`."""
    found: dict[str, set[str]] = {"up": set()}
    for each in vars(metrics).values():
        if isinstance(each, MetricWrapperBase):
            labels = set(each._labelnames) - {"job"}
            found |= {name: labels | ({"le"} if name.endswith("_bucket") else set()) for name in _names(each)}
    return found


def _names(metric: MetricWrapperBase) -> list[str]:
    (described,) = metric.describe()
    if isinstance(metric, Histogram):
        return [f"{described.name}_{part}" for part in ("bucket", "sum", "count")]
    return [f"{described.name}_total"] if described.type == "counter" else [described.name]


def known_values() -> dict[str, set[str]]:
    """What some labels can be."""
    services = load_all()
    return {
        "service": set(ROSTER),
        "kind": {mail.KIND, *(kind for each in services for kind in each.performers)},
        "exported_job": {name for each in services for name in table_of(each.every)},
    }


def faults_of(expression: str, shown: str = "") -> list[str]:
    """What an expression names that there is not; `shown` is what is written of its labels."""
    series, values = exposed(), known_values()
    named = METRIC.findall(expression)
    faults = [f"no series {name}" for name, _ in named if name not in series]
    labels = set().union(*(series.get(name, set()) for name, _ in named), GIVEN_BY_PROMETHEUS)
    for name, matchers in named:
        for label, value in MATCHER.findall(matchers):
            if label not in series.get(name, set()) | GIVEN_BY_PROMETHEUS:
                faults.append(f"{name} has no label {label}")
            if label in values and value not in values[label]:
                faults.append(f"{name}: {label} is never {value}")
    grouped = [label.strip() for group in GROUPING.findall(expression) for label in group.split(",")]
    asked = {*grouped, *SHOWN.findall(shown)} - {""}
    return faults + [f"no label {label} in {expression}" for label in sorted(asked - labels)]


def panels(board: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Title, expression and legend of every query of a dashboard."""
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"], target["legendFormat"]


def rules() -> list[dict[str, Any]]:
    """Every alert rule."""
    read = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_shows_what_is_exposed(path: Path) -> None:
    board = json.loads(path.read_text(encoding="utf-8"))
    shown = list(panels(board))
    assert shown
    assert [(title, fault) for title, expr, legend in shown for fault in faults_of(expr, legend)] == []
    places = [panel["id"] for panel in board["panels"]]
    assert len(set(places)) == len(places)


def test_dashboards_have_addresses_of_their_own() -> None:
    uids = [json.loads(path.read_text(encoding="utf-8"))["uid"] for path in DASHBOARDS]
    assert sorted(uids) == [f"livret-{path.stem}" for path in DASHBOARDS]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_watches_what_is_exposed_and_says_what_to_do(rule: dict[str, Any]) -> None:
    told = rule["annotations"]
    assert faults_of(rule["expr"], f"{told['summary']} {told['description']}") == []
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_what_operators_must_act_on_is_alerted() -> None:
    watched = " ".join(rule["expr"] for rule in rules())
    for each in (
        "tickets_overdue",
        "outages_open",
        "probe_place_silent",
        "outbox_oldest_seconds",
        "parked_keys",
    ):
        assert each in watched


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("max(livret_tickets_lost)", "no series livret_tickets_lost"),
        ("livret_tickets_waiting_total", "no series livret_tickets_waiting_total"),
        ('livret_tickets_waiting{shop="x"}', "livret_tickets_waiting has no label shop"),
        ('livret_effects_total{kind="fax"}', "livret_effects_total: kind is never fax"),
        ('livret_jobs_total{exported_job="sweep"}', "livret_jobs_total: exported_job is never sweep"),
        ("sum by (shop) (livret_tickets_waiting)", "no label shop in sum by (shop) (livret_tickets_waiting)"),
    ],
)
def test_what_is_not_exposed_would_be_seen(expression: str, fault: str) -> None:
    assert faults_of(expression) == [fault]


def test_a_label_that_is_only_written_of_would_be_seen() -> None:
    assert faults_of("livret_tickets_waiting", "{{shop}}") == ["no label shop in livret_tickets_waiting"]
