"""What is refused of interventions, their reports and attendance sheets (13.1-a)."""

from chassis.refusals import Refusal


class InterventionUnknown(Refusal):
    slug = "intervention-unknown"
    status = 404
    clause = "13.1-a"
    sentence = "No intervention of this identifier is known here."


class InterventionMalformed(Refusal):
    slug = "intervention-malformed"
    status = 422
    clause = "13.1-a"
    sentence = "An intervention ends after it begins, within thirty days."


class InterventionOver(Refusal):
    slug = "intervention-over"
    status = 409
    clause = "13.1-a"
    sentence = "This intervention was cancelled, or has taken place."


class InterventionNotBegun(Refusal):
    slug = "intervention-not-begun"
    status = 409
    clause = "13.1-a"
    sentence = "This is recorded once the intervention has begun."


class InterventionCancelled(Refusal):
    slug = "intervention-cancelled"
    status = 409
    clause = "13.1-a"
    sentence = "This intervention was cancelled: it has neither report nor attendance."


class NoTraining(Refusal):
    slug = "no-training"
    status = 409
    clause = "13.1-a"
    sentence = "Attendance sheets are for trainings."


class PresenceRecorded(Refusal):
    slug = "presence-recorded"
    status = 409
    clause = "13.1-a"
    sentence = "Presence was recorded of a participant who is to be removed or renamed."


class ParticipantUnknown(Refusal):
    slug = "participant-unknown"
    status = 422
    clause = "13.1-a"
    sentence = "The sheet has no participant of this number."


class HalfDayUnknown(Refusal):
    slug = "half-day-unknown"
    status = 422
    clause = "13.1-a"
    sentence = "The training does not take place on this half-day, or this half-day has not begun."
