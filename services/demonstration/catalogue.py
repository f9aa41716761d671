"""The services on offer, and those that the firm's companies use: the catalogue's part."""

from typing import Any

from services.cli.entrance import Entered, entered
from services.demonstration.asking import accepted, post
from services.demonstration.logins import FIRM_PORTAL, PASSWORD, code
from services.tenancy.model import PUBLISHER_PORTAL

OFFERINGS: tuple[dict[str, Any], ...] = (
    {"code": "devis-factures-start", "name": "Devis Factures Start", "collaborative": False},
    {
        "code": "devis-factures",
        "name": "Devis Factures",
        "collaborative": True,
        "essential_features": ["valider un devis", "émettre une facture"],
    },
    {"code": "notes-de-frais", "name": "Notes de frais", "collaborative": True, "confirmation_needed": True},
    {"code": "banque", "name": "Relevés bancaires", "collaborative": False},
)


async def make_catalogue(origin: str) -> None:
    """Publishes the services and activates some, unless any is in use already."""
    async with entered(origin, FIRM_PORTAL, "claire", PASSWORD) as firm:
        used = await firm.request("GET", "/api/catalog/v1/activations", params={"limit": 1})
        if used["items"]:
            return
        async with entered(origin, PUBLISHER_PORTAL, "admin", PASSWORD, code()) as publisher:
            await _publish(publisher)
        await _activate(firm)


async def _publish(publisher: Entered) -> None:
    known = await publisher.request("GET", "/api/catalog/v1/offerings", params={"limit": 200})
    codes = {one["code"] for one in known["items"]}
    for offering in OFFERINGS:
        if offering["code"] not in codes:
            await post(publisher, "/api/catalog/v1/offerings", offering)


async def _activate(firm: Entered) -> None:
    """Services in use: one that ends the demonstration, and one that does not, for some companies."""
    shown = await firm.request("GET", "/api/tenancy/v1/companies", params={"state": "active", "limit": 200})
    ids = [company["company_id"] for company in shown["items"]]
    for offering, companies in (("banque", ids[:8]), ("devis-factures", ids[:5])):
        order = {"offering_code": offering, "company_ids": companies}
        await accepted(firm, "/api/catalog/v1/activation-batches", order, _all_active)


def _all_active(batch: Any) -> bool:
    """Whether the catalogue has heard of the firm and of all its companies."""
    return all(item["status"] < 400 for item in batch["items"])
