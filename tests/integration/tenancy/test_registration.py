"""Customers and companies, as the publisher and a firm's people work with them."""

from uuid import UUID, uuid4

import pytest

from contracts.events.tenancy import (
    AccessRightsChanged,
    AdminAccessIssued,
    CompanyActivated,
    CompanyDeactivated,
    CompanyRegistered,
    CredentialIssued,
    CustomerRegistered,
    SupportPlanChanged,
)
from tests.integration.tenancy.portal import Portal, company, customer, new_siret, slug_of
from tests.support.callers import once


async def test_a_firm_is_registered_and_its_administrator_given_access(portal: Portal) -> None:
    firm = await portal.new_firm()
    assert [type(event) for event in await firm.said()] == [
        CustomerRegistered,
        CredentialIssued,
        AdminAccessIssued,
    ]
    me = (await firm.admin.get("/v1/me")).json()
    assert (me["role"], me["customer_id"], me["portal"]) == ("firm_admin", str(firm.customer_id), firm.slug)


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"professional_use": False}, 422, "professional-use-not-acknowledged"),
        ({"siret": "73282932000075"}, 422, "siret-invalid"),
        ({"address": {"postcode": "97400"}}, 422, "overseas-refused"),
        ({"address": {"postcode": "57000", "country": "BE"}}, 422, "country-refused"),
        ({"vat": "FR40303265045"}, 422, "vat-invalid"),
        ({"portal": "publisher"}, 422, "portal-address-unfit"),
        ({"term_months": 0}, 422, "input-refused"),
        ({"unknown": 1}, 422, "input-refused"),
    ],
)
async def test_a_registration_says_why_it_is_refused(
    portal: Portal, changes: dict[str, object], status: int, slug: str
) -> None:
    answer = await portal.publisher.post(
        "/v1/customers", json=customer(f"cabinet-{uuid4().hex[:8]}", **changes), headers=once()
    )
    assert (answer.status_code, slug_of(answer)) == (status, slug)


async def test_a_portal_address_is_taken_once(portal: Portal) -> None:
    firm = await portal.new_firm()
    answer = await portal.publisher.post("/v1/customers", json=customer(firm.slug), headers=once())
    assert (answer.status_code, slug_of(answer)) == (409, "portal-address-taken")


async def test_a_direct_customer_is_its_only_company(portal: Portal) -> None:
    direct = await portal.new_firm(kind="direct")
    companies = (await direct.admin.get("/v1/companies")).json()["items"]
    assert len(companies) == 1
    refused = await direct.admin.post("/v1/companies", json=company(), headers=once())
    assert (refused.status_code, slug_of(refused)) == (409, "only-its-own-company")


async def test_a_support_plan_changes_and_says_so(portal: Portal) -> None:
    firm = await portal.new_firm()
    path = f"/v1/customers/{firm.customer_id}/support-plan"
    assert (await portal.publisher.put(path, json={"plan": "private"})).status_code == 200
    again = await portal.publisher.put(path, json={"plan": "private"})
    assert (again.status_code, slug_of(again)) == (409, "same-plan")
    changed = [event for event in await firm.said() if isinstance(event, SupportPlanChanged)]
    assert [(event.previous_plan, event.plan) for event in changed] == [("open", "private")]


async def test_a_company_lives_registered_active_inactive_and_active_again(portal: Portal) -> None:
    firm = await portal.new_firm()
    path = f"/v1/companies/{await firm.new_company()}"
    for verb, state in (("activation", "active"), ("deactivation", "inactive"), ("activation", "active")):
        answer = await firm.admin.post(f"{path}/{verb}")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert slug_of(await firm.admin.post(f"{path}/activation")) == "company-already-active"
    assert [type(event) for event in await firm.said()][-4:] == [
        CompanyRegistered,
        CompanyActivated,
        CompanyDeactivated,
        CompanyActivated,
    ]


async def test_an_establishment_is_registered_once_by_a_firm_and_again_by_another(portal: Portal) -> None:
    siret = new_siret()
    one, other = await portal.new_firm(), await portal.new_firm()
    await one.new_company(siret=siret)
    again = await one.admin.post("/v1/companies", json=company(siret=siret), headers=once())
    assert (again.status_code, slug_of(again)) == (409, "siret-taken")
    await other.new_company(siret=siret)


