"""From take-charge to closing: what technicians do, what it says, and how the clocks read meanwhile."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.db import Scope
from contracts.events.ticketing import LeavingOutWithdrawn, TicketClosed, TicketLeftOut, TicketTakenInCharge
from services.ticketing.commands.happening import happened
from services.ticketing.model.tickets import Happening
from services.ticketing.store.tickets import lock_ticket
from tests.integration.ticketing.handled import HOUR, ONE, TWO, anomaly, clocks, customer_of, taken
from tests.integration.ticketing.portal import NOW, Portal, problem


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

    async def test_withdrawn_it_is_as_if_it_never_had_been_and_may_be_said_anew(self, portal: Portal) -> None:
        ticket = await anomaly(portal, ONE)
        due = (await portal.read(ticket))["nearest_due_at"]
        left = {"left_out": "as_documented", "explanation": "Page 3 says so."}
        unsaid = await portal.act(ticket, "leaving-out/withdrawal", explanation="It was not.")
        assert problem(unsaid) == (409, "not-left-out", "13.2-b")
        await portal.set_time(NOW + HOUR)
        assert (await portal.act(ticket, "leaving-out", **left)).json()["nearest_due_at"] is None
        await portal.set_time(NOW + 2 * HOUR)
        assert (await clocks(portal, ticket))[1] == ("corrective_plan", "replaced", 3_600)
        back = (await portal.act(ticket, "leaving-out/withdrawal", explanation="Page 4 does not.")).json()
        assert (back["left_out"], back["nearest_due_at"], back["state"]) == (None, due, "in_charge")
        assert (await clocks(portal, ticket))[1] == ("corrective_plan", "running", 7_200)
        said = (await portal.said(customer_of(ticket)))[-1]
        assert isinstance(said, LeavingOutWithdrawn)
        assert said.withdrawn_at == NOW + 2 * HOUR
        answered = await portal.act(ticket, "corrective-plan", plan="On Thursday.")
        assert answered.json()["clocks"][1]["state"] == "kept"
        assert (await portal.act(ticket, "leaving-out", **left)).json()["left_out"]["kind"] == "as_documented"
        place = f"/v1/tickets/{ticket['ticket_id']}/history"
        lines = (await portal.firm(customer_of(ticket)).get(place)).json()["items"]
        assert [(each["what"], each["explanation"]) for each in lines[5:7]] == [
            ("left_out", "Page 3 says so."),
            ("leaving_out_withdrawn", "Page 4 does not."),
        ]
        assert lines[6]["by"] is not None

    async def test_is_withdrawn_also_once_the_ticket_is_closed_and_leaves_it_closed(
        self, portal: Portal
    ) -> None:
        ticket = await taken(portal)
        await portal.act(ticket, "leaving-out", left_out="not_reproducible", explanation="Not here.")
        await portal.act(ticket, "closing")
        back = (await portal.act(ticket, "leaving-out/withdrawal", explanation="It was.")).json()
        assert (back["left_out"], back["state"], back["nearest_due_at"]) == (None, "closed", None)


class TestSettingApart:
    async def test_keeps_the_clocks_and_says_which_duty_was_not_met(self, portal: Portal) -> None:
        ticket = await taken(portal)
        answer = await portal.act(ticket, "setting-apart", explanation="The prerequisites were not met.")
        apart = answer.json()["set_apart"]
        assert (apart["kind"], apart["explanation"]) == ("duty_not_met", "The prerequisites were not met.")
        assert await clocks(portal, ticket) == [("take_charge", "kept", 0)]
        again = await portal.act(ticket, "setting-apart", explanation="Again.")
        assert problem(again) == (409, "set-apart-already", "13.2-g")

    async def test_is_withdrawn_with_a_reason_and_may_be_said_anew(self, portal: Portal) -> None:
        ticket = await taken(portal)
        await portal.act(ticket, "setting-apart", explanation="The prerequisites were not met.")
        await portal.act(ticket, "closing")
        back = await portal.act(ticket, "setting-apart/withdrawal", explanation="They were.")
        assert (back.json()["set_apart"], back.json()["state"]) == (None, "closed")
        again = await portal.act(ticket, "setting-apart/withdrawal", explanation="They were.")
        assert problem(again) == (409, "not-set-apart", "13.2-g")
        ticket = await taken(portal)
        for reason in ("The prerequisites were not met.", "The error message was not told."):
            apart = await portal.act(ticket, "setting-apart", explanation=reason)
            assert apart.json()["set_apart"]["explanation"] == reason
            await portal.act(ticket, "setting-apart/withdrawal", explanation="It was another duty.")


class TestARequestToCustomerService:
    async def test_is_taken_and_closed_but_judged_by_no_clock(self, portal: Portal) -> None:
        ticket = await taken(portal, "connect", kind="customer_service")
        assert problem(await portal.act(ticket, "qualification", **ONE)) == (
            409,
            "no-support-ticket",
            "13.2-a",
        )
        said = (await portal.said(customer_of(ticket)))[-1]
        assert isinstance(said, TicketTakenInCharge)
        assert said.kept is None
        assert (await portal.act(ticket, "closing")).json()["state"] == "closed"

    async def test_is_not_first_to_be_taken_in_charge_to_learn_that_nothing_of_it_is_judged(
        self, portal: Portal
    ) -> None:
        await portal.set_time(NOW)
        ticket = await portal.register(await portal.new_customer(), kind="customer_service")
        for deed, body in (("qualification", ONE), ("reproduction", {})):
            assert problem(await portal.act(ticket, deed, **body)) == (409, "no-support-ticket", "13.2-a")


class TestClosing:
    async def test_ends_everything_and_any_later_act_is_refused(self, portal: Portal) -> None:
        ticket = await taken(portal)
        closed = await portal.act(ticket, "closing")
        assert (closed.json()["state"], closed.json()["nearest_due_at"]) == ("closed", None)
        assert isinstance((await portal.said(customer_of(ticket)))[-1], TicketClosed)
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
        firm, place = portal.firm(customer_of(ticket)), f"/v1/tickets/{ticket['ticket_id']}"
        seen = (await firm.get(place)).headers["ETag"]
        closed = await firm.post(f"{place}/closing", headers={"If-Match": seen})
        assert closed.json()["state"] == "closed"
        assert (await clocks(portal, ticket))[1] == ("correction", "replaced", 0)


class TestTheHistory:
    async def test_is_read_by_the_customer_in_order(self, portal: Portal) -> None:
        ticket = await anomaly(portal, TWO)
        place = f"/v1/tickets/{ticket['ticket_id']}/history"
        lines = (await portal.firm(customer_of(ticket)).get(place)).json()["items"]
        assert [(each["seq"], each["what"]) for each in lines] == [
            (1, "registered"),
            (2, "acknowledged"),
            (3, "taken_in_charge"),
            (4, "qualified"),
            (5, "reproduced"),
        ]
        assert (lines[3]["criticality"], lines[3]["essential"]) == (2, True)
        second = await portal.firm(customer_of(ticket)).get(place, params={"limit": 2})
        rest = await portal.firm(customer_of(ticket)).get(
            place, params={"limit": 2, "cursor": second.json()["next_cursor"]}
        )
        assert [each["seq"] for each in rest.json()["items"]] == [3, 4]
        staff = await portal.agent.get(f"/v1/customers/{ticket['customer_id']}{place.removeprefix('/v1')}")
        assert [each["seq"] for each in staff.json()["items"]] == [1, 2, 3, 4, 5]

    async def test_keeps_from_the_customer_what_the_publisher_notes_for_itself(self, portal: Portal) -> None:
        ticket = await taken(portal)
        async with portal.db.transaction(Scope.portal()) as tx:
            locked = await lock_ticket(tx, customer_of(ticket), UUID(ticket["ticket_id"]))
            await happened(tx, locked, Happening.note_added, None, {}, NOW)
        place = f"tickets/{ticket['ticket_id']}/history"
        own = (await portal.firm(customer_of(ticket)).get(f"/v1/{place}")).json()["items"]
        staff = (await portal.agent.get(f"/v1/customers/{ticket['customer_id']}/{place}")).json()["items"]
        assert [each["what"] for each in own] == ["registered", "acknowledged", "taken_in_charge"]
        assert [each["what"] for each in staff] == [*(each["what"] for each in own), "note_added"]
