"""Every "no" about mail that comes in, and about who may write for a customer."""

from chassis.refusals import Refusal


class MailEmpty(Refusal):
    slug = "mail-empty"
    status = 422
    sentence = "The body holds no mail: it is the whole message, its header first (message/rfc822)."


class MailUnknown(Refusal):
    slug = "mail-unknown"
    status = 404
    sentence = "No mail of this identifier is known here."


class MailSettled(Refusal):
    slug = "mail-settled"
    status = 409
    sentence = "This mail has become a ticket or a message, or waits to be worked on."


class MailNotHeld(Refusal):
    slug = "mail-not-held"
    status = 409
    sentence = "This mail is not held."


class SenderUnknown(Refusal):
    slug = "mail-sender-unknown"
    status = 404
    sentence = "This customer has no such sender."


class SenderKnownAlready(Refusal):
    slug = "mail-sender-known-already"
    status = 409
    sentence = "This sender stands in this customer's list already."


class DomainShared(Refusal):
    slug = "domain-shared"
    status = 422
    sentence = "Addresses of this domain belong to anybody: name the single addresses."


class SenderMalformed(Refusal):
    slug = "sender-malformed"
    status = 422
    sentence = "This is neither a mail address nor a domain."
