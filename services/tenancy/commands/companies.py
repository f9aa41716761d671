"""Companies are registered, corrected, activated and deactivated, one or many at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from chassis.db import Tx
from chassis.refusals import Refusal
from contracts.events.tenancy import CompanyActivated, CompanyDeactivated, CompanyRegistered
from services.tenancy.commands.standing import company_standing
from services.tenancy.model import Address, CompanyState, NewCompany
from services.tenancy.refusals import CompanyAlreadyActive, CompanyUnknown, SiretTaken
from services.tenancy.rules.companies import activated, deactivated
from services.tenancy.rules.establishments import admitted_address, given_name, siret_of
from services.tenancy.rules.registration import may_have_companies
from services.tenancy.store import companies as store
from services.tenancy.store.customers import load_kind


def admitted(asked: NewCompany) -> NewCompany:
    """The company as it may be registered: its number checked, its place in metropolitan France (4-a)."""
    address = admitted_address(Address(asked.street, asked.postcode, asked.city))
    return replace(asked, siret=siret_of(asked.siret), name=given_name(asked.name), postcode=address.postcode)


async def register_company(tx: Tx, customer_id: UUID, asked: NewCompany, now: datetime) -> UUID:
    """Registers one establishment of a firm. Raises SiretTaken when the firm has it already."""
    new = admitted(asked)
    may_have_companies(await load_kind(tx, customer_id))
    company_id = uuid4()
    if not await store.insert_company(tx, customer_id, company_id, new, now):
        raise SiretTaken
    await tx.emit(
        CompanyRegistered(
            customer_id=customer_id, company_id=company_id, siret=new.siret, name=new.name, registered_at=now
        )
    )
    return company_id


async def correct_company(
    tx: Tx, customer_id: UUID, company_id: UUID, asked: NewCompany, require: Callable[[int], None]
) -> None:
    """Corrects name and address; the SIRET stays: another one is another establishment.

    Others know its name: where that differs the company is said again as it stands now. `require` is told
    the version that was found, and refuses one that is not what the caller saw.
    """
    company = await store.load_company(tx, customer_id, company_id)
    require(company.version)
    details = admitted(replace(asked, siret=company.siret))
    await store.save_company_details(tx, company, details)
    if details.name != company.name:
        await tx.emit(company_standing(await store.load_company_row(tx, customer_id, company_id)))


async def activate_company(tx: Tx, customer_id: UUID, company_id: UUID, now: datetime) -> None:
    """Activates a company: from now on it is counted."""
    company = await store.load_company(tx, customer_id, company_id)
    at = activated(company, now)
    await store.save_company_state(tx, company, CompanyState.active, at, None)
    await tx.emit(CompanyActivated(customer_id=customer_id, company_id=company_id, activated_at=at))


async def deactivate_company(tx: Tx, customer_id: UUID, company_id: UUID, now: datetime) -> None:
    """Deactivates a company: its people no longer enter, and it is no longer counted."""
    company = await store.load_company(tx, customer_id, company_id)
    at = deactivated(company, now)
    await store.save_company_state(tx, company, CompanyState.inactive, company.activated_at, at)
    await tx.emit(CompanyDeactivated(customer_id=customer_id, company_id=company_id, deactivated_at=at))


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item of a bulk request."""

    company_id: UUID
    refusal: Refusal | None = None


async def activate_each(tx: Tx, customer_id: UUID, ids: Sequence[UUID], now: datetime) -> list[ItemResult]:
    """Activates the companies named, those that can be; says of each what became of it."""
    wanted = list(dict.fromkeys(ids))
    existing = await store.existing_of(tx, customer_id, wanted)
    changed = set(await activate_all(tx, customer_id, wanted, now))
    return [ItemResult(id_, _why_not(id_, existing, changed)) for id_ in wanted]


def _why_not(company_id: UUID, existing: set[UUID], changed: set[UUID]) -> Refusal | None:
    if company_id in changed:
        return None
    return CompanyAlreadyActive() if company_id in existing else CompanyUnknown()


async def activate_all(tx: Tx, customer_id: UUID, ids: Sequence[UUID] | None, now: datetime) -> list[UUID]:
    """Activates those that are not active, of these or of all, in one statement; gives which changed."""
    changed = await store.activate_companies(tx, customer_id, ids, now)
    await tx.emit_many(
        [CompanyActivated(customer_id=customer_id, company_id=id_, activated_at=now) for id_ in changed]
    )
    return changed
