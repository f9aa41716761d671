"""Activating: for a company, for the customer, for many; what is refused, recorded and said."""

from datetime import timedelta
from uuid import UUID, uuid4

from chassis.auth import Role
from contracts.events.catalog import DemonstrationEnded, ServiceActivated
from contracts.events.tenancy import CompanyActivated, CompanyDeactivated
from tests.integration.catalog.portal import NAMED, NOW, TERMS, Portal
from tests.support.callers import once
from tests.support.served import problem


async def test_a_company_gets_a_service_and_it_is_said_who_and_when(portal: Portal) -> None:
    customer, (company,) = await portal.new_firm()
    code = await portal.publish()
    answer = await portal.activate(customer, code, company)
    shown = answer.json()
    assert (answer.status_code, shown["state"], shown["offering_code"]) == (201, "active", code)
    (said,) = await portal.said(customer)
    assert isinstance(said, ServiceActivated)
    assert (said.company_id, said.key(), said.activation_id) == (
        company,
        str(company),
        UUID(shown["activation_id"]),
    )
    assert answer.headers["Livret-After"].startswith("livret.catalog.ServiceActivated.v1/")
    read = await portal.firm(customer).get(f"/v1/activations/{shown['activation_id']}")
    assert read.json() == shown
    assert shown["activated_by"]
    assert shown["activated_at"].startswith("2026-03-10T09:0")


async def test_activating_twice_changes_nothing(portal: Portal) -> None:
    customer, (company,) = await portal.new_firm()
    code = await portal.publish()
    first = await portal.activate(customer, code, company)
    second = await portal.activate(customer, code, company)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(await portal.said(customer)) == 1


async def test_the_customer_itself_gets_a_service_under_its_own_key(portal: Portal) -> None:
    customer, _ = await portal.new_firm()
    code = await portal.publish()
    assert (await portal.activate(customer, code)).status_code == 201
    assert (await portal.activate(customer, code)).status_code == 200
    (said,) = await portal.said(customer)
    assert said.key() == str(customer)


class TestStricterTerms:
    async def test_are_shown_and_acknowledged_before_activation(self, portal: Portal) -> None:
        customer, (company,) = await portal.new_firm()
        code = await portal.publish(stricter_terms=[TERMS])
        refused = await portal.activate(customer, code, company)
        assert problem(refused) == (409, "terms-not-acknowledged", "4-e")
        assert str(TERMS["text"]) in refused.json()["detail"]
        assert refused.json()["article"] == "4"
        assert await portal.said(customer) == []
        assert (await portal.activate(customer, code, company, [NAMED])).status_code == 201

    async def test_are_acknowledged_once_by_version(self, portal: Portal) -> None:
        customer, companies = await portal.new_firm(3)
        code = await portal.publish(stricter_terms=[TERMS])
        assert (await portal.activate(customer, code, companies[0], [NAMED])).status_code == 201
        assert (await portal.activate(customer, code, companies[1])).status_code == 201
        newer = {"name": "Devis", "stricter_terms": [TERMS | {"version": 2, "text": "Twenty days."}]}
        read = await portal.publisher.get(f"/v1/offerings/{code}")
        reworded = await portal.publisher.put(
            f"/v1/offerings/{code}", json=newer, headers={"If-Match": read.headers["ETag"]}
        )
        assert reworded.status_code == 200
        refused = await portal.activate(customer, code, companies[2])
        assert problem(refused) == (409, "terms-not-acknowledged", "4-e")
        unknown = await portal.activate(customer, code, companies[2], [NAMED])
        assert problem(unknown) == (422, "terms-unknown", "4-e")

    async def test_of_one_customer_are_not_acknowledged_for_another(self, portal: Portal) -> None:
        first, (one,) = await portal.new_firm()
        second, (other,) = await portal.new_firm()
        code = await portal.publish(stricter_terms=[TERMS])
        assert (await portal.activate(first, code, one, [NAMED])).status_code == 201
        assert problem(await portal.activate(second, code, other))[1] == "terms-not-acknowledged"


class TestRefused:
    async def test_an_unknown_service(self, portal: Portal) -> None:
        customer, (company,) = await portal.new_firm()
        refused = await portal.activate(customer, "no-such-thing", company)
        assert problem(refused)[:2] == (404, "offering-unknown")

    async def test_a_withdrawn_service(self, portal: Portal) -> None:
        customer, (company,) = await portal.new_firm()
        code = await portal.publish()
        await portal.publisher.post(
            f"/v1/offerings/{code}/withdrawal", json={"ends_on": "2026-06-30"}, headers={"If-Match": '"1"'}
        )
        assert problem(await portal.activate(customer, code, company)) == (409, "offering-withdrawn", "3-d")

    async def test_a_company_not_active_or_not_there(self, portal: Portal) -> None:
        customer, (company,) = await portal.new_firm()
        code = await portal.publish()
        await portal.hear(
            CompanyDeactivated(
                customer_id=customer, company_id=company, deactivated_at=NOW + timedelta(seconds=1)
            )
        )
        assert problem(await portal.activate(customer, code, company))[:2] == (409, "company-inactive")
        absent = await portal.activate(customer, code, uuid4())
        assert problem(absent)[:2] == (404, "catalogue-company-unknown")
        await portal.hear(
            CompanyActivated(
                customer_id=customer, company_id=company, activated_at=NOW + timedelta(seconds=2)
            )
        )
        assert (await portal.activate(customer, code, company)).status_code == 201

    async def test_another_customers_company(self, portal: Portal) -> None:
        customer, _ = await portal.new_firm()
        _, (foreign,) = await portal.new_firm()
        code = await portal.publish()
        refused = await portal.activate(customer, code, foreign)
        assert problem(refused)[:2] == (404, "catalogue-company-unknown")

    async def test_without_an_idempotency_key(self, portal: Portal) -> None:
        customer, (company,) = await portal.new_firm()
        order = {"offering_code": "x", "company_id": str(company)}
        assert (await portal.firm(customer).post("/v1/activations", json=order)).status_code == 400

    async def test_a_collaborators_wish_to_spend(self, portal: Portal) -> None:
        customer, (company,) = await portal.new_firm()
        order = {"offering_code": "x", "company_id": str(company)}
        collaborator = portal.of(Role.firm_collaborator, customer)
        assert (await collaborator.post("/v1/activations", json=order, headers=once())).status_code == 403


