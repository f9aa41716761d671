"""Every "no" about a ticket: registering one, finding it, and what may be done to it."""

from chassis.refusals import Refusal


class TicketUnknown(Refusal):
    slug = "ticket-unknown"
    status = 404
    sentence = "No ticket of this identifier is known here."


class ReferenceMistyped(Refusal):
    slug = "reference-mistyped"
    status = 422
    sentence = "This is no ticket's reference: a digit is wrong, missing, or in another's place."


class CustomerUnknown(Refusal):
    slug = "ticketing-customer-unknown"
    status = 404
    sentence = "No customer of this identifier is known here."


class CompanyUnknown(Refusal):
    slug = "ticketing-company-unknown"
    status = 404
    sentence = "No company of this identifier is known here."


class DescriptionMissing(Refusal):
    slug = "description-missing"
    status = 422
    clause = "13.2-c"
    sentence = "Nothing is said: describe the context, the error message and the chain of menus."


class ProductUnknown(Refusal):
    slug = "product-unknown"
    status = 422
    sentence = "The catalogue has no product of this code: name one of it, or none for the portal itself."


class ProductWithdrawn(Refusal):
    slug = "product-withdrawn"
    status = 409
    clause = "3-d"
    sentence = "This product was withdrawn, and its last day is over: ask customer service what replaces it."


class CustomWorkOutsideSupport(Refusal):
    slug = "custom-work-outside-support"
    status = 409
    clause = "1-e"
    sentence = (
        "Support concerns standard features: for a custom report or a custom development,"
        " ask customer service for an intervention at the tariff in force."
    )


class SupportSuspendedNow(Refusal):
    slug = "support-suspended-now"
    status = 409
    clause = "13.2-h"
    sentence = "Support is suspended, and takes no new ticket: ask customer service how it is resumed."


class SupportOver(Refusal):
    slug = "support-over"
    status = 409
    clause = "16-a"
    sentence = "The contract has ended, and support with it: ask customer service."


class TelephoneClosed(Refusal):
    slug = "telephone-closed"
    status = 409
    clause = "13.6-a"
    sentence = "The telephone is answered within support's opening hours: use the customer space, or write."


class TooManyTickets(Refusal):
    slug = "too-many-tickets"
    status = 429
    sentence = "So many tickets came from this customer that new ones have to wait a moment."


class TicketClosedAlready(Refusal):
    slug = "ticket-closed-already"
    status = 409
    sentence = "This ticket is closed: what is new is another ticket."


class TakenInChargeAlready(Refusal):
    slug = "taken-in-charge-already"
    status = 409
    clause = "13.2-d"
    sentence = "A technician has taken this ticket in charge already."


class NotTakenInCharge(Refusal):
    slug = "not-taken-in-charge"
    status = 409
    clause = "13.3-a"
    sentence = "A technician takes a ticket in charge before anything else is done about it."


class QualifiedAlready(Refusal):
    slug = "qualified-already"
    status = 409
    clause = "13.3-a"
    sentence = "This anomaly is qualified: to say otherwise, qualify it anew and give the reason."


class NotQualified(Refusal):
    slug = "not-qualified"
    status = 409
    clause = "13.3-a"
    sentence = "An anomaly is qualified before this."


class ReproducedAlready(Refusal):
    slug = "reproduced-already"
    status = 409
    clause = "13.3-a"
    sentence = "This anomaly was reproduced already."


class NotReproduced(Refusal):
    slug = "not-reproduced"
    status = 409
    clause = "13.3-a"
    sentence = "An anomaly is reproduced before it is answered."


class PlanNotAsked(Refusal):
    slug = "plan-not-asked"
    status = 409
    clause = "13.3-b"
    sentence = "A corrective action plan is for an anomaly of criticality 1, once."


class FixProvidedAlready(Refusal):
    slug = "fix-provided-already"
    status = 409
    clause = "13.3-c"
    sentence = "A correction or a workaround was provided: if it does not hold, qualify the anomaly anew."


class WaitingAlready(Refusal):
    slug = "waiting-already"
    status = 409
    sentence = "This ticket waits for its customer already."


class NotWaiting(Refusal):
    slug = "not-waiting"
    status = 409
    sentence = "This ticket does not wait for its customer."


class LeftOutAlready(Refusal):
    slug = "left-out-already"
    status = 409
    sentence = "This ticket was left out already, with its reason."


class NotLeftOut(Refusal):
    slug = "not-left-out"
    status = 409
    clause = "13.2-b"
    sentence = "This ticket is not left out: there is nothing to withdraw."


class ExplanationMissing(Refusal):
    slug = "explanation-missing"
    status = 422
    clause = "1-d"
    sentence = "The publisher alone qualifies, and says why: give an explanation, which the customer reads."


class ScopeReasonMissing(Refusal):
    slug = "scope-reason-missing"
    status = 422
    clause = "13.2-b"
    sentence = "What is out of scope, and nothing else, names in `scope` what it is outside of."


class SetApartAlready(Refusal):
    slug = "set-apart-already"
    status = 409
    clause = "13.2-g"
    sentence = "This ticket is set apart already, with its reason."


class NotSetApart(Refusal):
    slug = "not-set-apart"
    status = 409
    clause = "13.2-g"
    sentence = "This ticket is not set apart for a duty that was not met: there is nothing to withdraw."


class NotForSupport(Refusal):
    slug = "no-support-ticket"
    status = 409
    clause = "13.2-a"
    sentence = "A request to customer service is no support ticket: it carries no commitment to judge."


class AnswerOwed(Refusal):
    slug = "answer-owed"
    status = 409
    clause = "13.3-a"
    sentence = "The publisher owes an answer to this anomaly: provide it, or leave the ticket out, before."


class SuspendedAlready(Refusal):
    slug = "suspended-already"
    status = 409
    clause = "13.2-h"
    sentence = "This customer's support is suspended already."


class SuspensionUnknown(Refusal):
    slug = "suspension-unknown"
    status = 404
    clause = "13.2-h"
    sentence = "No suspension of this identifier is known here."


class ResumedAlready(Refusal):
    slug = "resumed-already"
    status = 409
    clause = "13.2-h"
    sentence = "This suspension is over already."
