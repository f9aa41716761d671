"""What changes leaves in the trail what it was and what it became; a refused deed leaves nothing."""

from typing import Any

from tests.integration.tenancy.portal import Firm, Portal


async def only(firm: Firm, action: str) -> dict[str, Any]:
    """The one line of the firm's trail with this action."""
    (line,) = (await firm.admin.get("/v1/audit", params={"action": action})).json()["items"]
    found: dict[str, Any] = line
    return found


async def test_a_customers_trail_begins_with_its_registration(portal: Portal) -> None:
    firm = await portal.new_firm()
    line = await only(firm, "register_customer")
    assert (line["customer_id"], line["role"]) == (str(firm.customer_id), "publisher_admin")


async def test_a_support_plan(portal: Portal) -> None:
    firm = await portal.new_firm()
    path = f"/v1/customers/{firm.customer_id}/support-plan"
    for plan in ("private", "private"):
        await portal.publisher.put(path, json={"plan": plan})
    line = await only(firm, "change_support_plan")
    assert (line["before"], line["after"]) == ({"plan": "open"}, {"plan": "private"})


async def test_a_company_from_its_correction_to_its_deactivation(portal: Portal) -> None:
    firm = await portal.new_firm()
    company = await firm.new_company(name="Boulangerie Martin", postcode="57000")
    path = f"/v1/companies/{company}"
    details = {"name": "Boulangerie Duval", "postcode": "57000", "city": "Metz"}
    stale = await firm.admin.put(path, json=details, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert (await firm.admin.put(path, json=details, headers={"If-Match": '"1"'})).status_code == 200
    for verb in ("activation", "activation", "deactivation"):
        await firm.admin.post(f"{path}/{verb}")
    told = {
        action: (line["before"], line["after"], line["company_id"], line["subject"])
        for action in ("correct_company", "activate_company", "deactivate_company")
        if (line := await only(firm, action))
    }
    assert told == {
        "correct_company": ({"name": "Boulangerie Martin"}, {"name": details["name"]}, company, company),
        "activate_company": ({"state": "registered"}, {"state": "active"}, company, company),
        "deactivate_company": ({"state": "active"}, {"state": "inactive"}, company, company),
    }


async def test_access_rights(portal: Portal) -> None:
    firm = await portal.new_firm()
    company = await firm.new_company()
    path = f"/v1/companies/{company}/access-rights"
    for codes in (["ged"], ["banque", "ged"]):
        await firm.admin.put(path, json={"offering_codes": codes})
    lines = (await firm.admin.get("/v1/audit", params={"action": "settle_access_rights"})).json()["items"]
    assert [(line["before"]["offering_codes"], line["after"]["offering_codes"]) for line in lines] == [
        (["ged"], ["banque", "ged"]),
        ([], ["ged"]),
    ]
