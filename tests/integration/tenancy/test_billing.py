"""15-c: a customer's details are complete and kept current; no card number is kept, no account shown."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from chassis.auth import Role
from chassis.db import Scope
from chassis.sealing import Sealer, new_key
from services.tenancy.commands.sealing import reseal_all
from tests.integration.tenancy.portal import Firm, Portal, slug_of

VISA = "4242424242424242"
IBAN = "FR7630006000011234567890189"
CONTACT = {"name": "Claire Moreau", "mail": "claire@cabinet.example", "phone": "+33 1 23 45 67 89"}
ADDRESS = {"name": "Cabinet", "street": "1 rue Haute", "postcode": "57000", "city": "Metz", "country": "FR"}
DETAILS = {"contacts": {"billing": CONTACT}, "address": ADDRESS}
CARD = {"token": "tok_1PqXyZabc", "brand": "visa", "last4": "4242", "expires": "2028-07"}
MANDATE = {
    "holder": "Cabinet",
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "bic": "AGRIFRPP882",
    "reference": "LIVRET-2026-0001",
    "signed_on": "2026-03-02",
}
OWN = "/v1/billing-details"


async def settle(client: httpx.AsyncClient, path: str, sent: Any, seen: str = "*") -> httpx.Response:
    """Puts details or a means of payment."""
    return await client.put(path, json=sent, headers={"If-Match": seen})


async def test_details_become_complete_step_by_step(portal: Portal) -> None:
    firm = await portal.new_firm()
    first = await firm.admin.get(OWN)
    lacking = [each["pointer"] for each in first.json()["shortcomings"]]
    assert (first.json()["complete"], lacking) == (False, ["/contacts/billing", "/address", "/payment"])
    settled = await settle(firm.admin, OWN, DETAILS, first.headers["etag"])
    assert settled.json()["shortcomings"] == [{"pointer": "/payment", "lack": "missing"}]
    paid = await settle(firm.admin, f"{OWN}/payment-means", {"card": CARD}, settled.headers["etag"])
    assert (paid.json()["complete"], paid.json()["shortcomings"]) == (True, [])
    assert paid.json() == (await firm.admin.get(OWN)).json()
    again = await settle(firm.admin, OWN, DETAILS | {"contacts": {"technical": CONTACT}})
    assert again.json()["payment"] == paid.json()["payment"]
    assert again.json()["contacts"] == {"billing": None, "technical": CONTACT}


async def test_a_card_that_soon_expires_is_told_of(portal: Portal) -> None:
    firm = await portal.new_firm()
    await settle(firm.admin, OWN, DETAILS)
    paid = await settle(firm.admin, f"{OWN}/payment-means", {"card": CARD | {"expires": "2026-04"}})
    assert paid.json()["shortcomings"] == [{"pointer": "/payment/card", "lack": "expires_soon"}]
    assert paid.json()["complete"] is True
    assert paid.json()["payment"]["expires_on"] == "2026-04-30"


async def test_neither_token_nor_account_is_shown_or_stored_plain(portal: Portal) -> None:
    firm = await portal.new_firm()
    for means, secret in (({"card": CARD}, CARD["token"]), ({"mandate": MANDATE}, IBAN)):
        paid = await settle(firm.admin, f"{OWN}/payment-means", means)
        assert paid.status_code == 200, paid.text
        trail = await firm.admin.get("/v1/audit/export", params={"format": "jsonl"})
        for told in (paid.text, (await firm.admin.get(OWN)).text, trail.text, await stored(portal, firm)):
            assert secret not in told
            assert MANDATE["iban"] not in told
    assert paid.json()["payment"] == {
        "kind": "sepa",
        "brand": None,
        "last4": None,
        "expires_on": None,
        "holder": "Cabinet",
        "iban": "FR76*******************0189",
        "bic": "AGRIFRPP882",
        "reference": "LIVRET-2026-0001",
        "signed_on": "2026-03-02",
    }


async def stored(portal: Portal, firm: Firm) -> str:
    """Everything the database holds of the firm's details and in its trail."""
    async with portal.db.transaction(Scope.customer(firm.customer_id)) as tx:
        details = await tx.fetch_all(text("SELECT b::text AS told FROM billing_details b"))
        trail = await tx.fetch_all(text("SELECT a::text AS told FROM audit_trail a"))
    return "\n".join(row.told for row in (*details, *trail))


