"""What is published and shown: to the publisher, to a firm, to a company by its rights; and to no other."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Scope
from contracts.events import Event, decode
from contracts.events.catalog import DemonstrationEnded, ServiceActivated, ServicePublished, ServiceWithdrawn
from contracts.events.tenancy import AccessRightsChanged
from services.catalog.resync import resync
from tests.integration.catalog.portal import NOW, TERMS, Portal
from tests.support.callers import once
from tests.support.served import problem


async def shown_to(client: httpx.AsyncClient) -> dict[str, dict[str, object]]:
    """The catalogue as a caller sees it, read to its end."""
    seen: dict[str, dict[str, object]] = {}
    cursor = ""
    while True:
        page = (await client.get(f"/v1/catalogue?limit=5{cursor}")).json()
        seen |= {item["code"]: item for item in page["items"]}
        if page["next_cursor"] is None:
            return seen
        cursor = f"&cursor={page['next_cursor']}"


async def give_rights(
    portal: Portal, customer: UUID, company: UUID, codes: list[str], minute: int = 0
) -> None:
    """A firm gives its company the right to see these services."""
    at = NOW + timedelta(minutes=minute)
    await portal.hear(
        AccessRightsChanged(customer_id=customer, company_id=company, offering_codes=codes, changed_at=at)
    )


class TestPublishing:
    async def test_a_custom_development_is_refused(self, portal: Portal) -> None:
        offering = {"code": "made-for-one", "name": "Spécifique", "collaborative": False}
        answer = await portal.publisher.post(
            "/v1/offerings", json=offering | {"custom_development": True}, headers=once()
        )
        assert problem(answer) == (422, "custom-development-excluded", "4-d")

    async def test_a_code_is_used_once(self, portal: Portal) -> None:
        code = await portal.publish()
        offering = {"code": code, "name": "Another", "collaborative": False}
        answer = await portal.publisher.post("/v1/offerings", json=offering, headers=once())
        assert problem(answer)[:2] == (409, "offering-code-taken")

    async def test_two_versions_of_one_kind_of_terms_are_not_in_force_together(self, portal: Portal) -> None:
        offering = {"code": "x", "name": "X", "collaborative": False}
        answer = await portal.publisher.post(
            "/v1/offerings",
            json=offering | {"stricter_terms": [TERMS, TERMS | {"version": 2}]},
            headers=once(),
        )
        assert answer.status_code == 422

    async def test_published_terms_keep_their_text(self, portal: Portal) -> None:
        code = await portal.publish(stricter_terms=[TERMS])
        wording = {"name": "Devis", "stricter_terms": [TERMS | {"text": "Less."}]}
        answer = await portal.publisher.put(
            f"/v1/offerings/{code}", json=wording, headers={"If-Match": '"1"'}
        )
        assert problem(answer) == (409, "terms-version-reused", "4-e")

    async def test_the_second_of_two_editors_is_told(self, portal: Portal) -> None:
        code = await portal.publish()
        path, wording = f"/v1/offerings/{code}", {"name": "Devis"}
        assert (await portal.publisher.put(path, json=wording)).status_code == 428
        first = await portal.publisher.put(path, json=wording, headers={"If-Match": '"1"'})
        second = await portal.publisher.put(path, json=wording, headers={"If-Match": '"1"'})
        assert (first.status_code, first.headers["ETag"], second.status_code) == (200, '"2"', 412)

    async def test_is_the_publishers_alone(self, portal: Portal) -> None:
        customer, _ = await portal.new_firm(0)
        offering = {"code": "mine", "name": "Mine", "collaborative": False}
        answer = await portal.firm(customer).post("/v1/offerings", json=offering, headers=once())
        assert answer.status_code == 403

    async def test_and_withdrawal_are_said(self, portal: Portal) -> None:
        code = await portal.publish(collaborative=True, essential_features=["create a quote"])
        await portal.publisher.post(
            f"/v1/offerings/{code}/withdrawal", json={"ends_on": "2026-03-31"}, headers={"If-Match": '"1"'}
        )
        async with portal.db.transaction(Scope.machine()) as tx:
            rows = await tx.fetch_all(text("SELECT type, key, data FROM outbox ORDER BY id"))
        said = [(row.key, decode(row.type, row.data.encode())) for row in rows if code in row.data]
        assert [(key, type(event)) for key, event in said] == [
            ("portal", ServicePublished),
            ("portal", ServiceWithdrawn),
        ]
        published = said[0][1]
        assert isinstance(published, ServicePublished)
        assert published.essential_features == ["create a quote"]


class TestWhatAPortalShows:
    async def test_a_firm_sees_all_of_it_and_what_it_shows(self, portal: Portal) -> None:
        customer, _ = await portal.new_firm(0)
        one, other = await portal.publish(stricter_terms=[TERMS]), await portal.publish()
        seen = await shown_to(portal.firm(customer))
        assert seen[one]["shown"]
        assert seen[other]["shown"]
        assert seen[one]["to_acknowledge"] == [{"kind": "backup", "version": 1}]
        firm = portal.firm(customer)
        before = await firm.get("/v1/catalogue/selection")
        assert before.json() == {"offering_codes": None}
        chosen = await firm.put(
            "/v1/catalogue/selection",
            json={"offering_codes": [one]},
            headers={"If-Match": before.headers["ETag"]},
        )
        assert chosen.status_code == 200
        stale = await firm.put(
            "/v1/catalogue/selection",
            json={"offering_codes": [other]},
            headers={"If-Match": before.headers["ETag"]},
        )
        assert stale.status_code == 412
        seen = await shown_to(firm)
        assert (seen[one]["shown"], seen[other]["shown"]) == (True, False)

    async def test_a_company_sees_what_is_shown_and_its_firm_lets_it_see(self, portal: Portal) -> None:
        customer, (company,) = await portal.new_firm()
        codes = [await portal.publish() for _ in range(3)]
        theirs = portal.of(Role.company_user, customer, company)
        assert await shown_to(theirs) == {}
        await give_rights(portal, customer, company, codes[:2])
        assert set(await shown_to(theirs)) == set(codes[:2])
        await portal.firm(customer).put(
            "/v1/catalogue/selection", json={"offering_codes": codes[1:]}, headers={"If-Match": '"0"'}
        )
        assert set(await shown_to(theirs)) == {codes[1]}
        await portal.activate(customer, codes[1], company)
        assert (await shown_to(theirs))[codes[1]]["state"] == "active"

    async def test_older_rights_do_not_come_back(self, portal: Portal) -> None:
        customer, (company,) = await portal.new_firm()
        code = await portal.publish()
        await give_rights(portal, customer, company, [code], minute=2)
        await give_rights(portal, customer, company, [], minute=1)
        assert set(await shown_to(portal.of(Role.company_user, customer, company))) == {code}

    async def test_an_unknown_service_cannot_be_chosen(self, portal: Portal) -> None:
        customer, _ = await portal.new_firm(0)
        answer = await portal.firm(customer).put(
            "/v1/catalogue/selection", json={"offering_codes": ["nothing"]}, headers={"If-Match": '"0"'}
        )
        assert problem(answer)[:2] == (404, "offering-unknown")


class TestIsolation:
    @pytest.fixture
    async def foreign(self, portal: Portal) -> tuple[UUID, UUID, str]:
        """Another firm, its company and an activation there."""
        customer, (company,) = await portal.new_firm()
        answer = await portal.activate(customer, await portal.publish(), company)
        return customer, company, answer.json()["activation_id"]

    async def test_anothers_activation_is_not_there(
        self, portal: Portal, foreign: tuple[UUID, UUID, str]
    ) -> None:
        customer, (company,) = await portal.new_firm()
        firm, (theirs, their_company, activation) = portal.firm(customer), foreign
        for answer in (
            await firm.get(f"/v1/activations/{activation}"),
            await firm.post(f"/v1/activations/{activation}/deactivation"),
            await portal.of(Role.company_admin, customer, company).get(f"/v1/activations/{activation}"),
            await portal.of(Role.support_agent).post(
                f"/v1/customers/{customer}/activations/{activation}/confirmation"
            ),
        ):
            assert problem(answer)[:2] == (404, "activation-unknown")
        listed = await firm.get(f"/v1/activations?company_id={their_company}")
        assert problem(listed)[:2] == (404, "catalogue-company-unknown")
        assert (await portal.of(Role.billing).get(f"/v1/customers/{theirs}/activations")).json()["items"]

    async def test_a_company_sees_its_own_only(self, portal: Portal) -> None:
        customer, (mine, sister) = await portal.new_firm(2)
        code = await portal.publish()
        await portal.activate(customer, code, mine)
        other = (await portal.activate(customer, code, sister)).json()["activation_id"]
        user = portal.of(Role.company_user, customer, mine)
        listed = (await user.get("/v1/activations")).json()["items"]
        assert [item["company_id"] for item in listed] == [str(mine)]
        assert (await user.get(f"/v1/activations?company_id={sister}")).status_code == 404
        assert (await user.get(f"/v1/activations/{other}")).status_code == 404


async def test_two_at_once_activate_once_and_end_the_demonstration_once(portal: Portal) -> None:
    customer, companies = await portal.new_firm(4)
    code = await portal.publish(collaborative=True)
    answers = await asyncio.gather(
        *(portal.activate(customer, code, company) for company in [*companies, *companies])
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [201] * 4
    said = [type(event) for event in await portal.said(customer)]
    assert (said.count(ServiceActivated), said.count(DemonstrationEnded)) == (4, 1)


async def test_a_resync_says_all_that_was_said(portal: Portal) -> None:
    customer, companies = await portal.new_firm(2)
    code = await portal.publish(collaborative=True)
    for company in companies:
        answer = await portal.activate(customer, code, company)
    await portal.firm(customer).post(f"/v1/activations/{answer.json()['activation_id']}/deactivation")
    async with portal.db.transaction(Scope.portal()) as tx:
        again: list[Event] = [event async for event in resync(tx)]
    ours = [event for event in again if getattr(event, "customer_id", None) == customer]
    said = await portal.said(customer)
    assert sorted(ours, key=repr) == sorted(said, key=repr)
    assert any(isinstance(one, ServicePublished) and one.offering_code == code for one in again)
