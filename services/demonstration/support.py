"""Articles that customers find, and tickets at different points of their life: ticketing's part."""

from typing import Any

from services.cli.entrance import Entered, entered
from services.demonstration.asking import accepted, post
from services.demonstration.logins import FIRM_PORTAL, PASSWORD, code
from services.tenancy.model import PUBLISHER_PORTAL

ARTICLES: tuple[dict[str, Any], ...] = (
    {
        "question": "Comment valider un devis ?",
        "answer": "Ouvrez **Ventes › Devis**, choisissez le devis, puis *Valider*. Un devis validé ne se"
        " modifie plus : dupliquez-le pour le corriger.",
        "product": "devis-factures",
        "keywords": ["proposition commerciale"],
    },
    {
        "question": "Pourquoi ma facture est-elle refusée ?",
        "answer": "Une facture est refusée quand sa date tombe dans une période close. Changez la date, ou"
        " demandez à votre cabinet de rouvrir la période.",
        "product": "devis-factures",
    },
    {
        "question": "Comment relier un compte bancaire ?",
        "answer": "Dans **Banque › Comptes**, *Ajouter un compte*, puis suivez les étapes de votre banque.",
        "product": "banque",
        "keywords": ["relevé", "synchronisation"],
    },
)
TICKETS: tuple[dict[str, Any], ...] = (
    {
        "product": "devis-factures",
        "urgency": "blocking",
        "description": {
            "subject": "Le devis ne se valide pas",
            "context": "Depuis ce matin, le bouton Valider reste gris pour tous nos dossiers.",
            "error_message": "E-1207 : ligne refusée",
            "menu_path": ["Ventes", "Devis", "Valider"],
            "feature": "valider un devis",
        },
    },
    {
        "product": "banque",
        "description": {
            "subject": "Relevés en double",
            "context": "Les relevés du 3 et du 4 sont arrivés deux fois dans le dossier Garage du Pont.",
            "menu_path": ["Banque", "Relevés"],
        },
    },
    {
        "kind": "customer_service",
        "description": {
            "subject": "Changer d'adresse de facturation",
            "context": "Notre cabinet déménage le mois prochain.",
        },
    },
)
CONTACT = {"name": "Claire Moreau", "email": "claire@livret.example", "phone": "+33 3 87 00 00 00"}
AGENT = {"name": "Bruno Petit", "queues": ["devis-factures", "banque", "portal", "customer-service"]}
FOUND = {"departs": True, "reproducible": True, "essential": True, "inoperative": True, "workaround": True}


async def make_support(origin: str) -> None:
    """Writes articles, registers tickets and takes one in charge, unless there is any article already."""
    async with entered(origin, PUBLISHER_PORTAL, "support", PASSWORD, code()) as agent:
        known = await agent.request("GET", "/api/ticketing/v1/knowledge/articles", params={"limit": 1})
        if known["items"]:
            return
        for article in ARTICLES:
            written = await accepted(agent, "/api/ticketing/v1/knowledge/articles", article)
            path = f"/api/ticketing/v1/knowledge/articles/{written['article_id']}/publication"
            await agent.request("POST", path, headers={"If-Match": f'"{written["revision"]}"'})
        await agent.request("PUT", "/api/ticketing/v1/agents/me", json=AGENT)
        async with entered(origin, FIRM_PORTAL, "claire", PASSWORD) as firm:
            for ticket in TICKETS:
                await accepted(firm, "/api/ticketing/v1/tickets", ticket | {"contact": CONTACT})
        await _work(agent)


async def _work(agent: Entered) -> None:
    """The first ticket is taken, reproduced and qualified: its second clock runs."""
    taken = await post(agent, "/api/ticketing/v1/queues/next", {"queues": ["devis-factures"]})
    ticket = f"/api/ticketing/v1/customers/{taken['customer_id']}/tickets/{taken['ticket_id']}"
    for deed, told in (("reproduction", None), ("qualification", FOUND)):
        await agent.request("POST", f"{ticket}/{deed}", json=told, headers={"If-Match": "*"})
