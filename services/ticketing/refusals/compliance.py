"""Every "no" about the share of tickets, and about the detailed report."""

from chassis.refusals import Refusal


class SupportYearUnknown(Refusal):
    slug = "support-year-unknown"
    status = 404
    sentence = "This customer's support has no contract year of this number."
    clause = "13.2-g"
