"""The hosting register (7-a): which evidence counts on a day, and when operations are reminded."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.availability.hosting_words import reminder_of, title_of
from services.availability.model.hosting import (
    Commitment,
    EntryState,
    Evidence,
    HostingTerms,
    ReminderKind,
)
from services.availability.refusals.hosting import (
    CommitmentUnknown,
    EvidenceNotYetDated,
    EvidenceWithdrawnAlready,
    EvidenceWithoutValidity,
    WithdrawalUnexplained,
)
from services.availability.rules.hosting import (
    entry_of,
    evidence_in_force,
    is_worth_saying,
    may_record,
    reminders_of,
    withdraw,
)
from services.availability.terms import hosting_terms_on

BY = UUID(int=9)
NOW = datetime(2026, 5, 5, 9, 0, tzinfo=UTC)
TODAY = date(2026, 5, 5)
TERMS = HostingTerms(("two_generators", "continuity"), 30)
COMMITMENT = Commitment("two_generators")
EVIDENCE = Evidence(
    UUID(int=1), "two_generators", "Report 4", date(2026, 4, 2), date(2026, 6, 30), NOW, recorded_by=BY
)


def until(number: int, days: int, *, withdrawn: bool = False) -> Evidence:
    """Evidence that is valid so many days from today on, or ended so many before."""
    last = TODAY + timedelta(days=days)
    at = NOW if withdrawn else None
    first = min(EVIDENCE.dated_on, last)
    return replace(EVIDENCE, evidence_id=UUID(int=number), dated_on=first, valid_until=last, withdrawn_at=at)


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (31, EntryState.held),
        (30, EntryState.due_soon),
        (0, EntryState.due_soon),
        (-1, EntryState.expired),
    ],
)
def test_a_commitment_is_held_through_the_last_day_of_its_evidence(days: int, state: EntryState) -> None:
    assert entry_of(COMMITMENT, [until(1, days)], TODAY, TERMS).state is state


def test_what_was_withdrawn_counts_for_nothing() -> None:
    entry = entry_of(COMMITMENT, [until(1, 90, withdrawn=True)], TODAY, TERMS)
    assert (entry.state, entry.evidence) == (EntryState.missing, None)

    entry = entry_of(COMMITMENT, [until(1, 90, withdrawn=True), until(2, 3)], TODAY, TERMS)
    assert entry.evidence == until(2, 3)


def test_of_two_valid_through_one_day_the_later_record_counts() -> None:
    earlier = replace(until(1, 10), recorded_at=NOW - timedelta(hours=1))

    assert evidence_in_force([until(2, 10), earlier]) == until(2, 10)
    assert evidence_in_force([earlier, until(2, 10)]) == until(2, 10)


@given(st.lists(st.tuples(st.integers(-100, 100), st.booleans()), max_size=8))
def test_more_evidence_never_makes_a_commitment_stand_worse(told: list[tuple[int, bool]]) -> None:
    order = [EntryState.missing, EntryState.expired, EntryState.due_soon, EntryState.held]
    evidence = [until(number, days, withdrawn=withdrawn) for number, (days, withdrawn) in enumerate(told, 1)]
    ranks = [
        order.index(entry_of(COMMITMENT, evidence[:count], TODAY, TERMS).state)
        for count in range(len(evidence) + 1)
    ]

    assert ranks == sorted(ranks)


def test_only_evidence_of_a_commitment_of_the_booklet_is_recorded() -> None:
    may_record(EVIDENCE, TODAY, TERMS)
    with pytest.raises(CommitmentUnknown):
        may_record(replace(EVIDENCE, commitment="moat"), TODAY, TERMS)


def test_evidence_is_dated_today_at_the_latest_and_valid_from_then_on() -> None:
    may_record(replace(EVIDENCE, dated_on=TODAY, valid_until=TODAY), TODAY, TERMS)
    with pytest.raises(EvidenceNotYetDated):
        may_record(replace(EVIDENCE, dated_on=TODAY + timedelta(days=1)), TODAY, TERMS)
    with pytest.raises(EvidenceWithoutValidity):
        may_record(replace(EVIDENCE, valid_until=EVIDENCE.dated_on - timedelta(days=1)), TODAY, TERMS)


def test_evidence_is_withdrawn_once_and_for_a_reason() -> None:
    withdrawn = withdraw(EVIDENCE, "  Of another site. ", BY, NOW)

    assert (withdrawn.withdrawn_at, withdrawn.withdrawn_by) == (NOW, BY)
    assert withdrawn.withdrawn_reason == "Of another site."
    with pytest.raises(EvidenceWithdrawnAlready):
        withdraw(withdrawn, "Again.", BY, NOW)
    with pytest.raises(WithdrawalUnexplained):
        withdraw(EVIDENCE, "\t", BY, NOW)


def test_reminders_are_due_at_local_midnight_in_either_season() -> None:
    before, after = reminders_of(replace(EVIDENCE, valid_until=date(2026, 3, 29)), TERMS)

    assert before.due_at == datetime(2026, 2, 26, 23, 0, tzinfo=UTC)
    assert after.due_at == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "days", "said"),
    [
        (ReminderKind.due_soon, 30, True),
        (ReminderKind.due_soon, 0, True),
        (ReminderKind.due_soon, -1, False),
        (ReminderKind.expired, -1, True),
    ],
)
def test_of_what_has_ended_none_says_that_it_will(kind: ReminderKind, days: int, said: bool) -> None:
    evidence = until(1, days)
    reminder = next(each for each in reminders_of(evidence, TERMS) if each.kind is kind)

    assert is_worth_saying(reminder, evidence, TODAY) is said
    assert not is_worth_saying(reminder, until(2, days), TODAY)
    assert not is_worth_saying(reminder, None, TODAY)


def test_the_booklet_names_twelve_commitments_and_each_has_a_title_in_both_languages() -> None:
    terms = hosting_terms_on(TODAY)

    assert (len(terms.commitments), terms.reminder_days) == (12, 30)
    assert {title_of(name, "en") for name in terms.commitments}.isdisjoint(
        title_of(name, "fr") for name in terms.commitments
    )
    assert title_of("a_moat", "fr") == "A moat"


def test_a_reminder_names_commitment_document_and_days() -> None:
    for kind in ReminderKind:
        subject, text = reminder_of(EVIDENCE, kind)
        assert "Deux groupes électrogènes" in subject
        for word in ("Two backup generators", "two_generators", "Report 4", "2026-04-02", "2026-06-30"):
            assert word in text
