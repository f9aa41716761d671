"""Every "no" of tenancy, with the clause it stands on."""

from typing import ClassVar, Self

from chassis.refusals import Pointer, Refusal


class ValueRefused(Refusal):
    """A "no" about one value of the request; subclasses say where it stands."""

    slug = "value-refused"
    status = 422
    sentence = "A value is refused."
    pointer: ClassVar[str] = ""

    @classmethod
    def of(cls, value: object) -> Self:
        """The refusal of this value; it is quoted, cut to 80 characters."""
        return cls(errors=[Pointer(cls.pointer, f"{cls.sentence} Given: {str(value)[:80]!r}")])


class ProfessionalUseNotAcknowledged(Refusal):
    slug = "professional-use-not-acknowledged"
    status = 422
    clause = "4-f"
    sentence = "The service is for professional use only, which the customer acknowledges at registration."


class CountryRefused(ValueRefused):
    slug = "country-refused"
    clause = "4-a"
    sentence = "The service is available in metropolitan France only: the country is FR."
    pointer = "/address/country"


class OverseasRefused(ValueRefused):
    slug = "overseas-refused"
    clause = "4-a"
    sentence = "The service is available in metropolitan France only: postcodes 971 to 988 are refused."
    pointer = "/address/postcode"


class PostcodeUnreadable(ValueRefused):
    slug = "postcode-unreadable"
    clause = "4-a"
    sentence = "The establishment's address decides: a postcode has five digits."
    pointer = "/address/postcode"


class SiretInvalid(ValueRefused):
    slug = "siret-invalid"
    sentence = "A SIRET has 14 digits, the last of which checks the others."
    pointer = "/siret"


class VatInvalid(ValueRefused):
    slug = "vat-invalid"
    sentence = "The VAT number is not that of this SIREN."
    pointer = "/vat"


class NameMissing(ValueRefused):
    slug = "name-missing"
    sentence = "A name is needed."
    pointer = "/name"


class PortalAddressUnfit(ValueRefused):
    slug = "portal-address-unfit"
    sentence = (
        "A portal's address is 3 to 40 lower-case letters, digits and hyphens, and not a reserved word."
    )
    pointer = "/portal"


class PortalAddressTaken(Refusal):
    slug = "portal-address-taken"
    status = 409
    sentence = "Another portal has this address."


class TermTooShort(Refusal):
    slug = "term-too-short"
    status = 422
    clause = "16-a"
    sentence = "The initial term is at least one month."


class SamePlan(ValueRefused):
    slug = "same-plan"
    status = 409
    clause = "13.2-a"
    sentence = "The customer has this support plan already."
    pointer = "/plan"


class CustomerUnknown(Refusal):
    slug = "customer-unknown"
    status = 404
    sentence = "There is no such customer."


class CompanyUnknown(Refusal):
    slug = "company-unknown"
    status = 404
    sentence = "There is no such company."


class PersonUnknown(Refusal):
    slug = "person-unknown"
    status = 404
    sentence = "There is no such person."


class CredentialUnknown(Refusal):
    slug = "credential-unknown"
    status = 404
    sentence = "There is no such credential."


class ImportUnknown(Refusal):
    slug = "import-unknown"
    status = 404
    sentence = "There is no such import."


class OnlyItsOwnCompany(Refusal):
    slug = "only-its-own-company"
    status = 409
    sentence = "A direct customer's only company is itself."


class SiretTaken(Refusal):
    slug = "siret-taken"
    status = 409
    sentence = "This establishment is registered already."


class CompanyAlreadyActive(ValueRefused):
    slug = "company-already-active"
    status = 409
    sentence = "This company is active already."


class CompanyNotActive(ValueRefused):
    slug = "company-not-active"
    status = 409
    clause = "15-i"
    sentence = "Only an active company can be deactivated."


class RoleNotGiven(ValueRefused):
    slug = "role-not-given"
    status = 403
    clause = "11-a"
    sentence = "This role is not yours to give."
    pointer = "/role"


class IdentifierUnfit(ValueRefused):
    slug = "identifier-unfit"
    sentence = "An identifier has 1 to 120 characters, without spaces or control characters."
    pointer = "/identifier"


class IdentifierTaken(Refusal):
    slug = "identifier-taken"
    status = 409
    clause = "11-a"
    sentence = "This identifier is given to somebody already."


class NoMailAddress(Refusal):
    slug = "no-mail-address"
    status = 409
    sentence = "This person has no mail address to send an invitation to."


class CredentialAlreadyDisabled(Refusal):
    slug = "credential-already-disabled"
    status = 409
    clause = "11-b"
    sentence = "This credential is disabled already; give another one instead."


class OfferingCodesUnfit(Refusal):
    slug = "offering-codes-unfit"
    status = 422
    clause = "3-b"
    sentence = "An offering's code is not empty."


class FileUnreadable(Refusal):
    slug = "file-unreadable"
    status = 422
    sentence = "This file cannot be read as CSV."


class FileTooLarge(Refusal):
    slug = "file-too-large"
    status = 413
    sentence = "A file of companies has at most 20 MB."


class ColumnsUnknown(Refusal):
    slug = "columns-unknown"
    status = 422
    sentence = "The columns of the file could not be recognised: say which is which."


class ImportNotReady(Refusal):
    slug = "import-not-ready"
    status = 409
    sentence = "Only an import that was checked can be run."
