"""Every "no" about the term of a contract, with the clause it stands on."""

from chassis.refusals import Refusal


class BeforeTheContract(Refusal):
    slug = "before-the-contract"
    status = 422
    clause = "16-a"
    sentence = "The contract has not begun on that day."


class BeyondTheCalendar(Refusal):
    slug = "beyond-the-calendar"
    status = 422
    clause = "16-a"
    sentence = "This lies beyond the years a calendar knows, 1 to 9999."


class ContractOver(Refusal):
    slug = "contract-over"
    status = 409
    clause = "16-a"
    sentence = "This contract has ended."


class NotYetThere(Refusal):
    slug = "not-yet-there"
    status = 422
    sentence = "What has happened is recorded: this day is still to come."


class NonRenewalNotifiedAlready(Refusal):
    slug = "non-renewal-notified-already"
    status = 409
    clause = "16-c"
    sentence = "A notice of this party stands already: it is withdrawn before another is given."


class NoticeUnknown(Refusal):
    slug = "notice-unknown"
    status = 404
    sentence = "There is no such notice."


class NoticeWithdrawnAlready(Refusal):
    slug = "notice-withdrawn-already"
    status = 409
    clause = "16-c"
    sentence = "This notice was withdrawn already."


class NoticeOfTheOtherParty(Refusal):
    slug = "notice-of-the-other-party"
    status = 409
    clause = "16-c"
    sentence = "A notice is withdrawn by the party that gave it."


class NoticeTookEffect(Refusal):
    slug = "notice-took-effect"
    status = 409
    clause = "16-c"
    sentence = "The contract has ended by this notice, which can no longer be withdrawn."


class NotARenewal(Refusal):
    slug = "not-a-renewal"
    status = 422
    clause = "16-b"
    sentence = "Prices are raised at a renewal only, and no renewal of this contract is on that day."


class NoSuchRenewal(Refusal):
    slug = "no-such-renewal"
    status = 409
    clause = "16-b"
    sentence = "The contract ends before that renewal."


class PriceRevisionTooLate(Refusal):
    slug = "price-revision-too-late"
    status = 409
    clause = "16-b"
    sentence = "The notice of this price revision comes too late for that renewal."


class PriceRevisionInTrial(Refusal):
    slug = "price-revision-in-trial"
    status = 409
    clause = "16-b"
    sentence = "Prices are not raised while the free demonstration lasts."


class PriceRevisionInPromotion(Refusal):
    slug = "price-revision-in-promotion"
    status = 409
    clause = "16-b"
    sentence = "Prices are not raised during a promotional price."


class PriceRevisedAlready(Refusal):
    slug = "price-revised-already"
    status = 409
    clause = "16-b"
    sentence = "A price revision stands for that renewal already."


class PromotionBackwards(Refusal):
    slug = "promotion-backwards"
    status = 422
    clause = "16-b"
    sentence = "A promotional price ends on or after the day on which it starts."


class PromotionOverlaps(Refusal):
    slug = "promotion-overlaps"
    status = 409
    clause = "16-b"
    sentence = "Another promotional price holds on some of these days."