async def test_what_is_sealed_is_sealed_anew(portal: Portal) -> None:
    firm = await portal.new_firm()
    await settle(firm.admin, f"{OWN}/payment-means", {"mandate": MANDATE})
    old = portal.app.state.settings.sealing_keys
    newest = new_key()
    sealed = text("SELECT iban FROM billing_details")
    await reseal_all(portal.db, Sealer([newest, *old.split(",")]))
    async with portal.db.transaction(Scope.customer(firm.customer_id)) as tx:
        (row,) = await tx.fetch_all(sealed)
    assert Sealer([newest]).opened(row.iban) == IBAN
    await reseal_all(portal.db, Sealer([*old.split(","), newest]))


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (OWN, {"contacts": {"billing": CONTACT | {"name": f"Claire {VISA}"}}}),
        (OWN, {"contacts": {"billing": CONTACT | {"phone": "4242 4242 4242 4242"}}}),
        (OWN, {"contacts": {"technical": CONTACT | {"mail": f"{VISA}@cabinet.example"}}}),
        (OWN, {"contacts": {}, "address": ADDRESS | {"street": f"{VISA}"}}),
        (f"{OWN}/payment-means", {"card": CARD | {"token": VISA}}),
        (f"{OWN}/payment-means", {"card": CARD | {"last4": VISA}}),
        (f"{OWN}/payment-means", {"mandate": MANDATE | {"reference": VISA}}),
        (f"{OWN}/payment-means", {"mandate": MANDATE | {"iban": VISA}}),
    ],
)
async def test_a_card_number_is_refused_and_leaves_no_trace(
    portal: Portal, path: str, sent: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    firm = await portal.new_firm()
    refused = await settle(firm.admin, path, sent)
    assert (refused.status_code, slug_of(refused)) == (422, "card-number-refused")
    assert refused.json()["clause"] == "15-c"
    captured = capfd.readouterr()
    for told in (refused.text, await stored(portal, firm), captured.out, captured.err):
        assert VISA not in told.replace(" ", "")


@pytest.mark.parametrize(
    ("path", "sent", "slug"),
    [
        (f"{OWN}/payment-means", {"card": CARD | {"expires": "2026-02"}}, "card-expired"),
        (f"{OWN}/payment-means", {"card": CARD | {"token": "short"}}, "card-token-unfit"),
        (f"{OWN}/payment-means", {"mandate": MANDATE | {"iban": "FR76"}}, "iban-invalid"),
        (
            f"{OWN}/payment-means",
            {"mandate": MANDATE | {"iban": "BR1800360305000010009795493C1"}},
            "iban-outside-sepa",
        ),
        (f"{OWN}/payment-means", {"mandate": MANDATE | {"bic": "AGRI"}}, "bic-invalid"),
        (f"{OWN}/payment-means", {"mandate": MANDATE | {"reference": "é"}}, "mandate-reference-unfit"),
        (f"{OWN}/payment-means", {"mandate": MANDATE | {"signed_on": "2026-03-11"}}, "mandate-signed-later"),
        (f"{OWN}/payment-means", {"card": CARD, "mandate": MANDATE}, "input-refused"),
        (f"{OWN}/payment-means", {"card": CARD | {"number": VISA}}, "input-refused"),
        (OWN, {"contacts": {}, "address": ADDRESS | {"country": "33"}}, "billing-country-unknown"),
    ],
)
async def test_each_refusal_says_why(portal: Portal, path: str, sent: dict[str, Any], slug: str) -> None:
    firm = await portal.new_firm()
    refused = await settle(firm.admin, path, sent)
    assert (refused.status_code, slug_of(refused)) == (422, slug)
    assert VISA not in refused.text
    assert (await firm.admin.get(OWN)).json()["revision"] == 0


async def test_the_publishers_billing_settles_them_too(portal: Portal) -> None:
    firm = await portal.new_firm()
    path = f"/v1/customers/{firm.customer_id}/billing-details"
    seen = (await portal.publisher.get(path)).headers["etag"]
    assert (await settle(portal.publisher, path, DETAILS, seen)).status_code == 200
    stale = await settle(firm.admin, OWN, DETAILS, seen)
    assert (stale.status_code, slug_of(stale)) == (412, "changed-meanwhile")
    assert (await firm.admin.put(OWN, json=DETAILS)).status_code == 428
    assert (await settle(portal.publisher, f"{path}/payment-means", {"mandate": MANDATE})).status_code == 200
    lines = (await firm.admin.get("/v1/audit", params={"subject": str(firm.customer_id)})).json()["items"]
    (paid, settled) = [line for line in lines if line["action"].startswith("settle_")]
    assert (paid["role"], paid["before"]) == (Role.publisher_admin, {"payment": None})
    assert paid["after"]["payment"]["iban"] == "FR76*******************0189"
    assert settled["after"]["billing"] == CONTACT


async def test_a_customer_that_is_not(portal: Portal) -> None:
    path = "/v1/customers/00000000-0000-4000-8000-000000000000/billing-details"
    for answer in (
        await portal.publisher.get(path),
        await settle(portal.publisher, path, DETAILS),
        await settle(portal.publisher, f"{path}/payment-means", {"card": CARD}),
    ):
        assert (answer.status_code, slug_of(answer)) == (404, "billing-customer-unknown")
