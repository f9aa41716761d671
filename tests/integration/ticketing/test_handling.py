"""From take-charge to closing: what technicians do, what it says, and how the clocks read meanwhile."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.db import Scope
from contracts.events.ticketing import (
    AnomalyQualified,
    CorrectivePlanProvided,
    FixProvided,
    TicketClosed,
    TicketLeftOut,
    TicketTakenInCharge,
)
from services.ticketing.commands.happening import happened
from services.ticketing.model.tickets import Happening
from services.ticketing.store.tickets import lock_ticket
from tests.integration.ticketing.portal import NOW, Portal, problem

ONE = {"departs": True, "reproducible": True, "essential": True, "inoperative": True, "workaround": False}
TWO = ONE | {"workaround": True}
THREE = ONE | {"inoperative": False}
HOUR = timedelta(hours=1)


async def taken(portal: Portal, plan: str = "open", **changes: Any) -> dict[str, Any]:
    """A ticket registered at NOW and taken in charge at once."""
    await portal.set_time(NOW)
    ticket = await portal.register(await portal.new_customer(plan), **changes)
    answer = await portal.act(ticket, "take-charge")
    assert answer.status_code == 200, answer.text
    return ticket


async def anomaly(portal: Portal, facts: dict[str, Any], plan: str = "open") -> dict[str, Any]:
    """A ticket qualified so and reproduced at NOW."""
    ticket = await taken(portal, plan)
    assert (await portal.act(ticket, "qualification", **facts)).status_code == 200
    assert (await portal.act(ticket, "reproduction")).status_code == 200
    return ticket


async def clocks(portal: Portal, ticket: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Kind, state and elapsed open seconds of each clock."""
    shown = await portal.read(ticket)
    return [(each["kind"], each["state"], each["elapsed_open_seconds"]) for each in shown["clocks"]]


class TestTakingInCharge:
    async def test_ends_the_clock_and_says_after_how_long(self, portal: Portal) -> None:
        await portal.set_time(NOW)
        customer = await portal.new_customer()
        ticket = await portal.register(customer)
        await portal.set_time(NOW + 4 * HOUR)
        assert await clocks(portal, ticket) == [("take_charge", "running", 9_000)]
        answer = await portal.act(ticket, "take-charge")
        shown = answer.json()
        assert (shown["state"], shown["assigned_to"]) == ("in_charge", shown["taken_by"])
        assert await clocks(portal, ticket) == [("take_charge", "kept", 9_000)]
        said = (await portal.said(customer))[-1]
        assert isinstance(said, TicketTakenInCharge)
        assert (said.elapsed_open_seconds, said.kept) == (9_000, True)

    async def test_is_once_and_of_two_agents_one_alone_does_it(self, portal: Portal) -> None:
        await portal.set_time(NOW)
        customer = await portal.new_customer()
        ticket = await portal.register(customer)
        answers = await asyncio.gather(*(portal.act(ticket, "take-charge") for _ in range(4)))
        assert sorted(each.status_code for each in answers) == [200, 409, 409, 409]
        refused = next(each for each in answers if each.status_code == 409)
        assert problem(refused) == (409, "taken-in-charge-already", "13.2-d")
        said = [each for each in await portal.said(customer) if isinstance(each, TicketTakenInCharge)]
        assert len(said) == 1

    async def test_too_late_is_missed_and_shown_so_before_it_ends(self, portal: Portal) -> None:
        await portal.set_time(NOW)
        ticket = await portal.register(await portal.new_customer())
        due = datetime.fromisoformat("2026-03-11T11:30:00+01:00")
        await portal.set_time(due)
        assert await clocks(portal, ticket) == [("take_charge", "running", 28_800)]
        await portal.set_time(due + timedelta(seconds=1))
        assert await clocks(portal, ticket) == [("take_charge", "missed", 28_801)]
        await portal.act(ticket, "take-charge")
        assert await clocks(portal, ticket) == [("take_charge", "missed", 28_801)]

    async def test_comes_before_all_else(self, portal: Portal) -> None:
        await portal.set_time(NOW)
        ticket = await portal.register(await portal.new_customer())
        for deed, body in (("qualification", ONE), ("reproduction", {}), ("wait", {}), ("closing", {})):
            refused = await portal.act(ticket, deed, **body)
            assert problem(refused) == (409, "not-taken-in-charge", "13.3-a")


