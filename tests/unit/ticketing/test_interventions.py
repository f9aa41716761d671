"""The half-days of a training, its sheet, and mails and calendars of what is planned (13.1-a)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from icalendar import Calendar

from services.ticketing import attendance_sheet
from services.ticketing.agenda_calendar import calendar_of
from services.ticketing.model.agenda import Planned, PlannedAs, PlannedKind, PlannedState
from services.ticketing.model.interventions import (
    Half,
    HalfDay,
    Intervention,
    InterventionState,
    Participant,
    Presence,
    Sheet,
)
from services.ticketing.refusals.interventions import InterventionCancelled
from services.ticketing.rules import interventions as rules
from services.ticketing.rules.announcing import Told, announcement

START = datetime(2026, 3, 26, 8, 0, tzinfo=UTC)
HOUR, BY = timedelta(hours=1), UUID(int=9)
TRAINING = Intervention(
    customer_id=UUID(int=1),
    intervention_id=UUID(int=2),
    kind=PlannedKind.training,
    title="Training <on> quotes",
    description="",
    place="Metz; 1, rue Haute",
    who="Ada",
    technician_id=None,
    starts_at=START,
    ends_at=START + 8 * HOUR,
    state=InterventionState.planned,
    cancelled_reason=None,
    report=None,
    reported_at=None,
    reported_by=None,
    planned_at=START,
    planned_by=BY,
)
MORNING = HalfDay(date(2026, 3, 26), Half.morning)
AFTERNOON = HalfDay(date(2026, 3, 26), Half.afternoon)
SHEET = Sheet(
    TRAINING,
    (MORNING, AFTERNOON),
    (Participant(1, "@Claire", "Cabinet"), Participant(2, "<b>Bruno</b>", "")),
    (Presence(1, MORNING, True, START, BY), Presence(2, MORNING, False, START, BY)),
)
PLANNED = Planned(
    customer_id=UUID(int=1),
    planned_id=UUID(int=2),
    planned_as=PlannedAs.intervention,
    kind=PlannedKind.training,
    state=PlannedState.planned,
    title="Quotes\r\nATTENDEE:mailto:x@y.example",
    starts_at=START,
    ends_at=START + HOUR,
    place="1, rue Haute; Metz",
    revision=3,
)


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2026-03-26T09:00:00+01:00", "2026-03-26T12:00:00+01:00", ["26 morning"]),
        ("2026-03-26T09:00:00+01:00", "2026-03-26T13:00:00+01:00", ["26 morning"]),
        ("2026-03-26T13:00:00+01:00", "2026-03-26T17:00:00+01:00", ["26 afternoon"]),
        ("2026-03-26T12:59:59+01:00", "2026-03-26T13:00:01+01:00", ["26 morning", "26 afternoon"]),
        ("2026-03-26T22:30:00Z", "2026-03-26T23:30:00Z", ["26 afternoon", "27 morning"]),
        (
            "2026-03-28T14:00:00+01:00",
            "2026-03-30T10:00:00+02:00",
            ["28 afternoon", "29 morning", "29 afternoon", "30 morning"],
        ),
    ],
)
def test_half_days_are_those_of_paris_that_it_meets(starts: str, ends: str, expected: list[str]) -> None:
    met = rules.half_days(datetime.fromisoformat(starts), datetime.fromisoformat(ends))
    assert [f"{each.day.day} {each.half}" for each in met] == expected


def test_a_report_can_be_written_anew_but_not_of_what_was_cancelled() -> None:
    first = rules.reported(TRAINING, "Set.", BY, START)
    again = rules.reported(first, "All set.", BY, START + HOUR)
    assert (again.state, again.report, again.revision) == (InterventionState.done, "All set.", 3)
    with pytest.raises(InterventionCancelled):
        rules.reported(rules.cancelled(TRAINING, "Ill."), "Set.", BY, START)


def test_it_moves_with_its_time_or_its_place() -> None:
    assert not rules.is_moved(TRAINING, replace(TRAINING, title="Quotes", who="Bruno"))
    assert rules.is_moved(TRAINING, replace(TRAINING, ends_at=START + HOUR))
    assert rules.is_moved(TRAINING, replace(TRAINING, place="Nancy"))


def test_the_table_has_a_line_for_each_half_day_recorded_or_not_and_runs_nothing() -> None:
    lines = attendance_sheet.table_of(SHEET, "en").removeprefix("\ufeff").splitlines()
    assert lines[0] == "No.;Name;Organisation;Day;Half-day;Presence;Recorded at;Recorded by"
    assert lines[1] == f"1;'@Claire;Cabinet;2026-03-26;morning;present;2026-03-26T08:00:00+00:00;{BY}"
    assert lines[2] == "1;'@Claire;Cabinet;2026-03-26;afternoon;;;"
    assert lines[3].split(";")[5] == "absent"
    assert len(lines) == 5


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_holds_what_was_written_as_text(language: str) -> None:
    page = attendance_sheet.page_of(SHEET, "fr" if language == "fr" else "en")
    assert f'<html lang="{language}">' in page
    assert "&lt;b&gt;Bruno&lt;/b&gt;" in page
    assert "Training &lt;on&gt; quotes" in page
    assert "<b>" not in page


def test_who_recorded_is_told_by_name_where_that_is_known() -> None:
    named = replace(SHEET, names={BY: "Bruno <Petit>"})
    page = attendance_sheet.page_of(named, "fr")
    assert ("Bruno &lt;Petit&gt;" in page, str(BY) in page, "26/03/2026 09:00" in page) == (True, False, True)
    assert attendance_sheet.table_of(named, "fr").splitlines()[1].endswith(";Bruno <Petit>")
    assert "2026-03-26 09:00" in attendance_sheet.page_of(SHEET, "en")


def test_a_sheet_without_participants_says_so() -> None:
    empty = replace(SHEET, participants=(), presences=())
    assert "Aucun participant." in attendance_sheet.page_of(empty, "fr")


def test_no_title_adds_a_line_to_a_calendar() -> None:
    written = calendar_of([PLANNED], "en", START)
    event = Calendar.from_ical(written).walk("VEVENT")[0]
    assert "ATTENDEE" not in event
    assert event.decoded("dtstart") == START
    assert (event["uid"], event["sequence"], event["status"]) == (f"{UUID(int=2)}@livret", 3, "CONFIRMED")
    assert str(event["location"]) == "1, rue Haute; Metz"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (PlannedState.waiting, "TENTATIVE"),
        (PlannedState.cancelled, "CANCELLED"),
        (PlannedState.done, "CONFIRMED"),
        (PlannedState.no_show, "CONFIRMED"),
    ],
)
def test_a_calendar_says_whether_it_takes_place(state: PlannedState, status: str) -> None:
    event = Calendar.from_ical(calendar_of([replace(PLANNED, state=state)], "fr", START)).walk("VEVENT")[0]
    assert event["status"] == status


@pytest.mark.parametrize("told", list(Told))
def test_every_mail_is_in_both_languages_with_the_time_of_paris(told: Told) -> None:
    summer = datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    subject, text = announcement(told, "Quotes", summer, summer + HOUR, "Why.")
    assert subject.endswith(" - Quotes")
    assert "\n" not in subject
    assert "Le 29/03/2026, de 09:00 à 10:00 (heure de Paris)." in text
    assert "On 2026-03-29, from 09:00 to 10:00 (Paris time)." in text
    assert text.count("Why.\n") == 2
