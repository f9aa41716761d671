"""Every "no" of ticketing: slug, HTTP status, sentence, and the clause it stands on."""

from chassis.refusals import Refusal


class FactsImpossible(Refusal):
    slug = "facts-impossible"
    status = 409
    sentence = "These facts cannot have happened in this order."


class PlanWithoutSupport(Refusal):
    slug = "plan-without-support"
    status = 409
    sentence = "This plan has no support tickets: ask customer service, or read the knowledge base."
    clause = "13.2-a"


class CriticalityMissing(Refusal):
    slug = "criticality-missing"
    status = 409
    sentence = "An anomaly that was qualified and reproduced has a criticality: 1, 2 or 3."
    clause = "13.3-a"


class TicketGoesToTheFirm(Refusal):
    slug = "ticket-goes-to-the-firm"
    status = 403
    clause = "17-a"
    sentence = "Companies are helped by their accounting firm: please ask it."
