"""Every "no" of availability: slug, HTTP status, sentence, and the clause it stands on."""

from chassis.refusals import Refusal


class MaintenanceWithoutLength(Refusal):
    slug = "maintenance-without-length"
    status = 422
    sentence = "Maintenance ends after it starts."


class MaintenanceOutsideSlots(Refusal):
    slug = "maintenance-outside-slots"
    status = 409
    clause = "5-d"
    sentence = "Planned maintenance lies in a night, or on a Saturday, a Sunday or a public holiday."


class BlockingWorkTooEarly(Refusal):
    slug = "blocking-work-too-early"
    status = 409
    clause = "5-c"
    sentence = "Work that blocks the service does not begin so early on a weekday evening."


class MaintenanceNoticeTooShort(Refusal):
    slug = "maintenance-notice-too-short"
    status = 409
    clause = "5-d"
    sentence = "This comes too late for planned maintenance to be announced."


class MaintenanceNotYet(Refusal):
    slug = "maintenance-not-yet"
    status = 409
    clause = "5-d"
    sentence = "Planned maintenance starts no earlier than it was announced for."


class UrgentMaintenanceUnexplained(Refusal):
    slug = "urgent-maintenance-unexplained"
    status = 422
    clause = "5-e"
    sentence = "Urgent maintenance needs a reason."


class UrgentMaintenanceBackdated(Refusal):
    slug = "urgent-maintenance-backdated"
    status = 409
    clause = "5-e"
    sentence = "Urgent maintenance counts from the instant it is recorded, not from an earlier one."


class ExclusionUnexplained(Refusal):
    slug = "exclusion-unexplained"
    status = 422
    clause = "6-d"
    sentence = "An exclusion needs a reason."


class ExclusionUnattributed(Refusal):
    slug = "exclusion-unattributed"
    status = 422
    clause = "6-d"
    sentence = "An exclusion is put on record by somebody, at an instant."


class ExclusionWithoutLength(Refusal):
    slug = "exclusion-without-length"
    status = 422
    clause = "6-d"
    sentence = "An exclusion ends after it starts."
