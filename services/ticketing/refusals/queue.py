"""What a queue refuses."""

from chassis.refusals import Refusal


class AgentUnknown(Refusal):
    slug = "agent-unknown"
    status = 409
    sentence = "This agent has not made itself known to ticketing, or is absent."


class TicketNotYours(Refusal):
    slug = "ticket-not-yours"
    status = 409
    sentence = "Only whom a ticket is assigned to, or an administrator, hands it over."


class TicketAssigned(Refusal):
    slug = "ticket-assigned"
    status = 409
    sentence = "Another agent has this ticket: it hands it over, or an administrator assigns it."


class QueueEmpty(Refusal):
    slug = "queue-empty"
    status = 404
    sentence = "Nothing waits for an agent here."
