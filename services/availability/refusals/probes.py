"""The "no" of what is watched: targets, scripts, places, reports, alerts."""

from chassis.refusals import Refusal


class TargetUnknown(Refusal):
    slug = "target-unknown"
    status = 404
    sentence = "There is no such target."


class TargetDoesNotLogIn(Refusal):
    slug = "target-does-not-log-in"
    status = 422
    clause = "6-b"
    sentence = "Available means that one can log in too: a script for production has a step that does."


class TargetIsDown(Refusal):
    slug = "target-is-down"
    status = 409
    sentence = "The outage of this target is open: end or withdraw it first."


class ScriptUnusable(Refusal):
    slug = "script-unusable"
    status = 422
    sentence = "This script cannot be run as it stands."


class ConfirmationImpossible(Refusal):
    slug = "confirmation-impossible"
    status = 422
    sentence = "So many places can never confirm that this target is down."


class PlaceUnknown(Refusal):
    slug = "place-unknown"
    status = 404
    sentence = "There is no such place."


class PlaceOfAnother(Refusal):
    slug = "place-of-another"
    status = 403
    sentence = "Another program speaks for this place."


class ProberClockOff(Refusal):
    slug = "prober-clock-off"
    status = 422
    sentence = "The clock of this place is too far from ours for what it found to be proof."


class AlertRouteUnknown(Refusal):
    slug = "alert-route-unknown"
    status = 404
    sentence = "There is no such route for alerts."


class AlertMatcherUnusable(Refusal):
    slug = "alert-matcher-unusable"
    status = 422
    sentence = "This pattern holds more than words parted by |, and the wildcards . .* and .+."