class TestCriticalityOne:
    async def test_asks_for_a_corrective_plan_in_twelve_business_hours(self, portal: Portal) -> None:
        ticket = await anomaly(portal, ONE)
        shown = await portal.read(ticket)
        clock = shown["clocks"][1]
        assert (clock["kind"], clock["clause"], clock["limit_open_seconds"]) == (
            "corrective_plan",
            "13.3-b",
            43_200,
        )
        assert datetime.fromisoformat(clock["due_at"]) == datetime.fromisoformat("2026-03-11T17:30:00+01:00")
        await portal.set_time(NOW + HOUR)
        answer = await portal.act(ticket, "corrective-plan", plan="A patch goes out on Thursday.")
        assert (answer.json()["state"], answer.json()["provided_at"] is not None) == ("in_charge", True)
        assert (await clocks(portal, ticket))[1] == ("corrective_plan", "kept", 3_600)
        again = await portal.act(ticket, "corrective-plan", plan="Another.")
        assert problem(again) == (409, "plan-not-asked", "13.3-b")
        fixed = await portal.act(ticket, "fix", workaround=False, explanation="Version 4.2 has it.")
        assert fixed.json()["state"] == "provided"
        _, _, plan, fix = (await portal.said(_customer(ticket)))[-4:]
        assert isinstance(plan, CorrectivePlanProvided)
        assert (plan.elapsed_open_seconds, plan.kept) == (3_600, True)
        assert isinstance(fix, FixProvided)
        assert (fix.elapsed_open_seconds, fix.kept) == (None, None)


class TestCriticalityTwo:
    async def test_asks_for_a_correction_or_a_workaround_in_six_business_days(self, portal: Portal) -> None:
        ticket = await anomaly(portal, TWO)
        clock = (await portal.read(ticket))["clocks"][1]
        assert (clock["kind"], clock["clause"]) == ("correction", "13.3-c")
        assert datetime.fromisoformat(clock["due_at"]) == datetime.fromisoformat("2026-03-18T17:30:00+01:00")
        await portal.set_time(datetime.fromisoformat("2026-03-19T09:00:01+01:00"))
        refused = await portal.act(ticket, "closing")
        assert problem(refused) == (409, "answer-owed", "13.3-a")
        await portal.act(ticket, "fix", workaround=True, explanation="Save each line by itself.")
        said = (await portal.said(_customer(ticket)))[-1]
        assert isinstance(said, FixProvided)
        assert (said.workaround, said.kept) == (True, False)
        assert (await clocks(portal, ticket))[1][1] == "missed"
        again = await portal.act(ticket, "fix", workaround=True, explanation="Again.")
        assert problem(again) == (409, "fix-provided-already", "13.3-c")

    async def test_starts_at_the_later_of_qualification_and_reproduction(self, portal: Portal) -> None:
        ticket = await taken(portal)
        await portal.act(ticket, "reproduction")
        again = await portal.act(ticket, "reproduction")
        assert problem(again) == (409, "reproduced-already", "13.3-a")
        assert len((await portal.read(ticket))["clocks"]) == 1
        await portal.set_time(NOW + HOUR)
        await portal.act(ticket, "qualification", **TWO)
        said = (await portal.said(_customer(ticket)))[-1]
        assert isinstance(said, AnomalyQualified)
        assert (said.criticality, said.requalified) == (2, False)
        assert said.correction_due_at == datetime.fromisoformat("2026-03-18T17:30:00+01:00")
        clock = (await portal.read(ticket))["clocks"][1]
        assert datetime.fromisoformat(clock["starts_at"]) == NOW + HOUR


