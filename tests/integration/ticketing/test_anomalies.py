"""Anomalies: how they are qualified, which clock that starts, and what answers them (13.3)."""

from datetime import datetime, timedelta

from contracts.events.ticketing import AnomalyQualified, CorrectivePlanProvided, FixProvided, TicketLeftOut
from tests.integration.ticketing.handled import HOUR, ONE, THREE, TWO, anomaly, clocks, customer_of, taken
from tests.integration.ticketing.portal import NOW, Portal, problem


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
        _, _, plan, fix = (await portal.said(customer_of(ticket)))[-4:]
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
        said = (await portal.said(customer_of(ticket)))[-1]
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
        said = (await portal.said(customer_of(ticket)))[-1]
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
        said = (await portal.said(customer_of(ticket)))[-1]
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
        said = (await portal.said(customer_of(ticket)))[-1]
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
        said = (await portal.said(customer_of(ticket)))[-1]
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