class TestMany:
    async def test_each_company_has_its_answer(self, portal: Portal) -> None:
        customer, companies = await portal.new_firm(3)
        _, (foreign,) = await portal.new_firm()
        code = await portal.publish()
        await portal.activate(customer, code, companies[1])
        wanted = [*companies, foreign]
        answer = await portal.firm(customer).post(
            "/v1/activation-batches",
            json={"offering_code": code, "company_ids": [str(one) for one in wanted]},
            headers=once(),
        )
        batch = answer.json()
        assert answer.status_code == 207
        assert [item["status"] for item in batch["items"]] == [201, 200, 201, 404]
        assert [item["id"] for item in batch["items"]] == [str(one) for one in wanted]
        assert (batch["changed"], batch["unchanged"], batch["refused"]) == (2, 1, 1)
        assert batch["items"][3]["problem"]["type"].endswith("company-unknown")
        assert len(await portal.said(customer)) == 3

    async def test_all_active_companies_at_once(self, portal: Portal) -> None:
        customer, companies = await portal.new_firm(4)
        code = await portal.publish()
        await portal.hear(
            CompanyDeactivated(
                customer_id=customer, company_id=companies[0], deactivated_at=NOW + timedelta(seconds=1)
            )
        )
        order = {"offering_code": code, "all_active_companies": True}
        answer = await portal.firm(customer).post("/v1/activation-batches", json=order, headers=once())
        assert (answer.status_code, answer.json()["changed"]) == (207, 3)
        listed = await portal.firm(customer).get(f"/v1/activations?offering_code={code}&limit=2")
        rest = await portal.firm(customer).get(
            f"/v1/activations?offering_code={code}&limit=2&cursor={listed.json()['next_cursor']}"
        )
        ids = {item["company_id"] for item in listed.json()["items"] + rest.json()["items"]}
        assert ids == {str(one) for one in companies[1:]}
        assert rest.json()["next_cursor"] is None

    async def test_ten_thousand_are_one_request(self, portal: Portal) -> None:
        customer, _ = await portal.new_firm(0)
        companies = [str(uuid4()) for _ in range(10_000)]
        code = await portal.publish()
        order = {"offering_code": code, "company_ids": companies}
        answer = await portal.firm(customer).post("/v1/activation-batches", json=order, headers=once())
        assert (answer.status_code, answer.json()["refused"]) == (207, 10_000)
        order["company_ids"] = [*companies, str(uuid4())]
        answer = await portal.firm(customer).post("/v1/activation-batches", json=order, headers=once())
        assert answer.status_code == 422

    async def test_a_company_named_twice_is_a_mistake(self, portal: Portal) -> None:
        customer, (company,) = await portal.new_firm()
        order = {"offering_code": await portal.publish(), "company_ids": [str(company)] * 2}
        answer = await portal.firm(customer).post("/v1/activation-batches", json=order, headers=once())
        assert problem(answer)[:2] == (422, "named-twice")


class TestTheDemonstration:
    async def test_ends_once_with_the_first_collaborative_service_of_a_company(self, portal: Portal) -> None:
        customer, companies = await portal.new_firm(2)
        plain, collaborative = await portal.publish(), await portal.publish(collaborative=True)
        await portal.activate(customer, plain, companies[0])
        await portal.activate(customer, collaborative)
        state = await portal.firm(customer).get("/v1/demonstration")
        assert state.json()["ended_at"] is None
        answer = await portal.activate(customer, collaborative, companies[0])
        assert (await portal.activate(customer, collaborative, companies[1])).status_code == 201
        ends = [event for event in await portal.said(customer) if isinstance(event, DemonstrationEnded)]
        assert [(end.offering_code, end.company_id) for end in ends] == [(collaborative, companies[0])]
        state = await portal.firm(customer).get("/v1/demonstration")
        assert state.json()["ended_at"] == answer.json()["activated_at"]

    async def test_of_a_direct_customer_ends_with_its_own_use(self, portal: Portal) -> None:
        customer, _ = await portal.new_firm(0, kind="direct")
        await portal.activate(customer, await portal.publish(collaborative=True))
        (_, ended) = await portal.said(customer)
        assert isinstance(ended, DemonstrationEnded)
        assert ended.company_id is None
