"""What remote assistance refuses (13.7-a)."""

from chassis.refusals import Refusal


class BookingUnknown(Refusal):
    slug = "booking-unknown"
    status = 404
    clause = "13.7-a"
    sentence = "No booking of this identifier is known here."


class SlotMalformed(Refusal):
    slug = "slot-malformed"
    status = 422
    clause = "13.7-a"
    sentence = "Remote assistance begins on a quarter of an hour, and takes whole quarters, up to four hours."


class SlotPast(Refusal):
    slug = "slot-past"
    status = 409
    clause = "13.7-a"
    sentence = "This time has begun already."


class OutsideAssistanceHours(Refusal):
    slug = "outside-assistance-hours"
    status = 409
    clause = "13.7-a"
    sentence = "Remote assistance is booked within the plan's opening hours, from its beginning to its end."


class NoTechnicianFree(Refusal):
    slug = "no-technician-free"
    status = 409
    clause = "13.7-a"
    sentence = "No technician is free at this time."


class OutsideAssistanceScope(Refusal):
    slug = "outside-assistance-scope"
    status = 409
    clause = "13.7-a"
    sentence = "Remote assistance is for open support tickets within support's scope."


class SystemNotMaintained(Refusal):
    slug = "system-not-maintained"
    status = 409
    clause = "13.7-a"
    sentence = "Remote assistance is given on systems that their vendor still maintains."


class AssistanceBookedAlready(Refusal):
    slug = "assistance-booked-already"
    status = 409
    clause = "13.7-a"
    sentence = "This ticket has a time booked already: move or cancel that one."


class BookingOver(Refusal):
    slug = "booking-over"
    status = 409
    clause = "13.7-a"
    sentence = "This booking was cancelled, or has taken place."


class AssistanceNotBegun(Refusal):
    slug = "assistance-not-begun"
    status = 409
    clause = "13.7-a"
    sentence = "What becomes of a booking is said once it has begun."


class AssistanceBegun(Refusal):
    slug = "assistance-begun"
    status = 409
    clause = "13.7-a"
    sentence = "This booking has begun: ask the technician."


class HoursUnknown(Refusal):
    slug = "technician-hours-unknown"
    status = 404
    sentence = "No technician's hours of this identifier are known here."


class HoursMalformed(Refusal):
    slug = "technician-hours-malformed"
    status = 422
    sentence = "A technician's hours begin and end on a quarter of an hour, later than now, within one day."


class HoursOverlap(Refusal):
    slug = "technician-hours-overlap"
    status = 409
    sentence = "This technician has hours then already."


class HoursBooked(Refusal):
    slug = "technician-hours-booked"
    status = 409
    sentence = "A customer has booked within these hours: cancel or move that first."


class HoursOfAnother(Refusal):
    slug = "technician-hours-of-another"
    status = 403
    sentence = "These are another technician's hours: an administrator may change them."


class TechnicianBusy(Refusal):
    slug = "technician-busy"
    status = 409
    sentence = "This technician's time is taken then."
