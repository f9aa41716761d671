"""What stands, as the events that told it: said again after a correction, and by a resync.

Whoever hears them keeps what they tell by its id, so that saying it again corrects and doubles nothing.
"""

from typing import Any

from sqlalchemy import Row

from contracts.events.tenancy import CompanyRegistered, CustomerRegistered


def customer_standing(row: Row[Any]) -> CustomerRegistered:
    """A customer's row as what others know of it."""
    return CustomerRegistered(
        customer_id=row.customer_id,
        name=row.name,
        kind=row.kind,
        support_plan=row.support_plan,
        registered_at=row.registered_at,
        contract_starts_on=row.contract_starts_on,
        term_months=row.term_months,
        support_starts_on=row.support_starts_on,
    )


def company_standing(row: Row[Any]) -> CompanyRegistered:
    """A company's row as what others know of it."""
    return CompanyRegistered(
        customer_id=row.customer_id,
        company_id=row.company_id,
        siret=row.siret,
        name=row.name,
        registered_at=row.registered_at,
    )
