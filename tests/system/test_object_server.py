"""The S3 server of the tests: what it is built of, and what is said where that cannot be had."""

import json
from pathlib import Path
from typing import Any

import pytest

from chassis.embedded.account import CannotRun
from chassis.embedded.ports import free_port
from tests.support import versitygw


def test_other_source_than_was_meant_is_not_built(
    reachable_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def go(_work: Path, *command: str, **_where: Any) -> str:
        asked.append(command[0])
        return json.dumps({"Sum": "h1:other", "Dir": str(reachable_directory)})

    monkeypatch.setattr(versitygw, "_go", go)
    with pytest.raises(CannotRun, match="not the source of our digest"):
        versitygw.built(reachable_directory)
    assert asked == ["mod"]


def test_without_the_module_proxy_it_says_so(
    reachable_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOPROXY", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(CannotRun, match=r"versitygw v1\.8\.0 cannot be fetched: .*refused"):
        versitygw.built(reachable_directory)
    assert not list((reachable_directory / "versitygw").glob("versitygw-*"))
