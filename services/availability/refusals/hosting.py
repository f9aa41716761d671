"""Every "no" of the hosting register."""

from chassis.refusals import Refusal


class CommitmentUnknown(Refusal):
    slug = "commitment-unknown"
    status = 404
    clause = "7-a"
    sentence = "The booklet in force has no such hosting commitment."


class EvidenceUnknown(Refusal):
    slug = "evidence-unknown"
    status = 404
    sentence = "There is no such evidence."


class EvidenceNotYetDated(Refusal):
    slug = "evidence-not-yet-dated"
    status = 422
    clause = "7-a"
    sentence = "Evidence is dated today or before."


class EvidenceWithoutValidity(Refusal):
    slug = "evidence-without-validity"
    status = 422
    clause = "7-a"
    sentence = "Evidence is valid through its own date at least."


class EvidenceWithdrawnAlready(Refusal):
    slug = "evidence-withdrawn-already"
    status = 409
    sentence = "This evidence was withdrawn already."


class WithdrawalUnexplained(Refusal):
    slug = "evidence-withdrawal-unexplained"
    status = 422
    clause = "7-a"
    sentence = "Evidence is withdrawn for a reason."
