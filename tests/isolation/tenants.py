"""Two firms with everything a firm may have, made through the portal's own doors.

What a stranger must never see of them is `marks`: their ids, and a word that stands in all their names.
"""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID, uuid4

from chassis.auth import Caller, Role
from chassis.scopes import scopes_of
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.imports import work_import_once
from tests.isolation.firms import PUBLISHER, Firm, succeeded
from tests.isolation.promises import Promises
from tests.isolation.requests import BODIES
from tests.support.callers import once

COLLABORATIVE, CONFIRMED = "devis-factures", "notes-de-frais"
TERMS = {"kind": "backup", "version": 1, "text": "Backups are kept ten days."}
PASSWORD = "un mot de passe assez long"
LOGO = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
"""A PNG of one red pixel."""
SIRETS = ("73282932000074", "55210055400013", "44306184100047")
RECORDS = ("article_id", "session_id", "maintenance_id")
"""What of the publisher's own customers may read by its id."""


class Maker(Promises):
    """Makes firms in one portal; every step must succeed."""

    async def publish(self) -> None:
        """The catalogue: one service with terms to acknowledge, one whose end support confirms."""
        wanted: tuple[dict[str, Any], ...] = (
            {"code": COLLABORATIVE, "name": "Devis", "collaborative": True, "stricter_terms": [TERMS]},
            {"code": CONFIRMED, "name": "Frais", "collaborative": False, "confirmation_needed": True},
        )
        for offering in wanted:
            await self.post("catalog", PUBLISHER, "/v1/offerings", offering)
        await self.portal.settle()

    async def record(self) -> dict[str, UUID]:
        """The publisher's own that all may read who may read such things, by the name of its id."""
        article = await self.article()
        session = await self.post("ticketing", PUBLISHER, "/v1/web-sessions", BODIES["plan_web_session"])
        planned = BODIES["announce_maintenance"]
        maintenance = await self.post("availability", PUBLISHER, "/v1/maintenance", planned)
        records = (article, session, maintenance)
        return {name: UUID(made[name]) for made in records for name in made if name in RECORDS}

    async def firm(self, word: str) -> Firm:
        """A firm with an administrator who has logged in, two companies, people, imports and activations."""
        firm = await self._registered(word)
        await self._looks(firm)
        await self._companies(firm)
        await self._people(firm)
        await self._programs(firm)
        await self._import(firm)
        await self.portal.settle()
        await self._catalogue(firm)
        await self.portal.settle()
        await self._money(firm)
        await self._letter(firm)
        await self.portal.settle()
        await self.promises(firm)
        await self.portal.settle()
        return firm

    async def _registered(self, word: str) -> Firm:
        portal = f"cabinet-{word.lower()}"
        customer = {
            "kind": "accounting_firm",
            "name": f"Cabinet {word}",
            "siret": SIRETS[0],
            "address": {"street": "1 rue Haute", "postcode": "57000", "city": "Metz"},
            "portal": portal,
            "support_plan": "private",
            "contract_starts_on": "2026-01-01",
            "professional_use": True,
        }
        made = await self.post("tenancy", PUBLISHER, "/v1/customers", customer)
        firm = Firm(word, UUID(made["customer_id"]))
        firm.add("customer", firm.customer_id)
        path = f"/v1/customers/{firm.customer_id}/people"
        person = {"name": f"Claire {word}", "role": "firm_admin", "mail": "claire@cabinet.example"}
        added = await self.post("tenancy", PUBLISHER, path, person)
        access = await self.post(
            "tenancy", PUBLISHER, f"{path}/{added['person_id']}/credentials", {"identifier": "claire"}
        )
        login = {"portal": portal, "identifier": "claire", "password": access["secret"]}
        await self.post("tenancy", None, "/v1/sessions", login | {"new_password": PASSWORD})
        self._join(firm, Role.firm_admin, access)
        enrolment = {**login, "password": PASSWORD}
        await self.post("tenancy", None, "/v1/sessions/second-factor/enrolment", enrolment)
        admin = self.portal.client("tenancy", firm.callers[Role.firm_admin])
        opened = succeeded(await admin.get("/v1/me/sessions"))["items"]
        firm.add("session", *(each["session_id"] for each in opened))
        await self._represented(firm)
        return firm

    async def _represented(self, firm: Firm) -> None:
        """A support agent acts for the firm."""
        person = await self.post(
            "tenancy", PUBLISHER, "/v1/staff", {"name": "Bruno", "role": "support_agent"}
        )
        agent = Caller(UUID(person["person_id"]), uuid4(), Role.support_agent)
        asked = {"customer_id": str(firm.customer_id), "reason": "Ticket 42.", "minutes": 60}
        begun = await self.post("tenancy", agent, "/v1/representations", asked)
        firm.add("representation", begun["representation_id"])

    def _join(self, firm: Firm, role: Role, access: Mapping[str, Any], company: UUID | None = None) -> None:
        person_id, credential_id = UUID(access["person_id"]), UUID(access["credential_id"])
        firm.callers.setdefault(role, Caller(person_id, credential_id, role, firm.customer_id, company))
        firm.add("person", person_id)
        firm.add("sought", person_id)
        firm.add("credential", credential_id)

    async def _looks(self, firm: Firm) -> None:
        """Its portal has a name and a logo of its own."""
        admin = firm.callers[Role.firm_admin]
        colours = {"text": "#000000", "background": "#ffffff", "accent": "#000000", "on_accent": "#ffffff"}
        look = {"name": f"Portail {firm.word}", "colours": colours, "welcome": f"**{firm.word}**"}
        await self.put("tenancy", admin, "/v1/presentation", look)
        client = self.portal.client("tenancy", admin)
        headers = {"If-Match": "*", "Content-Type": "image/png"}
        succeeded(await client.put("/v1/presentation/logo", content=LOGO, headers=headers))

    async def _letter(self, firm: Firm) -> None:
        """The publisher does not renew the firm's contract."""
        sent = {"party": "publisher", "letter_reference": f"1A {firm.word}", "posted_on": "2026-03-01"}
        path = f"/v1/customers/{firm.customer_id}/contract/notices"
        made = await self.post("tenancy", PUBLISHER, path, sent)
        firm.add("notice", made["notices"][0]["notice_id"])

    async def _money(self, firm: Firm) -> None:
        """Where its invoices go; once the trial is over (16-b), prices that are to rise and lower ones."""
        admin, contract = firm.callers[Role.firm_admin], f"/v1/customers/{firm.customer_id}/contract"
        today = self.portal.app("tenancy").state.clock.business_now().date().isoformat()
        revision = {**cast(dict[str, Any], BODIES["record_price_revision"]), "notified_on": today}
        await self.put("tenancy", admin, "/v1/billing-details", BODIES["settle_billing_details"])
        await self.post("tenancy", PUBLISHER, f"{contract}/price-revisions", revision)
        await self.post("tenancy", PUBLISHER, f"{contract}/promotions", BODIES["record_promotional_price"])

    async def _companies(self, firm: Firm) -> None:
        admin = firm.callers[Role.firm_admin]
        for number, siret in enumerate(SIRETS[:2], 1):
            company = {"siret": siret, "name": f"Boulangerie {firm.word} {number}", "postcode": "57000"}
            key = firm.key if number == 1 else None
            made = await self.post("tenancy", admin, "/v1/companies", company, key)
            firm.add("company", made["company_id"])
            path = f"/v1/companies/{made['company_id']}"
            await self.post("tenancy", admin, f"{path}/activation")
            await self.put("tenancy", admin, f"{path}/access-rights", {"offering_codes": [COLLABORATIVE]})

    async def _people(self, firm: Firm) -> None:
        """A company's administrators by their SIRET, its users one by one; those of the first one call."""
        admin, companies = firm.callers[Role.firm_admin], firm.ids["company"]
        for company in companies:
            chosen = {"company_ids": [str(company)]}
            given = await self.post("tenancy", admin, "/v1/credentials/batch", chosen)
            self._join(firm, Role.company_admin, given["items"][0], company)
        for role, company_id in (
            (Role.firm_collaborator, None),
            *((Role.company_user, each) for each in companies),
        ):
            person = {
                "name": f"Bruno {firm.word}",
                "role": role,
                "company_id": company_id and str(company_id),
            }
            added = await self.post("tenancy", admin, "/v1/people", person)
            path = f"/v1/people/{added['person_id']}/credentials"
            access = await self.post("tenancy", admin, path, {"identifier": f"bruno-{uuid4().hex}"})
            self._join(firm, role, access, company_id)

    async def _programs(self, firm: Firm) -> None:
        """Two programs: one that calls, and one of which a test may do away with."""
        admin, scopes = firm.callers[Role.firm_admin], scopes_of(Role.partner)
        for number in (1, 2):
            program = {"name": f"Comptes {firm.word} {number}", "scopes": sorted(scopes)}
            made = await self.post("tenancy", admin, "/v1/programs", program)
            program_id = made["program_id"]
            key = await self.post("tenancy", admin, f"/v1/programs/{program_id}/keys", {"name": "first"})
            firm.add("program", program_id)
            firm.add("program_key", key["credential_id"])
            firm.callers[Role.partner] = Caller(
                UUID(program_id), UUID(key["credential_id"]), Role.partner, firm.customer_id, scopes=scopes
            )

    async def _import(self, firm: Firm) -> None:
        file = f"siret;nom;code postal\n{SIRETS[2]};Atelier {firm.word};57000\n12;Faux {firm.word};57000\n"
        client = self.portal.client("tenancy", firm.callers[Role.firm_admin])
        headers = once() | {"Content-Type": "text/csv"}
        made = succeeded(await client.post("/v1/companies/imports", content=file, headers=headers))
        firm.add("import", made["import_id"])
        db, clock = self.portal.db("tenancy"), self.portal.app("tenancy").state.clock
        while await work_import_once(db, Instants(clock.business_now(), clock.system_now())):
            pass

    async def _catalogue(self, firm: Firm) -> None:
        """Two services for each company; support is asked to confirm the end of one in each."""
        admin = firm.callers[Role.firm_admin]
        await self.put(
            "catalog", admin, "/v1/catalogue/selection", {"offering_codes": [COLLABORATIVE, CONFIRMED]}
        )
        for code, terms in ((COLLABORATIVE, [{"kind": "backup", "version": 1}]), (CONFIRMED, [])):
            for company in firm.ids["company"]:
                order = {"offering_code": code, "company_id": str(company), "acknowledged": terms}
                made = await self.post("catalog", admin, "/v1/activations", order)
                firm.add("activation", made["activation_id"])
        for activation_id in firm.ids["activation"][2:]:
            await self.post("catalog", admin, f"/v1/activations/{activation_id}/deactivation")
