"""Every "no" about months: what is asked of one that is none, not closed, or not yet begun."""

from chassis.refusals import Refusal


class MonthUnknown(Refusal):
    slug = "month-unknown"
    status = 404
    sentence = "A month is written as 2026-05, and lies in the years that the calendars know."


class YearUnknown(Refusal):
    slug = "year-unknown"
    status = 404
    sentence = "This year is none that the calendars know."


class MonthNotClosed(Refusal):
    slug = "month-not-closed"
    status = 404
    clause = "6-h"
    sentence = "This month is not closed: it can be reckoned, and has no revision yet."


class RevisionUnknown(Refusal):
    slug = "revision-unknown"
    status = 404
    clause = "6-h"
    sentence = "This month was not closed in such a revision."
