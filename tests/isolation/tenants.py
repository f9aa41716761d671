"""Two firms with everything a firm may have, made through the portal's own doors.

What a stranger must never see of them is `marks`: their ids, and a word that stands in all their names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import httpx

from chassis.auth import PUBLISHER_ROLES, Caller, Role
from chassis.db import Scope
from chassis.scopes import scopes_of
from services.availability.commands.months import close_due
from services.availability.commands.outages import open_outage
from services.availability.commands.weather import Telling, tell
from services.availability.model.records import NewOutage, OutageSource
from services.tenancy.commands.credentials import Instants
from services.tenancy.commands.imports import work_import_once
from tests.isolation.portal import Portal
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
STAFF: dict[Role, Caller] = {
    role: Caller(uuid4(), uuid4(), role, scopes=scopes_of(role)) for role in (*PUBLISHER_ROLES, Role.machine)
}
"""The publisher's own: its people, and a program."""
PUBLISHER = STAFF[Role.publisher_admin]

RECORDS = ("article_id", "session_id", "maintenance_id")
"""What of the publisher's own customers may read by its id."""


@dataclass
class Firm:
    """A customer: who may call for it, and its ids by kind. The first of each is of its first company."""

    word: str
    customer_id: UUID
    callers: dict[Role, Caller] = field(default_factory=dict)
    ids: dict[str, list[UUID]] = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid4()))
    """The idempotency key with which its first company was registered."""

    @property
    def marks(self) -> set[str]:
        """What only its own people may ever be shown."""
        return {self.word, *(str(each) for ids in self.ids.values() for each in ids)}

    def add(self, kind: str, *ids: object) -> None:
        """Remembers ids of one kind."""
        self.ids.setdefault(kind, []).extend(UUID(str(each)) for each in ids)


