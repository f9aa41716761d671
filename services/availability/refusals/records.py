"""Every "no" about what is on record: outages, exclusions, maintenance."""

from chassis.refusals import Refusal


class OutageUnknown(Refusal):
    slug = "outage-unknown"
    status = 404
    sentence = "There is no such outage."


class ExclusionUnknown(Refusal):
    slug = "exclusion-unknown"
    status = 404
    sentence = "There is no such exclusion."


class MaintenanceUnknown(Refusal):
    slug = "maintenance-unknown"
    status = 404
    sentence = "There is no such maintenance."


class OfferingUnknown(Refusal):
    slug = "watched-offering-unknown"
    status = 404
    sentence = "The catalogue has no such service."


class CustomerUnknown(Refusal):
    slug = "touched-customer-unknown"
    status = 404
    sentence = "There is no such customer."


class OutageWithoutLength(Refusal):
    slug = "outage-without-length"
    status = 422
    sentence = "An outage ends at least a second after it starts."


class OutageInTheFuture(Refusal):
    slug = "outage-in-the-future"
    status = 422
    sentence = "What is on record of an outage has happened: its bounds are not in the future."


class OutageOver(Refusal):
    slug = "outage-over"
    status = 409
    sentence = "This outage has ended; its bounds can be corrected."


class OutageStillOpen(Refusal):
    slug = "outage-still-open"
    status = 409
    sentence = "This outage goes on: it is ended before this."


class OutageCountsNoMore(Refusal):
    slug = "outage-counts-no-more"
    status = 409
    sentence = "This outage was merged into another or withdrawn; it stays as it is."


class OutageOpenElsewhere(Refusal):
    slug = "outage-open-elsewhere"
    status = 409
    sentence = "Another outage of the same source goes on: this one is not opened again beside it."


class OutagesNotAlike(Refusal):
    slug = "outages-not-alike"
    status = 409
    sentence = "Outages are merged when the same is down, in the same environment, for the same customers."


class OutagesApart(Refusal):
    slug = "outages-apart"
    status = 409
    clause = "6-e"
    sentence = (
        "Outages are merged where they overlap or touch; down in between too, a bound is corrected first."
    )


class OutageNamedTwice(Refusal):
    slug = "outage-named-twice"
    status = 422
    sentence = "An outage is named once, and is not merged into itself."


class SplitOutsideOutage(Refusal):
    slug = "split-outside-outage"
    status = 422
    sentence = "An outage is split after its start and before its end."


class ExclusionInTheFuture(Refusal):
    slug = "exclusion-in-the-future"
    status = 422
    clause = "6-d"
    sentence = "What is left out has happened: an exclusion's bounds are not in the future."


class UrgentMaintenanceExcludesItself(Refusal):
    slug = "urgent-maintenance-excludes-itself"
    status = 409
    clause = "5-e"
    sentence = "Urgent maintenance makes its own exclusion, from its recorded start until its end."


class ExclusionWithdrawn(Refusal):
    slug = "exclusion-withdrawn"
    status = 409
    clause = "6-d"
    sentence = "This exclusion was withdrawn; it stays on record as it is."


class MaintenanceHasStarted(Refusal):
    slug = "maintenance-has-started"
    status = 409
    clause = "5-d"
    sentence = "Maintenance that has started is neither moved nor extended, nor cancelled: it is ended."


class MaintenanceNotStarted(Refusal):
    slug = "maintenance-not-started"
    status = 409
    sentence = "Maintenance ends after it has started."


class MaintenanceOver(Refusal):
    slug = "maintenance-over"
    status = 409
    sentence = "This maintenance has ended or was cancelled."


class MaintenanceSlotOver(Refusal):
    slug = "maintenance-slot-over"
    status = 409
    clause = "5-d"
    sentence = "The slot that was announced is over: another one is announced."


class MaintenanceEndNotReal(Refusal):
    slug = "maintenance-end-not-real"
    status = 422
    sentence = "Maintenance ended after its start, and not in the future."


class ExpectedEndPassed(Refusal):
    slug = "expected-end-passed"
    status = 422
    sentence = "The end that is expected is still to come."
