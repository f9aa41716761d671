"""`livret import-companies`, in the database of a portal."""

import asyncio
import gzip
from pathlib import Path

import pytest

from services.__main__ import main
from tests.integration.tenancy.portal import Portal, new_siret
from tests.integration.tenancy.test_imports import HEADER, file_of


async def command(portal: Portal, *arguments: str) -> int:
    """Runs it as a process would, apart from this event loop."""
    where = ["--database-url", portal.database.app_url]
    return await asyncio.to_thread(main, ["import-companies", *arguments, *where])


async def test_a_gzipped_file_is_imported_whole(portal: Portal, tmp_path: Path) -> None:
    firm = await portal.new_firm()
    file = tmp_path / "companies.csv.gz"
    file.write_bytes(gzip.compress(file_of(5).encode()))
    assert await command(portal, str(file), "--customer", firm.slug, "--activate") == 0
    active = await firm.admin.get("/v1/companies", params={"state": "active"})
    assert len(active.json()["items"]) == 5


async def test_a_dry_run_says_what_is_wrong_and_writes_the_report(
    portal: Portal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    firm = await portal.new_firm()
    file, report = tmp_path / "companies.csv", tmp_path / "report.csv"
    file.write_text(f"{HEADER}{new_siret()};Bon;7400.0;Alençon\n{new_siret()};Bon;57000;Metz\n")
    arguments = [str(file), "--customer", firm.slug, "--dry-run", "--report", str(report)]
    assert await command(portal, *arguments) == 3
    said = capsys.readouterr().out
    assert "2 lines: 1 would be created, 1 would be refused" in said
    assert "1 × Code postal (first: line 2)" in said
    assert report.read_text(encoding="utf-8-sig").splitlines()[1].split(";")[6] == "07400"
    assert (await firm.admin.get("/v1/companies")).json()["items"] == []


async def test_columns_are_named_by_hand(portal: Portal, tmp_path: Path) -> None:
    firm = await portal.new_firm()
    file = tmp_path / "companies.csv"
    file.write_text(f"a;b;c\n{new_siret()};Bon;57000\n")
    columns = ["--column", "siret=a", "--column", "name=b", "--column", "postcode=c"]
    assert await command(portal, str(file), "--customer", firm.slug, *columns) == 0


@pytest.mark.parametrize(
    ("content", "slug", "words"),
    [
        (b"siret,nom,cp\n", "no-such-firm", "no customer has the portal address"),
        (b"a,b\n1,2\n", None, "Missing: siret, name, postcode"),
        (b"", None, "The file is empty."),
        (b"\x1f\x8b", None, "zero bytes|neither UTF-8|no column|recognised"),
    ],
)
async def test_what_cannot_be_imported_is_said_in_a_sentence(
    portal: Portal,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    slug: str | None,
    words: str,
) -> None:
    firm = await portal.new_firm()
    file = tmp_path / "companies.csv"
    file.write_bytes(content)
    assert await command(portal, str(file), "--customer", slug or firm.slug) == 1
    said = capsys.readouterr().err
    assert any(word in said for word in words.split("|")), said


async def test_a_broken_archive_is_said_in_a_sentence(
    portal: Portal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    firm = await portal.new_firm()
    file = tmp_path / "companies.csv.gz"
    file.write_bytes(gzip.compress(file_of(50).encode())[:-20])
    assert await command(portal, str(file), "--customer", firm.slug) == 1
    assert "livret import-companies:" in capsys.readouterr().err
