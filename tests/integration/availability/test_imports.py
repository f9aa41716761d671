"""Interruptions of a file come on record once, each line by itself; what is none says why."""

import asyncio
from argparse import Namespace
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from chassis.db import Scope
from services.__main__ import parser
from services.availability.commands.imports import import_interruptions
from services.availability.model.imports import ImportTerms, LineOutcome
from services.availability.refusals.imports import (
    ImportColumnsUnknown,
    ImportKindsUnknown,
    ImportUnreadable,
)
from services.availability.refusals.records import OutageInTheFuture
from services.availability.rules.outage_lines import read_lines
from tests.integration.availability.months import BY, at, stand
from tests.integration.availability.portal import Portal
from tests.support.postgres import DatabaseMaker

HEADER = "incident_id,downtime_start,downtime_end,impact,title\n"
PARIS = ZoneInfo("Europe/Paris")


async def bring(
    portal: Portal, content: str, by: UUID | None = BY, terms: ImportTerms | None = None
) -> list[LineOutcome]:
    """A file comes in."""
    await stand(portal, "2026-06-10T12:00+02:00")
    lines = read_lines(content.encode(), terms or ImportTerms(kinds={"minor": "outage", "none": "ignore"}))
    async with portal.db.transaction(Scope.portal()) as tx:
        return await import_interruptions(tx, lines, by, portal.clock.business_now())


def fates(outcomes: list[LineOutcome]) -> list[str]:
    """What became of each line."""
    return [each.fate.value for each in outcomes]


async def rows(portal: Portal, statement: str) -> list[tuple[object, ...]]:
    """What is on record."""
    async with portal.db.transaction(Scope.portal()) as tx:
        return [tuple(row) for row in await tx.fetch_all(text(statement))]


async def test_each_line_has_its_fate_and_a_second_import_changes_nothing(portal: Portal) -> None:
    content = HEADER + (
        "1,2026-05-05T07:00:00Z,2026-05-05T08:00:00Z,minor,Login fails\n"
        "2,2026-05-05T07:00:00Z,2026-05-05T07:00:00Z,minor,A blink\n"
        "3,2026-05-05T22:00:00Z,2026-05-06T03:00:00Z,maintenance,Move to new machines\n"
        "4,2026-05-05T09:00:00Z,2026-05-05T08:00:00Z,minor,Backwards\n"
        "5,2026-05-05T09:00:00Z,2026-05-05T10:00:00Z,strange,Unknown\n"
        "6,2026-05-05T09:00:00,2026-05-05T10:00:00Z,minor,Naive\n"
        "7,2036-05-05T09:00:00Z,2036-05-05T10:00:00Z,minor,To come\n"
        "8,,2026-05-05T10:00:00Z,minor,Startless\n"
        "9,2026-05-05T09:00:00Z,2026-05-05T10:00:00Z,none,Nothing\n"
    )

    first, second = await bring(portal, content), await bring(portal, content)

    assert [(each.line, each.fate.value, each.reason) for each in first] == [
        (2, "created", ""),
        (3, "refused", "its end equals its start: it has no length"),
        (4, "created", ""),
        (5, "refused", "its end comes before its start"),
        (6, "refused", "'strange' is no kind of ours: say which it is"),
        (
            7,
            "refused",
            "its start: '2026-05-05T09:00:00' has no offset; write one, as 2026-03-27T16:00:00+01:00",
        ),
        (
            8,
            "refused",
            f"{OutageInTheFuture.sentence} It is 2026-06-10T10:00:00+00:00.",
        ),
        (9, "refused", "its start is missing"),
        (10, "ignored", "its kind is left out"),
    ]
    assert fates(second) == ["unchanged", "refused", "unchanged", *["refused"] * 5, "ignored"]
    assert await rows(portal, "SELECT title, state FROM outage WHERE source = 'import'") == [
        ("Login fails", "ended")
    ]
    assert await rows(portal, "SELECT kind, reason FROM exclusion") == [
        ("maintenance_window", "Move to new machines")
    ]


async def test_a_key_that_is_on_record_otherwise_is_refused(portal: Portal) -> None:
    line = "{},2026-04-0{}T07:00:00Z,2026-04-0{}T08:00:00Z,minor,Login fails\n"
    await bring(portal, HEADER + line.format("k", 1, 1))

    (again,) = await bring(portal, HEADER + line.format("k", 2, 2))
    twice = await bring(portal, HEADER + line.format("twice", 1, 1) + line.format("twice", 2, 2))

    assert (again.fate.value, again.reason) == (
        "refused",
        "an outage of this key is on record otherwise: correct that one",
    )
    assert fates(twice) == ["created", "refused"]