class TestQualifying:
    async def test_criticality_three_has_no_clock(self, portal: Portal) -> None:
        ticket = await anomaly(portal, THREE)
        assert [kind for kind, _, _ in await clocks(portal, ticket)] == ["take_charge"]
        fixed = await portal.act(ticket, "fix", workaround=False, explanation="In the next version.")
        assert fixed.status_code == 200
        said = (await portal.said(_customer(ticket)))[-1]
        assert isinstance(said, FixProvided)
        assert said.kept is None

    async def test_whether_a_feature_is_essential_is_the_catalogue_s_to_say(self, portal: Portal) -> None:
        facts = {name: value for name, value in ONE.items() if name != "essential"}
        essential = await portal.new_product("Create a quote")
        ticket = await taken(portal, product=essential)
        assert (await portal.act(ticket, "qualification", **facts)).json()["criticality"] == 1
        other = await taken(portal, product=await portal.new_product("print"))
        assert (await portal.act(other, "qualification", **facts)).json()["criticality"] == 3

    async def test_what_is_no_anomaly_is_left_out_with_its_reason(self, portal: Portal) -> None:
        ticket = await taken(portal)
        as_documented = ONE | {"departs": False}
        refused = await portal.act(ticket, "qualification", **as_documented)
        assert problem(refused) == (422, "explanation-missing", "1-d")
        answer = await portal.act(ticket, "qualification", **as_documented, explanation="See page 12.")
        left = answer.json()["left_out"]
        assert (left["kind"], left["explanation"], left["alternative"]) == (
            "as_documented",
            "See page 12.",
            None,
        )
        said = (await portal.said(_customer(ticket)))[-1]
        assert isinstance(said, TicketLeftOut)
        assert problem(await portal.act(ticket, "reproduction")) == (409, "left-out-already", None)

    async def test_is_once_and_an_editor_who_saw_an_older_ticket_is_told(self, portal: Portal) -> None:
        ticket = await taken(portal)
        place = f"/v1/customers/{ticket['customer_id']}/tickets/{ticket['ticket_id']}"
        blind = await portal.agent.post(f"{place}/qualification", json=TWO)
        assert problem(blind) == (428, "precondition-missing", None)
        stale = await portal.agent.post(f"{place}/qualification", json=TWO, headers={"If-Match": '"1"'})
        assert problem(stale) == (412, "changed-meanwhile", None)
        await portal.act(ticket, "qualification", **TWO)
        again = await portal.act(ticket, "qualification", **ONE)
        assert problem(again) == (409, "qualified-already", "13.3-a")

    async def test_an_answer_needs_an_anomaly_that_was_qualified_and_reproduced(self, portal: Portal) -> None:
        ticket = await taken(portal)
        fix = {"workaround": False, "explanation": "Done."}
        assert problem(await portal.act(ticket, "fix", **fix)) == (409, "not-qualified", "13.3-a")
        assert problem(await portal.act(ticket, "requalification", **ONE, explanation="x")) == (
            409,
            "not-qualified",
            "13.3-a",
        )
        await portal.act(ticket, "qualification", **TWO)
        assert problem(await portal.act(ticket, "fix", **fix)) == (409, "not-reproduced", "13.3-a")


