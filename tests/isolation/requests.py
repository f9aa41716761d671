"""A request for each operation: complete but for the ids, which the tests put in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.operations import Operation
from tests.isolation.matrix import Id, Line
from tests.support.callers import once

IN_PATH = {
    "month": "2026-03",
    "support_year": "1",
    "commitment": "two_generators",
    "year": "2026",
    "revision": "1",
    "code": "devis-factures",
    "address": "cabinet-aubepine",
    "queue": "portal",
    "place": "paris",
    "reference": "1000-0014",
}
SIRET = "73282932000074"
CSV = f"siret;nom;code postal\n{SIRET};Boulangerie Martin;57000\n"

_ADDRESS = {"street": "1 rue Haute", "postcode": "57000", "city": "Metz", "country": "FR"}
_DETAILS = {"name": "Boulangerie Martin", "postcode": "57000"}
_WORDING = {"name": "Devis"}
_BILLING = {
    "contacts": {"billing": {"name": "Claire", "mail": "claire@cabinet.example"}},
    "address": _ADDRESS,
}
_CARD = {"token": "tok_1PqXyZabc", "brand": "visa", "last4": "4242", "expires": "2098-12"}
_TICKET = {
    "description": {"subject": "A quote", "context": "It cannot be saved."},
    "contact": {"email": "claire@cabinet.example"},
}
_FACTS = {"departs": True, "reproducible": True, "inoperative": True, "workaround": True}
_COLOURS = {"text": "#000000", "background": "#ffffff", "accent": "#0b5394", "on_accent": "#ffffff"}
_PROGRAM = {"name": "Bookkeeping", "scopes": ["companies:read"]}
_MACHINE = {"name": "Mail gateway", "scopes": ["customers:read"]}
_ARTICLE = {"question": "How is a quote validated?", "answer": "Open **Sales**, then *Validate*."}
_OUTAGE = {
    "title": "Nobody can log in",
    "starts_at": "2026-03-02T09:00:00Z",
    "ends_at": "2026-03-02T10:00:00Z",
}
_EXCLUSION = {
    "kind": "force_majeure",
    "starts_at": "2026-03-02T09:00:00Z",
    "ends_at": "2026-03-02T10:00:00Z",
    "reason": "The region was without power.",
}
_TIME = {"starts_at": "2099-03-02T10:00:00+01:00", "minutes": 60}
_BOOKED = _TIME | {"system_maintained": True}
_SESSION = {
    "title": "Quotes",
    "description": "What is new.",
    "level": "connect",
    "starts_at": "2099-03-02T10:00:00+01:00",
    "ends_at": "2099-03-02T11:00:00+01:00",
    "capacity": 10,
    "link": "https://webinar.example/quotes",
}
_TRAINING = {
    "kind": "training",
    "title": "Training",
    "who": "Ada",
    "starts_at": "2026-03-02T09:00:00+01:00",
    "ends_at": "2026-03-02T17:00:00+01:00",
}
_MAINTENANCE = {
    "title": "New disks",
    "starts_at": "2099-03-02T22:00:00+01:00",
    "ends_at": "2099-03-03T04:00:00+01:00",
}

_TARGET = {
    "name": "Acceptance",
    "environment": "acceptance",
    "script": {"steps": [{"name": "reach", "url": "https://portal.example/"}]},
    "places": ["paris"],
}
_ALERT_ROUTE = {"name": "Portal", "matchers": [{"label": "service", "value": "portal"}]}

BODIES: Mapping[str, Mapping[str, Any] | str] = {
    "log_in": {"portal": "cabinet-moreau", "identifier": "nobody", "password": "none of anybody's"},
    "accept_invitation": {"token": "none", "password": "a long password of mine"},
    "ask_password_reset": {"portal": "cabinet-moreau", "identifier": "nobody"},
    "accept_password_reset": {"token": "none", "password": "a long password of mine"},
    "begin_second_factor": {"portal": "x-y-z", "identifier": "nobody", "password": "none of anybody's"},
    "confirm_second_factor": {
        "portal": "x-y-z",
        "identifier": "nobody",
        "password": "none of anybody's",
        "code": "000000",
    },
    "start_representation": {"reason": "Ticket 42.", "minutes": 5},
    "remove_second_factor": {"password": "none of anybody's", "code": "000000"},
    "change_password": {"current": "none of anybody's", "new": "a long password of mine"},
    "add_staff": {"name": "Ada", "role": "support_agent"},
    "give_staff_credential": {"identifier": "ada"},
    "disable_staff_credential": {"reason": "Lost."},
    "register_customer": {
        "kind": "accounting_firm",
        "name": "Cabinet",
        "siret": SIRET,
        "address": _ADDRESS,
        "portal": "cabinet-dubois",
        "support_plan": "open",
        "contract_starts_on": "2026-01-01",
        "professional_use": True,
    },
    "correct_customer": {"name": "Cabinet", "siret": SIRET, "address": _ADDRESS},
    "change_support_plan": {"plan": "private"},
    "add_customer_administrator": {"name": "Claire", "role": "firm_admin"},
    "give_administrator_credential": {"identifier": "claire.again"},
    "record_non_renewal": {
        "party": "customer",
        "letter_reference": "1A 123 456 7890 1",
        "posted_on": "2026-03-01",
    },
    "withdraw_non_renewal": {"party": "publisher", "reason": "Settled by telephone."},
    "record_price_revision": {"notified_on": "2026-03-02", "percent": "2.5"},
    "record_promotional_price": {
        "starts_on": "2026-04-01",
        "last_day": "2026-06-30",
        "reference": "Spring",
    },
    "register_company": _DETAILS | {"siret": "55210055400013"},
    "correct_company": _DETAILS,
    "activate_companies": {"company_ids": []},
    "settle_access_rights": {"offering_codes": ["devis-factures", "notes-de-frais"]},
    "settle_access_rights_of_many": {"offering_codes": ["notes-de-frais"], "company_ids": []},
    "import_companies": CSV,
    "add_firm_person": {"name": "Bruno", "role": "company_user"},
    "give_credential": {"identifier": "bruno.again"},
    "give_credentials_to_companies": {"company_ids": [], "renew": True},
    "disable_credential": {"reason": "Lost."},
    "define_presentation": {"name": "Cabinet", "colours": _COLOURS, "welcome": "**Bienvenue.**"},
    "put_logo": "no image",
    "give_token": {"grant_type": "client_credentials"},
    "register_program": _PROGRAM,
    "change_program": _PROGRAM,
    "give_program_key": {"name": "another"},
    "disable_program_key": {"reason": "Lost."},
    "disable_program": {"reason": "Lost."},
    "register_machine": _MACHINE,
    "change_machine": _MACHINE,
    "give_machine_key": {"name": "another"},
    "disable_machine_key": {"reason": "Lost."},
    "disable_machine": {"reason": "Lost."},
    "settle_billing_details": _BILLING,
    "settle_payment_means": {"card": _CARD},
    "settle_customer_billing_details": _BILLING,
    "settle_customer_payment_means": {"card": _CARD},
    "publish_offering": _WORDING | {"code": "devis", "collaborative": True},
    "reword_offering": _WORDING,
    "withdraw_offering": {"ends_on": "2099-12-31"},
    "choose_selection": {"offering_codes": []},
    "activate_offering": {"offering_code": "devis-factures"},
    "activate_for_many": {"offering_code": "devis-factures", "company_ids": []},
    "deactivate_many": {"activation_ids": []},
    "register_own_ticket": _TICKET,
    "register_call": _TICKET,
    "qualify_ticket": _FACTS,
    "requalify_ticket": _FACTS | {"explanation": "Seen anew."},
    "provide_corrective_plan": {"plan": "A patch on Thursday."},
    "provide_fix": {"workaround": True, "explanation": "Save line by line."},
    "leave_out_ticket": {"left_out": "not_reproducible", "explanation": "Not here."},
    "withdraw_leaving_out": {"explanation": "It happens here too."},
    "set_ticket_apart": {"explanation": "The prerequisites were not met."},
    "withdraw_setting_apart": {"explanation": "They were met."},
    "suspend_support": {"reason": "users_not_trained", "explanation": "Nobody is trained."},
    "write_to_support": {"text": "It happens with every quote."},
    "attach_to_own_ticket": CSV,
    "attach_to_customer_ticket": CSV,
    "write_to_customer": {"text": "Which version do you use?"},
    "deliver_mail": "From: zoe@nobody.example\r\n\r\nIt cannot be saved.\r\n",
    "assign_mail": {},
    "discard_mail": {"reason": "Advertising."},
    "add_mail_sender": {"sender": "zoe@nobody.example"},
    "introduce_oneself": {"name": "Ada"},
    "take_next": {"queues": ["no-such-queue"]},
    "assign_ticket": {"to": str(UUID(int=7))},
    "hand_over_ticket": {"note": "Somebody else knows more of it."},
    "write_article": _ARTICLE,
    "rewrite_article": _ARTICLE,
    "suggest_articles": {"subject": "A quote cannot be saved"},
    "give_opinion": {"helpful": True},
    "book_own_assistance": _BOOKED,
    "book_customer_assistance": _BOOKED,
    "move_own_booking": _TIME,
    "move_customer_booking": _TIME,
    "cancel_own_booking": {"reason": "Solved."},
    "cancel_customer_booking": {"reason": "Solved."},
    "report_assistance": {"report": "All is set."},
    "publish_technician_hours": {
        "starts_at": "2099-03-02T08:00:00+01:00",
        "ends_at": "2099-03-02T19:00:00+01:00",
    },
    "plan_web_session": _SESSION,
    "replan_web_session": _SESSION,
    "cancel_web_session": {"reason": "The host is ill."},
    "publish_replay": {"link": "https://webinar.example/replay"},
    "invite_customer": {"mails": ["claire@cabinet.example"]},
    "register_for_web_session": {"name": "Claire", "mail": "claire@cabinet.example"},
    "record_attendance": {"attended": True},
    "plan_intervention": _TRAINING,
    "replan_intervention": _TRAINING,
    "cancel_intervention": {"reason": "Nobody can come."},
    "report_intervention": {"report": "All is set."},
    "list_participants": {"participants": [{"number": 1, "name": "Claire"}]},
    "record_presences": {
        "presences": [{"number": 1, "day": "2026-03-02", "half": "morning", "present": True}]
    },
    "open_outage": _OUTAGE | {"known_from": "Calls to support."},
    "correct_outage": _OUTAGE | {"reason": "The log says so."},
    "end_outage": {},
    "merge_outages": {"outage_ids": [], "reason": "It flapped."},
    "split_outage": {"at": "2026-03-10T08:00:00Z", "reason": "Two causes."},
    "withdraw_outage": {"reason": "The probe was wrong."},
    "add_outage_evidence": {"text": "The operator called."},
    "record_exclusion": _EXCLUSION,
    "correct_exclusion": _EXCLUSION | {"correction_reason": "The operator's report."},
    "withdraw_exclusion": {"reason": "Not so."},
    "announce_maintenance": _MAINTENANCE,
    "change_maintenance": _MAINTENANCE | {"reason": "The supplier asks for it."},
    "begin_urgent_maintenance": {"title": "Patch", "reason": "A flaw exploited at large."},
    "end_maintenance": {},
    "cancel_maintenance": {"reason": "The disks are late."},
    "add_target": _TARGET,
    "change_target": _TARGET,
    "define_place": {"name": "Paris"},
    "report_probes": {"sent_at": "2026-03-10T09:00:00Z", "told_until": "2026-03-10T09:00:00Z", "results": []},
    "deliver_alerts": {
        "version": "4",
        "groupKey": "{}",
        "status": "firing",
        "receiver": "livret",
        "alerts": [],
    },
    "add_alert_route": _ALERT_ROUTE,
    "change_alert_route": _ALERT_ROUTE,
    "describe_hosting_commitment": {"description": "Two of 800 kVA."},
    "record_hosting_evidence": {"document": "Report", "dated_on": "2026-01-02", "valid_until": "2026-12-31"},
    "withdraw_hosting_evidence": {"reason": "Of another site."},
}

QUERIES: Mapping[str, Mapping[str, str]] = {"search_articles": {"query": "quote validated"}}
"""What an operation cannot do without in its query, beside ids."""


@dataclass(slots=True)
class Asked:
    """What httpx is told, but for the address it goes to."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | str | None = None

    def options(self) -> dict[str, Any]:
        """The keyword arguments of a request, with the headers that an operation may ask for."""
        headers = once() | {"If-Match": "*"}
        sent: dict[str, Any] = {"method": self.method, "url": self.path, "params": self.query}
        if isinstance(self.body, str):
            return sent | {"content": self.body, "headers": headers | {"Content-Type": "text/csv"}}
        return sent | {"json": self.body, "headers": headers}


def request_for(line: Line, operation: Operation, ids: Mapping[Id, UUID]) -> Asked:
    """The request of an operation with these ids; where none is given for a query or body, none is sent."""
    in_path = {each.name: str(value) for each, value in ids.items() if each.place == "path"}
    in_query = {each.name: str(value) for each, value in ids.items() if each.place == "query"}
    in_body = {each.name: _as_sent(each, value) for each, value in ids.items() if each.place == "body"}
    body = BODIES.get(line.operation_id)
    if isinstance(body, Mapping):
        body = {**body, **in_body}
    path = operation.path.format(**IN_PATH, **in_path)
    return Asked(operation.method, path, dict(QUERIES.get(line.operation_id, {})) | in_query, body)


def _as_sent(each: Id, value: UUID) -> str | list[str]:
    return [str(value)] if each.name.endswith("_ids") else str(value)
