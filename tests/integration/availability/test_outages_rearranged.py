"""Outages on record: merged, split, withdrawn, and what they are known from."""

from uuid import uuid4

from contracts.events.availability import OutageCorrected
from tests.integration.availability.outages import ago, correction, lines, post, put
from tests.integration.availability.portal import Portal, problem
from tests.support.callers import once


class TestMerging:
    async def test_makes_one_that_spans_and_leaves_the_others_to_be_read(self, portal: Portal) -> None:
        first = await portal.open_outage(starts_at=ago(50), ends_at=ago(40))
        others = [
            await portal.open_outage(starts_at=ago(start), ends_at=ago(end))
            for start, end in ((60, 50), (45, 25))
        ]
        ids = [each["outage_id"] for each in others]
        one = await post(portal, first["outage_id"], "merge", outage_ids=ids, reason="It flapped.")
        assert (one.json()["starts_at"], one.json()["ends_at"]) == (
            "2026-03-10T08:00:00Z",
            "2026-03-10T08:35:00Z",
        )
        for each in others:
            found = (await portal.operations.get(f"/v1/record/outages/{each['outage_id']}")).json()
            assert (found["state"], found["merged_into"], found["counts"]) == (
                "merged",
                first["outage_id"],
                False,
            )
            assert (found["starts_at"], found["ends_at"]) == (each["starts_at"], each["ends_at"])
            refused = await put(portal, each["outage_id"], correction(each))
            assert problem(refused)[:2] == (409, "outage-counts-no-more")
        said = [await portal.said(each) for each in (first["outage_id"], *ids)]
        assert all(isinstance(one[-1], OutageCorrected) and one[-1].change == "merged" for one in said)

    async def test_into_one_that_goes_on_goes_on(self, portal: Portal) -> None:
        goes_on = await portal.open_outage(starts_at=ago(10))
        over = await portal.open_outage(starts_at=ago(50), ends_at=ago(5))
        one = await post(
            portal, goes_on["outage_id"], "merge", outage_ids=[over["outage_id"]], reason="The same."
        )
        assert (one.json()["state"], one.json()["starts_at"]) == ("open", "2026-03-10T08:10:00Z")

    async def test_what_lies_between_counts_once_a_correction_says_why(self, portal: Portal) -> None:
        first = await portal.open_outage(starts_at=ago(50), ends_at=ago(40))
        second = await portal.open_outage(starts_at=ago(30), ends_at=ago(20))
        merging = {"outage_ids": [second["outage_id"]], "reason": "One fault."}

        refused = await post(portal, first["outage_id"], "merge", **merging)
        assert problem(refused)[:2] == (409, "outages-apart")
        assert "From 2026-03-10T08:20:00+00:00 to 2026-03-10T08:30:00+00:00" in refused.json()["detail"]

        longer = correction(first, ends_at=ago(30), reason="No log-in succeeded before half past.")
        assert (await put(portal, first["outage_id"], longer)).status_code == 200
        one = (await post(portal, first["outage_id"], "merge", **merging)).json()

        assert (one["starts_at"], one["ends_at"]) == ("2026-03-10T08:10:00Z", "2026-03-10T08:40:00Z")
        told = [(line["change"], line["reason"]) for line in await lines(portal, first["outage_id"])]
        assert told[1:] == [
            ("corrected", "No log-in succeeded before half past."),
            ("took_in", "One fault."),
        ]

    async def test_what_differs_goes_on_or_is_not_there_is_refused(self, portal: Portal) -> None:
        customer, code = await portal.new_customer(), await portal.new_offering()
        target = (await portal.open_outage(ends_at=ago(30)))["outage_id"]

        async def refusal(*ids: str) -> tuple[int, str]:
            return problem(await post(portal, target, "merge", outage_ids=ids, reason="Why not."))[:2]

        for changes in ({"customer_ids": [str(customer)]}, {"offering_code": code}, {"environment": "test"}):
            other = await portal.open_outage(ends_at=ago(30), **changes)
            assert await refusal(other["outage_id"]) == (409, "outages-not-alike")
        goes_on = await portal.open_outage()
        assert await refusal(goes_on["outage_id"]) == (409, "outage-still-open")
        assert await refusal(target) == (422, "outage-named-twice")
        assert await refusal(goes_on["outage_id"], goes_on["outage_id"]) == (422, "outage-named-twice")
        assert await refusal(str(uuid4())) == (404, "outage-unknown")


class TestSplitting:
    async def test_makes_two_that_touch(self, portal: Portal) -> None:
        customer = await portal.new_customer()
        made = await portal.open_outage(customer_ids=[str(customer)])
        answer = await post(portal, made["outage_id"], "split", at=ago(20), reason="Two causes.")
        first, second = answer.json()["first"], answer.json()["second"]
        assert (first["state"], first["ends_at"]) == ("ended", "2026-03-10T08:40:00Z")
        assert (second["state"], second["starts_at"], second["revision"]) == (
            "open",
            "2026-03-10T08:40:00Z",
            1,
        )
        assert first["outage_id"] == made["outage_id"]
        listed = (await portal.firm(customer).get("/v1/outages?state=open")).json()["items"]
        assert second["outage_id"] in {each["outage_id"] for each in listed}
        (line,) = await lines(portal, second["outage_id"])
        assert (line["change"], line["before"]) == ("split_off", {"outage_id": first["outage_id"]})
        for half in (first, second):
            said = (await portal.said(half["outage_id"]))[-1]
            assert isinstance(said, OutageCorrected)
            assert said.change == "split"

    async def test_outside_of_it_is_refused(self, portal: Portal) -> None:
        made = await portal.open_outage(ends_at=ago(30))
        for at in (ago(60), ago(30), ago(10), ago(90)):
            answer = await post(portal, made["outage_id"], "split", at=at, reason="Two causes.")
            assert problem(answer)[:2] == (422, "split-outside-outage")


async def test_a_withdrawn_outage_counts_for_nothing_and_stays(portal: Portal) -> None:
    made = await portal.open_outage()
    gone = await post(portal, made["outage_id"], "withdrawal", reason="The probe was wrong.")
    assert (gone.json()["state"], gone.json()["counts"]) == ("withdrawn", False)
    again = await post(portal, made["outage_id"], "withdrawal", reason="Once more.")
    assert problem(again)[:2] == (409, "outage-counts-no-more")
    assert (await lines(portal, made["outage_id"]))[-1]["reason"] == "The probe was wrong."
    said = (await portal.said(made["outage_id"]))[-1]
    assert isinstance(said, OutageCorrected)
    assert said.change == "withdrawn"


async def test_evidence_is_added_to_and_read_page_by_page(portal: Portal) -> None:
    made = await portal.open_outage()
    path = f"/v1/record/outages/{made['outage_id']}/evidence"
    for text in ("The operator called.", "It is their router."):
        added = await portal.operations.post(path, json={"text": text}, headers=once())
        assert added.status_code == 201
    first = (await portal.operations.get(f"{path}?limit=2")).json()
    rest = (await portal.operations.get(f"{path}?cursor={first['next_cursor']}")).json()
    texts = [each["content"]["text"] for each in first["items"] + rest["items"]]
    assert texts == ["Calls to support since ten.", "The operator called.", "It is their router."]
    unknown = await portal.operations.post(
        f"/v1/record/outages/{uuid4()}/evidence", json={"text": "x"}, headers=once()
    )
    assert problem(unknown)[:2] == (404, "outage-unknown")
