"""Every "no" of the catalogue, with the clause it stands on."""

from chassis.refusals import Refusal


class OfferingUnknown(Refusal):
    slug = "offering-unknown"
    status = 404
    sentence = "The catalogue has no service of this code."


class OfferingCodeTaken(Refusal):
    slug = "offering-code-taken"
    status = 409
    sentence = "A service of this code is already in the catalogue."


class CustomDevelopmentExcluded(Refusal):
    slug = "custom-development-excluded"
    status = 422
    clause = "4-d"
    sentence = "A custom development can be neither published in the catalogue nor activated."


class TermsVersionReused(Refusal):
    slug = "terms-version-reused"
    status = 409
    clause = "4-e"
    sentence = "These terms were published under this version with another text: give them a new version."


class OfferingWithdrawn(Refusal):
    slug = "offering-withdrawn"
    status = 409
    clause = "3-d"
    sentence = "This service was withdrawn from the catalogue: it takes no new activation."


class EndAlreadyAnnounced(Refusal):
    slug = "end-already-announced"
    status = 409
    clause = "3-d"
    sentence = "The end of this service was announced already."


class EndInThePast(Refusal):
    slug = "end-in-the-past"
    status = 422
    clause = "3-d"
    sentence = "The announced end of a service is today or later."


class TermsNotAcknowledged(Refusal):
    slug = "terms-not-acknowledged"
    status = 409
    clause = "4-e"
    sentence = "This service carries stricter terms, which are acknowledged before activation."


class TermsUnknown(Refusal):
    slug = "terms-unknown"
    status = 422
    clause = "4-e"
    sentence = "What is acknowledged is not the current version of this service's terms."


class CustomerUnknown(Refusal):
    slug = "catalogue-customer-unknown"
    status = 404
    sentence = "No customer of this identifier is known here."


class CompanyUnknown(Refusal):
    slug = "catalogue-company-unknown"
    status = 404
    sentence = "No company of this identifier is known here."


class CompanyNotActive(Refusal):
    slug = "company-inactive"
    status = 409
    clause = "15-f"
    sentence = "This company is not activated: services are activated for active companies."


class ActivationUnknown(Refusal):
    slug = "activation-unknown"
    status = 404
    sentence = "No activation of this identifier is known here."


class AlreadyDeactivated(Refusal):
    slug = "already-deactivated"
    status = 409
    clause = "15-i"
    sentence = "This service is no longer active here."


class DeactivationNotRequested(Refusal):
    slug = "deactivation-not-requested"
    status = 409
    clause = "15-i"
    sentence = "No deactivation waits for a confirmation here."


class NamedTwice(Refusal):
    slug = "named-twice"
    status = 422
    sentence = "The list names the same thing twice."
