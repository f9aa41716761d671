"""The life of a company: registered, active, inactive."""

from datetime import datetime

from services.tenancy.model import Company, CompanyState
from services.tenancy.refusals import CompanyAlreadyActive, CompanyNotActive


def activated(company: Company, now: datetime) -> datetime:
    """15-f, R10: a company is counted from its activation. Active already, it cannot be activated again."""
    if company.state is CompanyState.active:
        raise CompanyAlreadyActive.of(company.siret)
    return now


def deactivated(company: Company, now: datetime) -> datetime:
    """15-i: what the customer does not deactivate goes on being invoiced; only an active one can be."""
    if company.state is not CompanyState.active:
        raise CompanyNotActive.of(company.siret)
    return now