@dataclass(frozen=True)
class Maker:
    """Makes firms in one portal; every step must succeed."""

    portal: Portal

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
        article = await self._article()
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
        await self._support(firm)
        await self._mailed(firm)
        await self._attended(firm)
        await self._judged(firm)
        await self._excluded(firm)
        await self._lost_month(firm)
        await self._weather()
        await self.portal.settle()
        return firm

    async def post(
        self, service: str, caller: Caller | None, path: str, body: Any = None, key: str | None = None
    ) -> Any:
        """The answer to a POST that succeeds."""
        headers = {"If-Match": "*"} | ({"Idempotency-Key": key} if key else once())
        answer = await self.portal.client(service, caller).post(path, json=body, headers=headers)
        return _succeeded(answer)

    async def put(self, service: str, caller: Caller, path: str, body: Any) -> Any:
        """The answer to a PUT that succeeds."""
        client = self.portal.client(service, caller)
        return _succeeded(await client.put(path, json=body, headers={"If-Match": "*"}))

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
        opened = _succeeded(await admin.get("/v1/me/sessions"))["items"]
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
        _succeeded(await client.put("/v1/presentation/logo", content=LOGO, headers=headers))

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

    async def _support(self, firm: Firm) -> None:
        """A ticket that waits for the firm, after its support was suspended and resumed."""
        admin, place = firm.callers[Role.firm_admin], f"/v1/customers/{firm.customer_id}"
        asked = cast(dict[str, Any], BODIES["register_own_ticket"])
        described = {**asked["description"], "context": f"It cannot be saved at {firm.word}."}
        made = await self.post("ticketing", admin, "/v1/tickets", asked | {"description": described})
        firm.add("ticket", made["ticket_id"])
        ticket = f"{place}/tickets/{made['ticket_id']}"
        firm.add("attachment", await self._file(admin, made["ticket_id"], f"{firm.word};a quote\n"))
        for deed in ("take-charge", "reproduction", "wait"):
            await self.post("ticketing", PUBLISHER, f"{ticket}/{deed}")
        answered = {"text": f"Which version does {firm.word} use?"}
        await self.post("ticketing", PUBLISHER, f"{ticket}/messages", answered)
        stopping = cast(dict[str, Any], BODIES["suspend_support"])
        stopped = await self.post("ticketing", PUBLISHER, f"{place}/support-suspensions", stopping)
        firm.add("suspension", stopped["suspension_id"])
        await self.post(
            "ticketing", PUBLISHER, f"{place}/support-suspensions/{stopped['suspension_id']}/resumption"
        )

    async def _mailed(self, firm: Firm) -> None:
        """Somebody who writes for the firm sent a mail."""
        sender = f"claire@{firm.word.lower()}.example"
        path = f"/v1/customers/{firm.customer_id}/mail-senders"
        made = await self.post("ticketing", PUBLISHER, path, {"sender": sender})
        firm.add("mail_sender", made["sender_id"])
        gateway = Caller(uuid4(), uuid4(), Role.machine, scopes=scopes_of(Role.machine))
        content = f"From: {sender}\r\nSubject: {firm.word}\r\n\r\nIt cannot be saved.\r\n"
        sent = await self.portal.client("ticketing", gateway).post("/v1/mail", content=content)
        assert _succeeded(sent)["state"] == "received"

    async def _file(self, caller: Caller, ticket_id: str, content: str) -> str:
        """A table that goes with a ticket."""
        path, client = f"/v1/tickets/{ticket_id}/attachments", self.portal.client("ticketing", caller)
        sent = await client.post(path, params={"name": "quotes.csv"}, content=content, headers=once())
        made: dict[str, str] = _succeeded(sent)
        return made["attachment_id"]

    async def _attended(self, firm: Firm) -> None:
        """Remote assistance that is booked, a web session it goes to, a training with its sheet."""
        admin, place = firm.callers[Role.firm_admin], f"/v1/customers/{firm.customer_id}"
        told = cast(dict[str, dict[str, Any]], BODIES)
        hours = told["publish_technician_hours"] | {"technician_id": str(uuid4())}
        await self.post("ticketing", PUBLISHER, "/v1/technicians/hours", hours)
        path = f"/v1/tickets/{firm.ids['ticket'][0]}/assistance"
        booked = await self.post("ticketing", admin, path, told["book_own_assistance"])
        firm.add("booking", booked["booking_id"])
        session = await self.post("ticketing", PUBLISHER, "/v1/web-sessions", told["plan_web_session"])
        path = f"/web-sessions/{session['session_id']}"
        await self.post("ticketing", PUBLISHER, f"{place}{path}/invitations", told["invite_customer"])
        who = {"name": f"Claire {firm.word}", "mail": "claire@cabinet.example"}
        registered = await self.post("ticketing", admin, f"/v1{path}/registrations", who)
        firm.add("registration", registered["registration_id"])
        planned = told["plan_intervention"] | {"title": f"Training at {firm.word}"}
        training = await self.post("ticketing", PUBLISHER, f"{place}/interventions", planned)
        firm.add("intervention", training["intervention_id"])
        sheet = f"{place}/interventions/{training['intervention_id']}/attendance"
        await self.put("ticketing", PUBLISHER, f"{sheet}/participants", told["list_participants"])
        await self.put("ticketing", PUBLISHER, f"{sheet}/presences", told["record_presences"])

    async def _judged(self, firm: Firm) -> None:
        """It says what it thinks of an article."""
        article = await self._article()
        opinion = {"helpful": True, "remark": f"Well said, says {firm.word}."}
        path = f"/v1/knowledge/articles/{article['article_id']}/opinion"
        await self.put("ticketing", firm.callers[Role.firm_admin], path, opinion)

    async def _article(self) -> dict[str, Any]:
        """An article that all may read."""
        article: dict[str, Any] = await self.post(
            "ticketing", PUBLISHER, "/v1/knowledge/articles", BODIES["write_article"]
        )
        await self.post("ticketing", PUBLISHER, f"/v1/knowledge/articles/{article['article_id']}/publication")
        return article

    async def _excluded(self, firm: Firm) -> None:
        """What is left out of its own unavailability."""
        asked = {**cast(dict[str, Any], BODIES["record_exclusion"]), "customer_ids": [str(firm.customer_id)]}
        asked["reason"] = f"The router of {firm.word}."
        made = await self.post("availability", PUBLISHER, "/v1/record/exclusions", asked)
        firm.add("exclusion", made["exclusion_id"])

    async def _lost_month(self, firm: Firm) -> None:
        """Its portal was down too long in March, which is closed."""
        new = NewOutage(
            f"Login fails at {firm.word}",
            OutageSource.operations,
            datetime(2026, 3, 9, 8, tzinfo=UTC),
            datetime(2026, 3, 9, 13, tzinfo=UTC),
            customers=(firm.customer_id,),
            by=PUBLISHER.person_id,
        )
        db, april = self.portal.db("availability"), datetime(2026, 4, 2, tzinfo=UTC)
        async with db.transaction(Scope.portal()) as tx:
            firm.add("outage", (await open_outage(tx, new, april)).outage_id)
        async with db.transaction(Scope.portal()) as tx:
            assert await close_due(tx, april) == 1

    async def _weather(self) -> None:
        """What everybody reads is told with what touches this firm on record."""
        clock = self.portal.app("availability").state.clock
        telling = Telling(clock.business_now(), clock.system_now(), "https://portal.example", timedelta(0))
        async with self.portal.db("availability").transaction(Scope.portal()) as tx:
            assert await tell(tx, telling)

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
        made = _succeeded(await client.post("/v1/companies/imports", content=file, headers=headers))
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


def of_the_second_company(firm: Firm) -> dict[str, UUID]:
    """By kind, what the people of the firm's first company must not reach either."""
    return {"company": firm.ids["company"][1], "activation": firm.ids["activation"][1]}


def tenants_people(firm: Firm) -> dict[Role, Caller]:
    """Everybody who calls for the firm."""
    return {role: caller for role, caller in firm.callers.items() if role not in STAFF}


def hidden_within(firm: Firm, caller: Caller) -> set[str]:
    """What of its own firm a caller must not be shown: to a company's people, the other company."""
    return {str(each) for each in of_the_second_company(firm).values()} if caller.company_id else set()


def _succeeded(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None