async def test_without_keys_a_line_is_known_by_what_it_says(portal: Portal) -> None:
    content = "start;end\n2026-02-03 09:00;2026-02-03 10:00\n2026-02-03 09:00;2026-02-03 11:00\n"
    terms = ImportTerms(zone=PARIS)

    assert fates(await bring(portal, content, terms=terms)) == ["created", "created"]
    assert fates(await bring(portal, content, terms=terms)) == ["unchanged", "unchanged"]
    assert await rows(
        portal,
        "SELECT min(starts_at) FROM outage WHERE starts_at >= '2026-02-01' AND starts_at < '2026-03-01'",
    ) == [(at("2026-02-03T09:00+01:00"),)]


async def test_an_instant_that_a_clock_change_repeats_is_refused(portal: Portal) -> None:
    content = "start;end\n2025-10-26 02:30;2025-10-26 05:00\n"

    (outcome,) = await bring(portal, content, terms=ImportTerms(zone=PARIS))

    assert outcome.fate.value == "refused"
    assert "is ambiguous in Europe/Paris" in outcome.reason


async def test_an_instant_before_all_others_is_refused_like_any(portal: Portal) -> None:
    (outcome,) = await bring(portal, "start,end\n0001-01-01T00:00:00+10:00,2026-01-05T08:00Z\n")

    assert (outcome.fate.value, outcome.reason[:10]) == ("refused", "its start:")


async def test_exclusions_need_somebody_who_answers_for_them(portal: Portal) -> None:
    content = HEADER + "1,2026-01-05T22:00:00Z,2026-01-06T03:00:00Z,maintenance,Planned work\n"
    urgent = HEADER + "1,2026-01-05T22:00:00Z,2026-01-06T03:00:00Z,urgent_maintenance,A cable\n"

    (nobody,) = await bring(portal, content, by=None)
    (backdated,) = await bring(portal, urgent)

    assert nobody.reason.startswith("An exclusion is put on record by somebody")
    assert backdated.fate.value == "refused"
    assert "rgent maintenance" in backdated.reason


async def test_columns_and_environments_are_told(portal: Portal) -> None:
    terms = ImportTerms(columns={"start": "Von", "end": "Bis"}, environment="test")

    outcomes = await bring(portal, "Von,Bis\n2026-01-05T07:00Z,2026-01-05T08:00Z\n", terms=terms)

    assert fates(outcomes) == ["created"]
    assert await rows(portal, "SELECT count(*) FROM outage WHERE environment = 'test'") == [(1,)]


@pytest.mark.parametrize(
    ("content", "terms", "refusal"),
    [
        (b"begin,nothing\n", ImportTerms(), ImportColumnsUnknown),
        (b"start,end\n", ImportTerms(columns={"colour": "start"}), ImportColumnsUnknown),
        (b"start,end\n", ImportTerms(columns={"title": "Titel"}), ImportColumnsUnknown),
        (b"start,end\n", ImportTerms(kinds={"minor": "dull"}), ImportKindsUnknown),
        (b"", ImportTerms(), ImportUnreadable),
        (b"start,end\n\xff\xfe", ImportTerms(), ImportUnreadable),
        (b"start,end\n\x00", ImportTerms(), ImportUnreadable),
        (b'start,end\n"' + b"x" * 20_000, ImportTerms(), ImportUnreadable),
        (
            b'start,end,title\n2026-02-02T10:00Z,2026-02-02T11:00Z,"\n2026,2026,\n',
            ImportTerms(),
            ImportUnreadable,
        ),
    ],
)
def test_a_file_that_says_nothing_is_refused(content: bytes, terms: ImportTerms, refusal: type) -> None:
    with pytest.raises(refusal):
        read_lines(content, terms)


def _command(database: str, file: Path, *options: str) -> Namespace:
    return parser(["import_outages"]).parse_args(
        ["import-outages", str(file), "--database-url", database, "--kind", "minor=outage", *options]
    )


async def test_the_command_imports_reports_and_takes_a_dry_run_back(
    database: DatabaseMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, file, report = database("availability").app_url, tmp_path / "outages.csv", tmp_path / "report.csv"
    file.write_text(
        HEADER
        + "1,2026-05-05T07:00:00Z,2026-05-05T08:00:00Z,minor,Login fails\n"
        + "2,2026-05-05T07:00:00Z,2026-05-05T07:00:00Z,minor,A blink\n"
    )

    def run(*options: str) -> tuple[int, str]:
        arguments = _command(url, file, *options)
        return arguments.run(arguments), capsys.readouterr().out

    dry = await asyncio.to_thread(run, "--dry-run")
    done = await asyncio.to_thread(run, "--report", str(report))
    again = await asyncio.to_thread(run)

    refused = "  1 × its end equals its start: it has no length\n      lines 3\n"
    assert dry == (3, f"2 lines: 1 would be created, 1 would be refused\n{refused}")
    assert done == (3, f"2 lines: 1 created, 1 refused\n{refused}")
    assert again == (3, f"2 lines: 1 refused, 1 unchanged\n{refused}")
    assert report.read_text().splitlines()[1:] == [
        "2,1,created,",
        "3,2,refused,its end equals its start: it has no length",
    ]
