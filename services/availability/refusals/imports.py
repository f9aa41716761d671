"""Every "no" about a file of interruptions as a whole; its lines are refused one by one, in its report."""

from chassis.refusals import Refusal


class ImportUnreadable(Refusal):
    slug = "interruptions-unreadable"
    status = 422
    sentence = "This file of interruptions cannot be read."


class ImportColumnsUnknown(Refusal):
    slug = "interruption-columns-unknown"
    status = 422
    sentence = "The file's columns do not say when each interruption began and ended."


class ImportKindsUnknown(Refusal):
    slug = "interruption-kinds-unknown"
    status = 422
    sentence = "A kind of interruption is mapped to none of ours."
