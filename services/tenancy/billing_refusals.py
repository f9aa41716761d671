"""Every "no" about contact and billing details (15-c). None of them repeats what was sent."""

from chassis.refusals import Refusal


class CardNumberRefused(Refusal):
    slug = "card-number-refused"
    status = 422
    clause = "15-c"
    sentence = "This looks like a card number, which is never taken or kept: send the provider's token."


class CardExpired(Refusal):
    slug = "card-expired"
    status = 422
    clause = "15-c"
    sentence = "This card has expired."


class CardTokenUnfit(Refusal):
    slug = "card-token-unfit"
    status = 422
    clause = "15-c"
    sentence = "A card is named by its provider's token, its brand and its last four digits."


class IbanInvalid(Refusal):
    slug = "iban-invalid"
    status = 422
    clause = "15-c"
    sentence = "This is no IBAN: its length or its check digits are wrong."


class IbanOutsideSepa(Refusal):
    slug = "iban-outside-sepa"
    status = 422
    clause = "15-c"
    sentence = "A SEPA direct debit needs an account of the SEPA area."


class BicInvalid(Refusal):
    slug = "bic-invalid"
    status = 422
    clause = "15-c"
    sentence = "A BIC has 8 or 11 characters, with the country's code in fifth place."


class MandateReferenceUnfit(Refusal):
    slug = "mandate-reference-unfit"
    status = 422
    clause = "15-c"
    sentence = "A mandate's reference is 1 to 35 characters of the SEPA alphabet."


class MandateSignedLater(Refusal):
    slug = "mandate-signed-later"
    status = 422
    clause = "15-c"
    sentence = "A mandate was signed today or before."


class CountryUnknown(Refusal):
    slug = "billing-country-unknown"
    status = 422
    clause = "15-c"
    sentence = "A country is named by its two letters (ISO 3166-1)."


class BillingCustomerUnknown(Refusal):
    slug = "billing-customer-unknown"
    status = 404
    sentence = "There is no such customer."
