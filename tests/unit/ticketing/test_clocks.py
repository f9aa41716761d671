"""The clocks of a ticket against one that walks second by second, and at their edges."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.booklet.hours import calendar
from services.ticketing.model.clocks import (
    Clock,
    Criticality,
    Pause,
    SupportedPlan,
    Terms,
    TicketFacts,
    Verdict,
)
from services.ticketing.refusals.clocks import CriticalityMissing, FactsImpossible
from services.ticketing.rules.clocks import judged
from services.ticketing.terms import terms_of

PARIS = ZoneInfo("Europe/Paris")
SECOND = timedelta(seconds=1)
SHORT = Terms("support.open", date(2026, 3, 27), 900, 1500, 1, net_decides=False)
"""Limits short enough to be walked second by second."""


def paris(text: str) -> datetime:
    """Local time of Paris, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


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
        judged(ticket, SHORT, FRIDAY + timedelta(days=1))


# An hour of Friday before closing, and of Monday after opening: the weekend between is cut out of the walk.
MONDAY = paris("2026-03-30T09:00:00")
moments = st.one_of(
    st.integers(-700, 900).map(lambda second: FRIDAY + second * SECOND),
    st.integers(-120, 4000).map(lambda second: MONDAY + second * SECOND),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[TicketFacts, datetime]:
    """A possible ticket, as far as it has come, and now."""
    now = draw(moments)
    instants = sorted(draw(st.lists(moments.filter(lambda at: at <= now), min_size=5, max_size=5)))
    reached = draw(st.integers(0, 4))
    known = [at if place <= reached else None for place, at in enumerate(instants)]
    if draw(st.booleans()):
        known[2], known[3] = known[3], known[2]
    assume(known[4] is None or None not in known)
    facts = TicketFacts(
        SupportedPlan.open,
        instants[0],
        known[1],
        known[2],
        known[3],
        Criticality(draw(st.integers(1, 3))),
        known[4],
        draw(pauses(now)),
        draw(pauses(now)),
    )
    return facts, now


@st.composite
def pauses(draw: st.DrawFn, now: datetime) -> tuple[Pause, ...]:
    """A few pauses, overlapping or not, the last perhaps still going on."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        since, until = sorted((min(draw(moments), now), min(draw(moments), now)))
        found.append(Pause(since, draw(st.sampled_from((until, None)))))
    return tuple(found)


def seconds(since: datetime) -> Iterator[datetime]:
    """Every second from then on that is near Friday's closing or Monday's opening."""
    hours, at = calendar("support.open"), since
    while True:
        if not hours.is_open(at) and FRIDAY + 900 * SECOND < at < MONDAY - 200 * SECOND:
            at = MONDAY - 200 * SECOND
        yield at
        at += SECOND


def walked(
    facts: TicketFacts, limit: int, starts_at: datetime, ended_at: datetime | None, now: datetime
) -> Clock:
    """The clock by counting: one more for each second that is open and not suspended."""
    hours = calendar("support.open")

    def within(at: datetime, found: tuple[Pause, ...]) -> bool:
        return any(pause.since <= at < (pause.until or now) for pause in found)

    elapsed = net = counted = 0
    due = None
    until = ended_at or now
    for at in seconds(starts_at):
        if due is not None and at >= until:
            break
        if not hours.is_open(at) or within(at, facts.suspensions):
            continue
        counted += 1
        if counted == limit and due is None:
            due = at + SECOND
        if at < until:
            elapsed += 1
            net += not within(at, facts.waits)
    assert due is not None
    verdict = Verdict.missed if elapsed > limit else Verdict.kept if ended_at else Verdict.running
    return Clock(starts_at, due, limit, elapsed, net, verdict)


@given(histories())
def test_take_charge_is_what_counting_seconds_gives(history: tuple[TicketFacts, datetime]) -> None:
    facts, now = history
    expected = walked(
        replace(facts, waits=()),
        SHORT.take_charge_seconds,
        facts.registered_at,
        facts.taken_in_charge_at,
        now,
    )
    assert judged(facts, SHORT, now).take_charge == expected


@given(histories())
def test_correction_is_what_counting_seconds_gives(history: tuple[TicketFacts, datetime]) -> None:
    facts, now = history
    clock = judged(facts, SHORT, now).correction
    if facts.qualified_at is None or facts.reproduced_at is None or facts.criticality is Criticality.three:
        assert clock is None
        return
    starts_at = max(facts.qualified_at, facts.reproduced_at)
    assert clock is not None
    if facts.criticality is Criticality.one:
        assert clock == walked(facts, SHORT.plan_seconds, starts_at, facts.provided_at, now)
    else:
        due = walked(facts, 1, starts_at, facts.provided_at, now)
        assert (clock.elapsed_seconds, clock.net_seconds) == (due.elapsed_seconds, due.net_seconds)


@given(histories())
def test_elapsed_and_remaining_make_the_allowance_while_it_runs(
    history: tuple[TicketFacts, datetime],
) -> None:
    """From now on nothing is suspended: what is open until the due instant is what is left."""
    facts, now = history
    waiting = TicketFacts(facts.plan, facts.registered_at, suspensions=facts.suspensions)
    clock = judged(waiting, SHORT, now).take_charge
    if clock.verdict is Verdict.running and clock.due_at >= now:
        left = calendar("support.open").open_seconds_between(now, clock.due_at)
        assert clock.elapsed_seconds + left == clock.limit_seconds


@given(histories())
def test_the_order_of_pauses_and_their_overlaps_do_not_matter(history: tuple[TicketFacts, datetime]) -> None:
    facts, now = history
    doubled = replace(
        facts, waits=facts.waits[::-1] + facts.waits, suspensions=facts.suspensions[::-1] + facts.suspensions
    )
    assert judged(doubled, SHORT, now) == judged(facts, SHORT, now)


def test_hours_freeze_at_registration(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ticket keeps the hours of the day it was registered, whatever hours follow (R1)."""
    from pathlib import Path
    from shutil import copytree

    import yaml

    from contracts.booklet.loader import OWN

    booklet = Path(str(tmp_path)) / "booklet"
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