class TestQualifyingAnew:
    async def test_starts_a_new_clock_with_its_reason_and_an_earlier_miss_stays(self, portal: Portal) -> None:
        ticket = await anomaly(portal, ONE)
        await portal.set_time(NOW + timedelta(days=2))
        assert (await clocks(portal, ticket))[1][1] == "missed"
        unexplained = await portal.act(ticket, "requalification", **TWO)
        assert problem(unexplained) == (422, "explanation-missing", "1-d")
        answer = await portal.act(ticket, "requalification", **TWO, explanation="A workaround was found.")
        assert answer.json()["criticality"] == 2
        shown = await portal.read(ticket)
        assert [(each["number"], each["kind"], each["state"]) for each in shown["clocks"]] == [
            (1, "take_charge", "kept"),
            (2, "corrective_plan", "missed"),
            (3, "correction", "running"),
        ]
        said = (await portal.said(_customer(ticket)))[-1]
        assert isinstance(said, AnomalyQualified)
        assert said.requalified

    async def test_within_the_limit_replaces_the_clock_and_reopens_what_was_provided(
        self, portal: Portal
    ) -> None:
        ticket = await anomaly(portal, TWO)
        await portal.act(ticket, "requalification", **ONE, explanation="Nothing gets around it.")
        assert [state for _, state, _ in await clocks(portal, ticket)] == ["kept", "replaced", "running"]
        await portal.act(ticket, "fix", workaround=False, explanation="Patched.")
        answer = await portal.act(ticket, "requalification", **TWO, explanation="The patch does not hold.")
        assert (answer.json()["state"], answer.json()["provided_at"]) == ("in_charge", None)
        states = [state for _, state, _ in await clocks(portal, ticket)]
        assert states == ["kept", "replaced", "kept", "running"]


class TestWaitingForTheCustomer:
    async def test_is_recorded_with_its_open_seconds_and_the_verdict_stays_gross(
        self, portal: Portal
    ) -> None:
        ticket = await anomaly(portal, ONE)
        await portal.set_time(NOW + HOUR)
        assert (await portal.act(ticket, "wait")).json()["waiting"]
        assert problem(await portal.act(ticket, "wait")) == (409, "waiting-already", None)
        await portal.set_time(NOW + 2 * HOUR)
        assert not (await portal.act(ticket, "wait-end")).json()["waiting"]
        assert problem(await portal.act(ticket, "wait-end")) == (409, "not-waiting", None)
        shown = await portal.read(ticket)
        assert [each["open_seconds"] for each in shown["waits"]] == [3_600]
        clock = shown["clocks"][1]
        assert (clock["elapsed_open_seconds"], clock["net_open_seconds"]) == (7_200, 3_600)
        assert clock["remaining_open_seconds"] == 36_000


class TestLeavingOut:
    async def test_names_the_part_of_the_scope_and_the_paid_alternative(self, portal: Portal) -> None:
        await portal.set_time(NOW)
        customer = await portal.new_customer()
        ticket = await portal.register(customer)
        unsaid = await portal.act(ticket, "leaving-out", left_out="out_of_scope", explanation="Training.")
        assert problem(unsaid) == (422, "scope-reason-missing", "13.2-b")
        answer = await portal.act(
            ticket, "leaving-out", left_out="out_of_scope", scope="user_training", explanation="How to begin."
        )
        left = answer.json()["left_out"]
        assert (left["kind"], left["scope"]) == ("out_of_scope", "user_training")
        assert "against payment" in left["alternative"]
        said = [type(each) for each in await portal.said(customer)]
        assert said[-2:] == [TicketTakenInCharge, TicketLeftOut]
        again = await portal.act(ticket, "leaving-out", left_out="not_reproducible", explanation="No.")
        assert problem(again) == (409, "left-out-already", None)
        closed = await portal.act(ticket, "closing")
        assert closed.json()["state"] == "closed"


class TestSettingApart:
    async def test_keeps_the_clocks_and_says_which_duty_was_not_met(self, portal: Portal) -> None:
        ticket = await taken(portal)
        answer = await portal.act(ticket, "setting-apart", explanation="The prerequisites were not met.")
        apart = answer.json()["set_apart"]
        assert (apart["kind"], apart["explanation"]) == ("duty_not_met", "The prerequisites were not met.")
        assert await clocks(portal, ticket) == [("take_charge", "kept", 0)]
        again = await portal.act(ticket, "setting-apart", explanation="Again.")
        assert problem(again) == (409, "set-apart-already", "13.2-g")


class TestARequestToCustomerService:
    async def test_is_taken_and_closed_but_judged_by_no_clock(self, portal: Portal) -> None:
        ticket = await taken(portal, "connect", kind="customer_service")
        assert problem(await portal.act(ticket, "qualification", **ONE)) == (
            409,
            "no-support-ticket",
            "13.2-a",
        )
        said = (await portal.said(_customer(ticket)))[-1]
        assert isinstance(said, TicketTakenInCharge)
        assert said.kept is None
        assert (await portal.act(ticket, "closing")).json()["state"] == "closed"