async def test_a_creating_request_sent_twice_creates_once(portal: Portal) -> None:
    firm = await portal.new_firm()
    key, sent = once(), company()
    first, second = [await firm.admin.post("/v1/companies", json=sent, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert (await firm.admin.post("/v1/companies", json=sent)).status_code == 400


async def test_the_second_editor_learns_that_the_first_was_faster(portal: Portal) -> None:
    firm = await portal.new_firm()
    path = f"/v1/companies/{await firm.new_company()}"
    seen = (await firm.admin.get(path)).headers["etag"]
    details = {"name": "Boulangerie Duval", "postcode": "20200"}
    assert (await firm.admin.put(path, json=details)).status_code == 428
    assert (await firm.admin.put(path, json=details, headers={"If-Match": seen})).status_code == 200
    assert (await firm.admin.put(path, json=details, headers={"If-Match": seen})).status_code == 412


async def test_companies_are_found_by_name_and_by_number_page_by_page(portal: Portal) -> None:
    firm = await portal.new_firm()
    names = ["Éclair & Fils", "eclairs du Nord", "Boucherie 100%", "Zinc"]
    for name in names:
        await firm.new_company(name=name)
    found = (await firm.admin.get("/v1/companies", params={"q": "ÉCLAIR"})).json()["items"]
    assert [item["name"] for item in found] == ["Éclair & Fils", "eclairs du Nord"]
    by_number = await firm.admin.get("/v1/companies", params={"q": found[0]["siret"][:14]})
    assert [item["name"] for item in by_number.json()["items"]] == ["Éclair & Fils"]
    assert (await firm.admin.get("/v1/companies", params={"q": "%"})).json()["items"][0]["name"] == names[2]
    seen: list[str] = []
    cursor: str | None = None
    while cursor or not seen:
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await firm.admin.get("/v1/companies", params=params)).json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["Boucherie 100%", "Éclair & Fils", "eclairs du Nord", "Zinc"]


async def test_many_are_activated_item_by_item_or_all_at_once(portal: Portal) -> None:
    firm = await portal.new_firm()
    ids = [await firm.new_company() for _ in range(4)]
    await firm.admin.post(f"/v1/companies/{ids[0]}/activation")
    stranger = await (await portal.new_firm()).new_company()
    answer = await firm.admin.post(
        "/v1/companies/activations", json={"company_ids": [ids[0], ids[1], stranger]}
    )
    items = [(item["status"], item["problem"]) for item in answer.json()["items"]]
    assert (answer.status_code, items) == (
        207, [(409, "company-already-active"), (200, None), (404, "company-unknown")],
    )  # fmt: skip
    whole = await firm.admin.post("/v1/companies/activations", json={"all": True})
    assert (whole.status_code, whole.json()["changed"]) == (207, 2)
    activated = [event.company_id for event in await firm.said() if isinstance(event, CompanyActivated)]
    assert sorted(activated) == sorted(map(UUID, ids))


async def test_rights_are_settled_said_and_shown_to_the_company(portal: Portal) -> None:
    firm = await portal.new_firm()
    mine, other = await firm.new_company(), await firm.new_company()
    rights = {"offering_codes": ["devis-factures", "banque"]}
    for _ in range(2):
        settled = await firm.admin.put(f"/v1/companies/{mine}/access-rights", json=rights)
        assert settled.json()["offering_codes"] == ["banque", "devis-factures"]
    said = [event for event in await firm.said() if isinstance(event, AccessRightsChanged)]
    assert [(str(event.company_id), event.offering_codes) for event in said] == [
        (mine, ["banque", "devis-factures"])
    ]
    person = await firm.new_person("company_user", mine)
    assert (await person.get("/v1/me")).json()["offering_codes"] == ["banque", "devis-factures"]
    assert (await person.get(f"/v1/companies/{other}/access-rights")).status_code == 404
    many = await firm.admin.post(
        "/v1/companies/access-rights", json={"company_ids": [mine, other, str(uuid4())], "offering_codes": []}
    )
    assert sorted(item["status"] for item in many.json()["items"]) == [200, 200, 404]


async def test_a_companys_people_see_their_own_company_only(portal: Portal) -> None:
    firm = await portal.new_firm()
    mine, other = await firm.new_company(), await firm.new_company()
    person = await firm.new_person("company_admin", mine)
    assert [item["company_id"] for item in (await person.get("/v1/companies")).json()["items"]] == [mine]
    assert (await person.get(f"/v1/companies/{mine}")).status_code == 200
    assert (await person.get(f"/v1/companies/{other}")).status_code == 404


async def test_a_text_with_a_nul_is_refused_not_a_fault(portal: Portal) -> None:
    firm = await portal.new_firm()
    answer = await firm.admin.post("/v1/companies", json=company(name="a\x00b"), headers=once())
    assert answer.status_code == 422
