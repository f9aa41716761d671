"""Every "no" of metering."""

from chassis.refusals import Refusal


class CustomerNotMetered(Refusal):
    slug = "customer-not-metered"
    status = 404
    sentence = "Nothing was heard here of a customer of this identifier."


class MonthUnreadable(Refusal):
    slug = "month-unreadable"
    status = 422
    sentence = "A month is written as 2026-03."