class TestClosing:
    async def test_ends_everything_and_any_later_act_is_refused(self, portal: Portal) -> None:
        ticket = await taken(portal)
        closed = await portal.act(ticket, "closing")
        assert (closed.json()["state"], closed.json()["nearest_due_at"]) == ("closed", None)
        assert isinstance((await portal.said(_customer(ticket)))[-1], TicketClosed)
        acts: list[tuple[str, dict[str, Any]]] = [
            ("take-charge", {}),
            ("qualification", ONE),
            ("requalification", ONE),
            ("reproduction", {}),
            ("corrective-plan", {"plan": "x"}),
            ("fix", {"workaround": True, "explanation": "x"}),
            ("wait", {}),
            ("wait-end", {}),
            ("leaving-out", {"left_out": "not_reproducible", "explanation": "x"}),
            ("setting-apart", {"explanation": "x"}),
            ("closing", {}),
        ]
        for deed, body in acts:
            assert problem(await portal.act(ticket, deed, **body)) == (409, "ticket-closed-already", None), (
                deed
            )

    async def test_a_customer_closes_its_own_also_where_an_answer_is_owed(self, portal: Portal) -> None:
        ticket = await anomaly(portal, TWO)
        firm, place = portal.firm(_customer(ticket)), f"/v1/tickets/{ticket['ticket_id']}"
        seen = (await firm.get(place)).headers["ETag"]
        closed = await firm.post(f"{place}/closing", headers={"If-Match": seen})
        assert closed.json()["state"] == "closed"
        assert (await clocks(portal, ticket))[1] == ("correction", "replaced", 0)


class TestTheHistory:
    async def test_is_read_by_the_customer_in_order(self, portal: Portal) -> None:
        ticket = await anomaly(portal, TWO)
        place = f"/v1/tickets/{ticket['ticket_id']}/history"
        lines = (await portal.firm(_customer(ticket)).get(place)).json()["items"]
        assert [(each["seq"], each["what"]) for each in lines] == [
            (1, "registered"),
            (2, "acknowledged"),
            (3, "taken_in_charge"),
            (4, "qualified"),
            (5, "reproduced"),
        ]
        assert (lines[3]["criticality"], lines[3]["essential"]) == (2, True)
        second = await portal.firm(_customer(ticket)).get(place, params={"limit": 2})
        rest = await portal.firm(_customer(ticket)).get(
            place, params={"limit": 2, "cursor": second.json()["next_cursor"]}
        )
        assert [each["seq"] for each in rest.json()["items"]] == [3, 4]
        staff = await portal.agent.get(f"/v1/customers/{ticket['customer_id']}{place.removeprefix('/v1')}")
        assert [each["seq"] for each in staff.json()["items"]] == [1, 2, 3, 4, 5]

    async def test_keeps_from_the_customer_what_the_publisher_notes_for_itself(self, portal: Portal) -> None:
        ticket = await taken(portal)
        async with portal.db.transaction(Scope.portal()) as tx:
            locked = await lock_ticket(tx, _customer(ticket), UUID(ticket["ticket_id"]))
            await happened(tx, locked, Happening.note_added, None, {}, NOW)
        place = f"tickets/{ticket['ticket_id']}/history"
        own = (await portal.firm(_customer(ticket)).get(f"/v1/{place}")).json()["items"]
        staff = (await portal.agent.get(f"/v1/customers/{ticket['customer_id']}/{place}")).json()["items"]
        assert [each["what"] for each in own] == ["registered", "acknowledged", "taken_in_charge"]
        assert [each["what"] for each in staff] == [*(each["what"] for each in own), "note_added"]


def _customer(ticket: dict[str, Any]) -> UUID:
    return UUID(ticket["customer_id"])
