"""What the registration of a customer needs."""

import re
from dataclasses import replace

from services.tenancy.model import PUBLISHER_PORTAL, CustomerKind, Identity, NewCustomer, SupportPlan
from services.tenancy.refusals import (
    OnlyItsOwnCompany,
    PortalAddressUnfit,
    ProfessionalUseNotAcknowledged,
    SamePlan,
    TermTooShort,
)
from services.tenancy.rules.establishments import admitted_address, given_name, siret_of, vat_of

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])\Z", re.ASCII)
TAKEN_BY_THE_PORTAL = frozenset({PUBLISHER_PORTAL, "api", "www", "admin", "status", "meteo"})


def admitted_customer(asked: NewCustomer) -> NewCustomer:
    """A registration the booklet admits, its numbers in standard form.

    4-f: professional use only, acknowledged at registration.
    4-a: metropolitan France only, as `admitted_identity` decides.
    16-a: an initial term of at least one month.
    """
    if not asked.professional_use:
        raise ProfessionalUseNotAcknowledged
    if asked.term_months < 1:
        raise TermTooShort
    identity = admitted_identity(Identity(asked.name, asked.siret, asked.vat, asked.address))
    return replace(
        asked,
        name=identity.name,
        siret=identity.siret,
        vat=identity.vat,
        address=identity.address,
        portal=portal_address(asked.portal),
    )


def admitted_identity(asked: Identity) -> Identity:
    """4-a: metropolitan France only; the establishment's address decides, when it is corrected too.

    The numbers come out in standard form; the VAT number is that of the SIREN.
    """
    siret = siret_of(asked.siret)
    return Identity(
        name=given_name(asked.name),
        siret=siret,
        vat=vat_of(asked.vat, siret),
        address=admitted_address(asked.address),
    )


def portal_address(slug: str) -> str:
    """The portal's address tells the firm at login: lower-case letters, digits and hyphens, 3 to 40."""
    folded = slug.strip().lower()
    if not SLUG.match(folded) or folded in TAKEN_BY_THE_PORTAL:
        raise PortalAddressUnfit.of(slug)
    return folded


def changed_plan(current: SupportPlan, asked: SupportPlan) -> SupportPlan:
    """13.2-a: a customer has one support plan at a time; the same one again is no change."""
    if current is asked:
        raise SamePlan.of(asked)
    return asked


def may_have_companies(kind: CustomerKind) -> None:
    """A direct customer's only company is itself; an accounting firm has as many as it likes."""
    if kind is CustomerKind.direct:
        raise OnlyItsOwnCompany
