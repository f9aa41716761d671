"""The clocks of a ticket's facts at their edges, and facts that cannot be."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from contracts.booklet.loader import OWN
from services.ticketing.model.clocks import (
    Clock,
    Criticality,
    Pause,
    SupportedPlan,
    TicketFacts,
    Verdict,
)
from services.ticketing.refusals.clocks import CriticalityMissing, FactsImpossible
from services.ticketing.rules.clocks import judged
from services.ticketing.terms import terms_of
from tests.unit.ticketing.walked import SECOND, paris

FRIDAY = paris("2026-03-27T16:50:00")


class TestTakeCharge:
    def clock(self, facts: TicketFacts, now: datetime) -> Clock:
        return judged(facts, terms_of(facts.plan, facts.registered_at), now).take_charge

    def test_is_kept_at_the_last_second_and_missed_at_the_next(self) -> None:
        registered_at, due = paris("2026-03-27T16:00"), paris("2026-03-31T09:30")
        facts = TicketFacts(SupportedPlan.open, registered_at)
        for at, verdict in ((due, Verdict.kept), (due + SECOND, Verdict.missed)):
            taken = self.clock(replace(facts, taken_in_charge_at=at), due + timedelta(days=3))
            assert (taken.due_at, taken.verdict) == (due, verdict)
        assert self.clock(facts, due).verdict is Verdict.running
        assert self.clock(facts, due + SECOND).verdict is Verdict.missed

    def test_a_limit_reached_at_closing_is_not_missed_during_the_closed_hours(self) -> None:
        """Four hours of a Friday until 17:00, for plan private: due at closing, running all weekend (R1)."""
        facts = TicketFacts(SupportedPlan.private, paris("2026-03-27T13:00"))
        sunday = self.clock(facts, paris("2026-03-29T12:00"))
        assert (sunday.due_at, sunday.verdict) == (paris("2026-03-27T17:00"), Verdict.running)
        assert self.clock(facts, paris("2026-03-30T09:00:01")).verdict is Verdict.missed

    def test_a_suspension_moves_it_by_its_open_seconds_unless_it_begins_when_the_limit_is_reached(
        self,
    ) -> None:
        registered_at, due = paris("2026-03-30T14:30"), paris("2026-03-31T16:00")
        facts = TicketFacts(SupportedPlan.open, registered_at)
        now = due + timedelta(days=9)
        for since, until, moved in (
            (due, now, due),
            (due - SECOND, paris("2026-03-31T16:30"), paris("2026-03-31T16:30:01")),
            (paris("2026-03-30T18:00"), paris("2026-03-31T09:00"), due),
        ):
            suspended = replace(facts, suspensions=(Pause(since, until),))
            assert self.clock(suspended, now).due_at == moved

    def test_outside_opening_hours_it_starts_at_the_next_opening(self) -> None:
        night = self.clock(
            TicketFacts(SupportedPlan.private, paris("2026-03-27T23:00")), paris("2026-03-28T08:00")
        )
        assert (night.elapsed_seconds, night.due_at) == (0, paris("2026-03-30T13:00"))


class TestCorrection:
    FACTS = TicketFacts(
        plan=SupportedPlan.open,
        registered_at=paris("2026-04-01T09:00"),
        taken_in_charge_at=paris("2026-04-01T09:10"),
        qualified_at=paris("2026-04-01T10:00"),
        reproduced_at=paris("2026-04-01T11:00"),
        criticality=Criticality.two,
    )
    NOW = paris("2026-04-20T09:00")

    def clock(self, facts: TicketFacts, now: datetime = NOW) -> Clock | None:
        return judged(facts, terms_of(facts.plan, facts.registered_at), now).correction

    def test_six_business_days_leave_out_the_day_of_the_start_and_easter_monday(self) -> None:
        clock = self.clock(self.FACTS)
        assert clock is not None
        assert (clock.starts_at, clock.due_at) == (paris("2026-04-01T11:00"), paris("2026-04-10T17:00"))

    def test_starts_at_the_later_of_qualification_and_reproduction(self) -> None:
        swapped = replace(
            self.FACTS, qualified_at=self.FACTS.reproduced_at, reproduced_at=self.FACTS.qualified_at
        )
        assert self.clock(swapped) == self.clock(self.FACTS)
        assert self.clock(replace(self.FACTS, reproduced_at=None)) is None

    def test_criticality_3_has_no_deadline(self) -> None:
        assert self.clock(replace(self.FACTS, criticality=Criticality.three)) is None

    def test_a_corrective_plan_has_twelve_business_hours(self) -> None:
        clock = self.clock(replace(self.FACTS, criticality=Criticality.one))
        assert clock is not None
        assert (clock.limit_seconds, clock.due_at) == (43_200, paris("2026-04-03T10:00"))

    def test_waits_leave_the_verdict_gross_unless_the_terms_say_net(self) -> None:
        waiting = replace(self.FACTS, waits=(Pause(paris("2026-04-02T09:00"), paris("2026-04-16T09:00")),))
        gross = self.clock(waiting)
        net = judged(
            waiting,
            replace(terms_of(waiting.plan, waiting.registered_at), net_decides=True),
            self.NOW,
        ).correction
        assert gross is not None
        assert net is not None
        assert (gross.verdict, net.verdict) == (Verdict.missed, Verdict.running)
        assert gross.elapsed_seconds == net.elapsed_seconds
        assert gross.net_seconds == net.net_seconds < gross.elapsed_seconds
        assert gross.due_at < net.due_at

    def test_a_qualified_and_reproduced_anomaly_has_a_criticality(self) -> None:
        with pytest.raises(CriticalityMissing):
            self.clock(replace(self.FACTS, criticality=None))


IMPOSSIBLE = {
    "taken before it was registered": {"taken_in_charge_at": FRIDAY - SECOND},
    "qualified before it was taken": {
        "taken_in_charge_at": FRIDAY + 2 * SECOND,
        "qualified_at": FRIDAY + SECOND,
    },
    "qualified and never taken": {"qualified_at": FRIDAY},
    "reproduced and never taken": {"reproduced_at": FRIDAY},
    "provided and never reproduced": {
        "taken_in_charge_at": FRIDAY,
        "qualified_at": FRIDAY,
        "provided_at": FRIDAY,
    },
    "registered later than now": {"registered_at": FRIDAY + timedelta(days=2)},
    "taken later than now": {"taken_in_charge_at": FRIDAY + timedelta(days=2)},
    "a wait that ends before it begins": {"waits": (Pause(FRIDAY, FRIDAY - SECOND),)},
    "a suspension that begins later than now": {"suspensions": (Pause(FRIDAY + timedelta(days=2)),)},
}


@pytest.mark.parametrize("facts", IMPOSSIBLE.values(), ids=list(IMPOSSIBLE))
def test_facts_in_an_impossible_order_are_refused(facts: dict[str, object]) -> None:
    ticket = TicketFacts(**({"plan": SupportedPlan.open, "registered_at": FRIDAY} | facts))  # type: ignore[arg-type]
    with pytest.raises(FactsImpossible):
        judged(ticket, terms_of(ticket.plan, FRIDAY), FRIDAY + timedelta(days=1))


def test_hours_freeze_at_registration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ticket keeps the hours of the day it was registered, whatever hours follow (R1)."""
    booklet = tmp_path / "booklet"
    copytree(OWN.parent, booklet, ignore=lambda _, names: [name for name in names if name.endswith(".py")])
    told = yaml.safe_load((booklet / "booklet.yaml").read_text())
    (week,) = told["calendars"]["support.open"]["versions"]
    closed_mondays = week | {"monday": [], "valid_from": date(2026, 3, 28)}
    told["calendars"]["support.open"]["versions"] = [week | {"valid_to": date(2026, 3, 28)}, closed_mondays]
    (booklet / "booklet.yaml").write_text(yaml.safe_dump(told))
    monkeypatch.setenv("LIVRET_BOOKLET", str(booklet / "booklet.yaml"))

    def due(registered_at: datetime) -> datetime:
        facts = TicketFacts(SupportedPlan.open, registered_at)
        return judged(facts, terms_of(facts.plan, registered_at), registered_at).take_charge.due_at

    assert due(paris("2026-03-27T16:00")) == paris("2026-03-31T09:30")
    assert due(paris("2026-03-28T16:00")) == paris("2026-04-01T10:30")
