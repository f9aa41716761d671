"""What changes in the catalogue leaves in the trail what it was and what it became."""

from typing import Any

import httpx

from tests.integration.catalog.portal import Portal


async def lines(client: httpx.AsyncClient, **asked: str) -> list[tuple[Any, Any]]:
    """Before and after of the lines asked for, the newest first."""
    items = (await client.get("/v1/audit", params=asked)).json()["items"]
    return [(line["before"], line["after"]) for line in items]


async def test_a_selection(portal: Portal) -> None:
    customer, _ = await portal.new_firm()
    one, other = sorted([await portal.publish(), await portal.publish()])
    firm = portal.firm(customer)
    for codes in ([one], [one, other]):
        sent = {"offering_codes": codes}
        await firm.put("/v1/catalogue/selection", json=sent, headers={"If-Match": "*"})
    assert await lines(firm, action="choose_selection") == [
        ({"offering_codes": [one]}, {"offering_codes": [one, other]}),
        ({"offering_codes": None}, {"offering_codes": [one]}),
    ]


async def test_an_offering_reworded_and_withdrawn(portal: Portal) -> None:
    code = await portal.publish(name="Devis", description="")
    path, headers = f"/v1/offerings/{code}", {"If-Match": "*"}
    wording = {"name": "Devis et factures", "description": ""}
    assert (await portal.publisher.put(path, json=wording, headers=headers)).status_code == 200
    end = {"ends_on": "2099-12-31"}
    assert (await portal.publisher.post(f"{path}/withdrawal", json=end, headers=headers)).status_code == 200
    assert await lines(portal.publisher, action="reword_offering", subject=code) == [
        ({"name": "Devis"}, {"name": "Devis et factures"})
    ]
    assert await lines(portal.publisher, action="withdraw_offering", subject=code) == [
        ({"ends_on": None}, end)
    ]
