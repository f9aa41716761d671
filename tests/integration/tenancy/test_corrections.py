"""A customer corrected, its companies read by the staff, rights settled for all companies at once."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.db import Scope
from contracts.events.tenancy import AccessRightsChanged, CompanyRegistered, CustomerRegistered
from tests.integration.tenancy.portal import Firm, Portal, new_siret, slug_of
from tests.support.callers import once


def _identity(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Cabinet Moreau et fille",
        "siret": "73282932000074",
        "vat": "FR44732829320",
        "address": {"street": "3 quai Vauban", "postcode": "20200", "city": "Bastia"},
    } | changes


async def _corrected(firm: Firm, tag: str | None = None, **changes: Any) -> httpx.Response:
    path = f"/v1/customers/{firm.customer_id}"
    seen = tag or (await firm.portal.publisher.get(path)).headers["ETag"]
    return await firm.portal.publisher.put(path, json=_identity(**changes), headers={"If-Match": seen})


class TestCorrectingACustomer:
    async def test_its_identity_and_address_are_the_new_ones(self, portal: Portal) -> None:
        firm = await portal.new_firm()
        answer = await _corrected(firm)
        assert answer.status_code == 200, answer.text
        shown = (await portal.publisher.get(f"/v1/customers/{firm.customer_id}")).json()
        assert shown == answer.json()
        told = ("name", "siret", "vat", "street", "postcode", "city", "portal")
        assert [shown[name] for name in told] == [
            "Cabinet Moreau et fille",
            "73282932000074",
            "FR44732829320",
            "3 quai Vauban",
            "20200",
            "Bastia",
            firm.slug,
        ]

    @pytest.mark.parametrize(
        ("changes", "slug"),
        [
            ({"address": {"postcode": "97400"}}, "overseas-refused"),
            ({"address": {"postcode": "57000", "country": "BE"}}, "country-refused"),
            ({"siret": "73282932000075"}, "siret-invalid"),
            ({"vat": "FR40303265045"}, "vat-invalid"),
            ({"name": " "}, "name-missing"),
            ({"support_plan": "private"}, "input-refused"),
        ],
    )
    async def test_it_is_held_to_what_a_registration_is(
        self, portal: Portal, changes: dict[str, Any], slug: str
    ) -> None:
        firm = await portal.new_firm()
        before = (await portal.publisher.get(f"/v1/customers/{firm.customer_id}")).json()
        answer = await _corrected(firm, **changes)
        assert (answer.status_code, slug_of(answer)) == (422, slug)
        assert (await portal.publisher.get(f"/v1/customers/{firm.customer_id}")).json() == before

    async def test_the_second_of_two_learns_that_the_first_was_faster(self, portal: Portal) -> None:
        firm = await portal.new_firm()
        path = f"/v1/customers/{firm.customer_id}"
        seen = (await portal.publisher.get(path)).headers["ETag"]
        assert (await _corrected(firm, seen)).status_code == 200
        assert (await _corrected(firm, seen)).status_code == 412
        assert (await portal.publisher.put(path, json=_identity())).status_code == 428

    async def test_the_trail_tells_what_changed_and_nothing_else(self, portal: Portal) -> None:
        firm = await portal.new_firm()
        await _corrected(firm)
        await _corrected(firm, name="Cabinet Colin")
        async with portal.db.transaction(Scope.portal()) as tx:
            line = (
                await tx.fetch_all(
                    text(
                        "SELECT before, after FROM audit_trail WHERE action = 'correct_customer'"
                        " AND customer_id = :customer_id ORDER BY at DESC LIMIT 1"
                    ),
                    {"customer_id": firm.customer_id},
                )
            )[0]
        assert line.before == {"name": "Cabinet Moreau et fille"}
        assert line.after == {"name": "Cabinet Colin"}

    async def test_others_hear_of_another_name_and_of_nothing_else(self, portal: Portal) -> None:
        firm = await portal.new_firm()
        await portal.publisher.put(f"/v1/customers/{firm.customer_id}/support-plan", json={"plan": "private"})
        first = next(event for event in await firm.said() if isinstance(event, CustomerRegistered))
        await _corrected(firm)
        await _corrected(firm, address={"postcode": "57000"})
        said = [event for event in await firm.said() if isinstance(event, CustomerRegistered)]
        changed = {"name": "Cabinet Moreau et fille", "support_plan": "private"}
        assert said == [first, first.model_copy(update=changed)]

    async def test_a_direct_customers_only_company_is_corrected_with_it(self, portal: Portal) -> None:
        direct = await portal.new_firm(kind="direct")
        await _corrected(direct)
        (own,) = (await direct.admin.get("/v1/companies")).json()["items"]
        assert (own["siret"], own["name"], own["city"]) == (
            "73282932000074",
            "Cabinet Moreau et fille",
            "Bastia",
        )
        told = [event for event in await direct.said() if isinstance(event, CompanyRegistered)]
        assert [event.siret for event in told][1:] == ["73282932000074"]


async def test_others_hear_of_a_companys_other_name(portal: Portal) -> None:
    firm = await portal.new_firm()
    path = f"/v1/companies/{await firm.new_company(name='Boulangerie Martin')}"
    for name in ("Boulangerie Martin", "Boulangerie Colin"):
        sent = {"name": name, "postcode": "57000", "city": "Nancy"}
        await firm.admin.put(path, json=sent, headers={"If-Match": "*"})
    told = [event.name for event in await firm.said() if isinstance(event, CompanyRegistered)]
    assert told == ["Boulangerie Martin", "Boulangerie Colin"]


class TestTheStaffReadsAFirmsCompanies:
    async def test_by_name_and_one(self, portal: Portal) -> None:
        firm, other = await portal.new_firm(), await portal.new_firm()
        first = await firm.new_company(name="Atelier Inès")
        await firm.new_company(name="Garage du Pont")
        strange = await other.new_company()
        path = f"/v1/customers/{firm.customer_id}/companies"
        listed = (await portal.publisher.get(path)).json()["items"]
        assert [item["name"] for item in listed] == ["Atelier Inès", "Garage du Pont"]
        found = (await portal.publisher.get(path, params={"q": "atelier"})).json()["items"]
        assert [item["company_id"] for item in found] == [first]
        assert (await portal.publisher.get(f"{path}/{first}")).json() == found[0]
        for place in (f"{path}/{strange}", f"/v1/customers/{uuid4()}/companies"):
            assert (await portal.publisher.get(place)).status_code == 404


class TestRightsOfManyCompanies:
    async def test_of_all_the_answer_counts_those_that_had_others(self, portal: Portal) -> None:
        firm, other = await portal.new_firm(), await portal.new_firm()
        strange = await other.new_company()
        ids = [await firm.new_company() for _ in range(3)]
        await firm.admin.put(
            f"/v1/companies/{ids[0]}/access-rights", json={"offering_codes": ["devis", "banque"]}
        )
        sent = {"offering_codes": ["banque", "devis"], "all": True}
        answer = await firm.admin.post("/v1/companies/access-rights", json=sent)
        assert (answer.status_code, answer.json()) == (207, {"changed": 2, "items": []})
        for company_id in ids:
            shown = (await firm.admin.get(f"/v1/companies/{company_id}/access-rights")).json()
            assert shown["offering_codes"] == ["banque", "devis"]
        told = [event for event in await firm.said() if isinstance(event, AccessRightsChanged)]
        assert [event.company_id for event in told] == [UUID(ids[0]), *sorted(map(UUID, ids[1:]))]
        assert not [event for event in await other.said() if isinstance(event, AccessRightsChanged)]
        untouched = (await other.admin.get(f"/v1/companies/{strange}/access-rights")).json()
        assert untouched["offering_codes"] == []

    async def test_all_may_lose_all(self, portal: Portal) -> None:
        firm = await portal.new_firm()
        company_id = await firm.new_company()
        for codes in (["banque"], []):
            sent = {"offering_codes": codes, "all": True}
            assert (await firm.admin.post("/v1/companies/access-rights", json=sent)).json()["changed"] == 1
        shown = (await firm.admin.get(f"/v1/companies/{company_id}/access-rights")).json()
        assert shown["offering_codes"] == []

    async def test_named_ones_are_answered_one_by_one(self, portal: Portal) -> None:
        firm = await portal.new_firm()
        known, unknown = await firm.new_company(), str(uuid4())
        sent = {"offering_codes": ["banque"], "company_ids": [known, unknown]}
        answer = (await firm.admin.post("/v1/companies/access-rights", json=sent)).json()
        assert answer["changed"] == 1
        assert {item["company_id"]: item["status"] for item in answer["items"]} == {known: 200, unknown: 404}

    async def test_some_or_all_are_to_be_said(self, portal: Portal) -> None:
        firm = await portal.new_firm()
        known = await firm.new_company()
        for choice in ({}, {"company_ids": [known], "all": True}):
            sent = {"offering_codes": ["banque"], **choice}
            answer = await firm.admin.post("/v1/companies/access-rights", json=sent)
            assert (answer.status_code, slug_of(answer)) == (422, "input-refused")


@pytest.mark.parametrize("path", ["/v1/staff", "/v1/customers/{customer_id}/people"])
async def test_a_company_is_nothing_to_say_of_the_publishers_or_an_administrator(
    portal: Portal, path: str
) -> None:
    firm = await portal.new_firm()
    sent = {"name": "Ada", "role": "company_admin", "company_id": await firm.new_company(siret=new_siret())}
    answer = await portal.publisher.post(path.format(customer_id=firm.customer_id), json=sent, headers=once())
    assert (answer.status_code, slug_of(answer)) == (422, "input-refused")
