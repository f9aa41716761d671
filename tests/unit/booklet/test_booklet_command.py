"""`livret booklet`: the matrix, and what makes it fail."""

import argparse
import shutil
from pathlib import Path

import pytest

from contracts.booklet.loader import OWN
from services.cli import booklet


def ran(monkeypatch: pytest.MonkeyPatch, path: Path) -> int:
    """The status of the command on that booklet."""
    monkeypatch.setenv("LIVRET_BOOKLET", str(path))
    return booklet.run(argparse.Namespace())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The booklet's directory, copied."""
    return Path(shutil.copytree(OWN.parent, tmp_path / "booklet"))


def test_the_matrix_shows_rules_cases_results_and_open_clauses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, OWN) == 0

    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert "passed" in lines["4-a"]
    assert "services.tenancy.rules.establishments:admitted_address" in lines["4-a"]
    assert "open (catalog)" in lines["14.1-a"]
    assert lines["89"].startswith("89 clauses: ")
    assert lines["89"].endswith(" 0 failed.")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("17-a.yaml", "ticket-goes", "ticket-stays", "and was as ticket-goes-to-the-firm"),
        ("17-a.yaml", "of_a_company: true", "of_a_company: false", "was to be refused"),
        ("17-a.yaml", "of_a_company: false", "of_a_company: true", "was refused as ticket-goes-to-the-firm"),
        ("17-a.yaml", "of_a_company: false", "a_company: false", "no argument a_company"),
        ("05-b.yaml", "returns: true", "returns: false", "gave True, not False"),
        ("15-i.yaml", "{deactivated_at: 2026-02-25", "{deactivated_at: 2026-02-26", "gave deactivated_at = "),
        ("04-d.yaml", "collaborative: true", "colaborative: true", "Offering has no field colaborative"),
        ("11-b.yaml", "secret_kind: one_time", "secret_kind: password", "was to be refused"),
        ("11-b.yaml", "disabled: false", "disabled: true", "credentials-refused"),
    ],
)
def test_a_case_that_comes_out_otherwise_fails_the_run(
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: str,
    old: str,
    new: str,
    told: str,
) -> None:
    path = copy / "cases" / file
    path.write_text(path.read_text().replace(old, new, 1))

    assert ran(monkeypatch, copy / "booklet.yaml") == 1

    out = capsys.readouterr().out
    assert "FAILED" in out
    assert told in out


def test_a_refusal_that_stands_on_another_clause_fails_the_run(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy / "cases" / "04-d.yaml"
    path.write_text(
        path.read_text()
        + """
  - name: A withdrawn service
    verdict: broken
    rule: services.catalog.rules:may_take_activations
    arguments:
      offering:
        <<: *standard
        withdrawn_at: 2026-03-02T08:00:00Z
        ends_on: 2026-06-30
      acknowledged: []
    refused: offering-withdrawn
"""
    )

    assert ran(monkeypatch, copy / "booklet.yaml") == 1
    assert "offering-withdrawn stands on clause 3-d, not on 4-d" in capsys.readouterr().out


def test_a_booklet_that_cannot_be_read_is_said_on_the_error_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, tmp_path / "none.yaml") == 1
    assert "cannot be read" in capsys.readouterr().err
