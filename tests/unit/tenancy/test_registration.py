"""4-f, 16-a, 13.2-a, and the address of a portal."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.tenancy.model import (
    Address,
    Company,
    CompanyState,
    CustomerKind,
    NewCustomer,
    SupportPlan,
)
from services.tenancy.refusals import (
    CompanyAlreadyActive,
    CompanyNotActive,
    NameMissing,
    OnlyItsOwnCompany,
    PortalAddressUnfit,
    ProfessionalUseNotAcknowledged,
    SamePlan,
    TermTooShort,
)
from services.tenancy.rules.companies import activated, deactivated
from services.tenancy.rules.registration import admitted_customer, changed_plan, may_have_companies

NOW = datetime(2026, 3, 27, 9, tzinfo=UTC)
ASKED = NewCustomer(
    kind=CustomerKind.accounting_firm,
    name="  Cabinet   Moreau ",
    siret="732 829 320 00074",
    vat="44732829320",
    address=Address("1 rue Haute", "57000", "Metz"),
    portal="Cabinet-Moreau",
    support_plan=SupportPlan.open,
    support_starts_on=None,
    contract_starts_on=date(2026, 1, 31),
    term_months=12,
    professional_use=True,
)


def test_a_registration_comes_out_in_standard_form() -> None:
    new = admitted_customer(ASKED)
    assert (new.name, new.siret, new.vat, new.portal) == (
        "Cabinet Moreau", "73282932000074", "FR44732829320", "cabinet-moreau",
    )  # fmt: skip


def test_professional_use_must_be_acknowledged() -> None:
    with pytest.raises(ProfessionalUseNotAcknowledged) as refused:
        admitted_customer(replace(ASKED, professional_use=False))
    assert refused.value.clause == "4-f"


def test_a_term_has_at_least_one_month() -> None:
    with pytest.raises(TermTooShort):
        admitted_customer(replace(ASKED, term_months=0))


def test_a_name_is_needed() -> None:
    with pytest.raises(NameMissing):
        admitted_customer(replace(ASKED, name=" \t"))


@pytest.mark.parametrize(
    "slug", ["publisher", "PUBLISHER", "api", "a", "ab", "-abc", "abc-", "a b c", "é" * 5, "a" * 41]
)
def test_a_portal_address_is_a_free_word(slug: str) -> None:
    with pytest.raises(PortalAddressUnfit):
        admitted_customer(replace(ASKED, portal=slug))


def test_a_plan_changes_to_another_only() -> None:
    assert changed_plan(SupportPlan.connect, SupportPlan.private) is SupportPlan.private
    with pytest.raises(SamePlan):
        changed_plan(SupportPlan.open, SupportPlan.open)


def test_a_direct_customer_has_no_other_company_than_itself() -> None:
    may_have_companies(CustomerKind.accounting_firm)
    with pytest.raises(OnlyItsOwnCompany):
        may_have_companies(CustomerKind.direct)


def company(state: CompanyState) -> Company:
    nobody = UUID(int=1)
    return Company(nobody, nobody, "73282932000074", "Martin", state, None, None, 1)


@pytest.mark.parametrize("state", [CompanyState.registered, CompanyState.inactive])
def test_a_company_that_is_not_active_can_be_activated(state: CompanyState) -> None:
    assert activated(company(state), NOW) == NOW
    with pytest.raises(CompanyNotActive):
        deactivated(company(state), NOW)


def test_an_active_company_can_only_be_deactivated() -> None:
    assert deactivated(company(CompanyState.active), NOW) == NOW
    with pytest.raises(CompanyAlreadyActive):
        activated(company(CompanyState.active), NOW)
