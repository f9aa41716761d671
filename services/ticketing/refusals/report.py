"""Every "no" about the detailed report."""

from chassis.refusals import Refusal


class DetailedReportOfPrivate(Refusal):
    slug = "detailed-report-of-private"
    status = 409
    sentence = "Detailed reporting comes with the private plan: ask customer service about it."
    clause = "13.11-a"


class MonthNotBegun(Refusal):
    slug = "report-month-not-begun"
    status = 404
    sentence = "This month has not begun."
