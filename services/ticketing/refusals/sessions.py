"""What web sessions refuse (13.8-a)."""

from chassis.refusals import Refusal


class WebSessionUnknown(Refusal):
    slug = "web-session-unknown"
    status = 404
    clause = "13.8-a"
    sentence = "No web session of this identifier is known here."


class WebSessionMalformed(Refusal):
    slug = "web-session-malformed"
    status = 422
    clause = "13.8-a"
    sentence = "A web session begins later than now, and ends within twelve hours."


class WebSessionCancelled(Refusal):
    slug = "web-session-cancelled"
    status = 409
    clause = "13.8-a"
    sentence = "This web session was cancelled."


class WebSessionBegun(Refusal):
    slug = "web-session-begun"
    status = 409
    clause = "13.8-a"
    sentence = "This web session has begun."


class WebSessionNotOver(Refusal):
    slug = "web-session-not-over"
    status = 409
    clause = "13.8-a"
    sentence = "This web session is not over yet."


class WebSessionOfHigherPlan(Refusal):
    slug = "web-session-of-higher-plan"
    status = 409
    clause = "13.8-a"
    sentence = "This web session is for a higher support plan: ask customer service."


class RegisteredAlready(Refusal):
    slug = "registered-already"
    status = 409
    clause = "13.8-a"
    sentence = "This address is registered for this web session already."


class RegistrationUnknown(Refusal):
    slug = "registration-unknown"
    status = 404
    clause = "13.8-a"
    sentence = "No registration of this identifier is known here."


class RegistrationCancelled(Refusal):
    slug = "registration-cancelled"
    status = 409
    clause = "13.8-a"
    sentence = "This registration was cancelled."


class NoSeatHad(Refusal):
    slug = "no-seat-had"
    status = 409
    clause = "13.8-a"
    sentence = "Only who had a seat can have attended."


class CapacityBelowSeats(Refusal):
    slug = "capacity-below-seats"
    status = 409
    clause = "13.8-a"
    sentence = "More people than that are registered already."


class NoAddressKnown(Refusal):
    slug = "no-address-known"
    status = 422
    clause = "13.8-a"
    sentence = "No address of this customer is known here: name those to invite."
