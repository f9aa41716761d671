"""What ticketing and availability hold of a firm: tickets and all around them, outages, months, weather."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from chassis.auth import Caller, Role
from chassis.db import Scope
from chassis.scopes import scopes_of
from services.availability.commands.months import close_due
from services.availability.commands.outages import open_outage
from services.availability.commands.weather import Telling, tell
from services.availability.model.records import NewOutage, OutageSource
from tests.isolation.firms import PUBLISHER, Doors, Firm, succeeded
from tests.isolation.requests import BODIES
from tests.support.callers import once


class Promises(Doors):
    """Makes it, through the doors where there is one."""

    async def promises(self, firm: Firm) -> None:
        """All of it."""
        await self._support(firm)
        await self._mailed(firm)
        await self._attended(firm)
        await self._judged(firm)
        await self._excluded(firm)
        await self._lost_month(firm)
        await self._weather()

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
        assert succeeded(sent)["state"] == "received"

    async def _file(self, caller: Caller, ticket_id: str, content: str) -> str:
        """A table that goes with a ticket."""
        path, client = f"/v1/tickets/{ticket_id}/attachments", self.portal.client("ticketing", caller)
        sent = await client.post(path, params={"name": "quotes.csv"}, content=content, headers=once())
        made: dict[str, str] = succeeded(sent)
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
        article = await self.article()
        opinion = {"helpful": True, "remark": f"Well said, says {firm.word}."}
        path = f"/v1/knowledge/articles/{article['article_id']}/opinion"
        await self.put("ticketing", firm.callers[Role.firm_admin], path, opinion)

    async def article(self) -> dict[str, Any]:
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
