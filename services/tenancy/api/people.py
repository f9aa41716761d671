"""People and their credentials: given one or many at once, and disabled, by the firm alone (11-a, 11-b).

Answers that hold secrets are shown once and stored nowhere, so these POSTs take no idempotency key: a
credential whose answer was lost is disabled, and another given.
"""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.auth import Caller
from chassis.downloads import as_csv, csv_file
from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.unit import Read, UnitOfWork, Work
from services.tenancy.api.permissions import FirmAdmin, PublisherAdmin, instants_of, own_customer
from services.tenancy.commands import credentials as commands
from services.tenancy.commands.invitations import invite
from services.tenancy.commands.people import NewPerson, add_person
from services.tenancy.model import PUBLISHER
from services.tenancy.schemas import people as shapes
from services.tenancy.store import credentials as store
from services.tenancy.store.companies import load_company_row

creating = APIRouter(tags=["people"], route_class=IdempotentRoute)
router = APIRouter(tags=["people"])
NOBODY = UUID(int=0)
HEADINGS = ("company_id", "name", "identifier", "one_time_secret")
AS_CSV = as_csv(HEADINGS, (str(NOBODY), "Boulangerie Martin", "73282932000074", "kT7w-9cQp-Zr4m-XsV2"))


@creating.post("/people", status_code=201)
async def add_firm_person(sent: shapes.FirmPersonAsked, work: Work, caller: FirmAdmin) -> shapes.PersonShown:
    """Adds a person of the firm, or of one of its companies."""
    return await _added(work, own_customer(caller), sent.as_person(), caller)


@creating.post("/staff", status_code=201)
async def add_staff(sent: shapes.PersonAsked, work: Work, caller: PublisherAdmin) -> shapes.PersonShown:
    """Adds a member of the publisher's staff."""
    return await _added(work, PUBLISHER, sent.as_person(), caller)


async def _added(work: UnitOfWork, customer_id: UUID, new: NewPerson, caller: Caller) -> shapes.PersonShown:
    await work.audit("add_person", company_id=new.company_id, details={"role": new.role.value})
    now = work.clock.business_now()
    person_id = await add_person(work.tx, customer_id, new, caller.role, now)
    return shapes.PersonShown.model_validate(await store.load_person(work.tx, customer_id, person_id))


@router.get("/people")
async def list_people(
    work: Read,
    caller: FirmAdmin,
    paging: Paging,
    company_id: Annotated[UUID | None, Query(description="Only those of this company.")] = None,
) -> Page[shapes.PersonShown]:
    """The firm's people and its companies'."""
    after = paging.after(UUID) or (NOBODY,)
    customer_id = own_customer(caller)
    if company_id is not None:
        await load_company_row(work.tx, customer_id, company_id)
    rows = await store.list_people(work.tx, customer_id, company_id, after[0], paging.rows)
    return page_of(rows, paging, shapes.PersonShown.model_validate, lambda row: [row.person_id])


@router.get("/staff")
async def list_staff(work: Read, _caller: PublisherAdmin, paging: Paging) -> Page[shapes.PersonShown]:
    """The publisher's staff."""
    after = paging.after(UUID) or (NOBODY,)
    rows = await store.list_people(work.tx, PUBLISHER, None, after[0], paging.rows)
    return page_of(rows, paging, shapes.PersonShown.model_validate, lambda row: [row.person_id])


@router.post("/people/{person_id}/credentials", status_code=201)
async def give_credential(
    person_id: UUID, sent: shapes.CredentialAsked, work: Work, caller: FirmAdmin, request: Request
) -> shapes.CredentialGiven:
    """Gives a person an identifier: with a one-time secret, or an invitation by mail."""
    return await _given(work, own_customer(caller), person_id, sent, caller, request)


@router.post("/staff/{person_id}/credentials", status_code=201)
async def give_staff_credential(
    person_id: UUID, sent: shapes.CredentialAsked, work: Work, caller: PublisherAdmin, request: Request
) -> shapes.CredentialGiven:
    """Gives a member of the publisher's staff an identifier."""
    return await _given(work, PUBLISHER, person_id, sent, caller, request)


@router.post("/customers/{customer_id}/people/{person_id}/credentials", status_code=201)
async def give_administrator_credential(
    customer_id: UUID,
    person_id: UUID,
    sent: shapes.CredentialAsked,
    work: Work,
    caller: PublisherAdmin,
    request: Request,
) -> shapes.CredentialGiven:
    """Communicates access codes to a customer's administrator: the day of its first invoice (15-e)."""
    return await _given(work, customer_id, person_id, sent, caller, request)


async def _given(
    work: UnitOfWork,
    customer_id: UUID,
    person_id: UUID,
    sent: shapes.CredentialAsked,
    caller: Caller,
    request: Request,
) -> shapes.CredentialGiven:
    at = instants_of(work.clock)
    await work.audit("give_credential", subject=person_id, customer_id=customer_id)
    giver = commands.Giver(caller.role, caller.person_id)
    if sent.by == "mail":
        origin = request.app.state.settings.origin
        invited = await invite(work.tx, customer_id, person_id, sent.identifier, giver, at, origin)
        return shapes.CredentialGiven.model_validate(invited).model_copy(update={"secret": None})
    given = await commands.give_secret(work.tx, customer_id, person_id, sent.identifier, giver, at)
    return shapes.CredentialGiven.model_validate(given)


@router.post(
    "/credentials/batch", status_code=201, response_model=shapes.CredentialsGiven, responses={201: AS_CSV}
)
async def give_credentials_to_companies(
    sent: shapes.CredentialsOfManyAsked,
    work: Work,
    caller: FirmAdmin,
    shape: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> shapes.CredentialsGiven | Response:
    """Gives the administrators of companies their SIRET as identifier and a one-time secret.

    Those who have a credential are left out, unless `renew`. The list is shown once.
    """
    at, ids = instants_of(work.clock), None if sent.all else sent.company_ids
    await work.audit("give_credentials", details={"all": sent.all, "renew": sent.renew})
    customer_id = own_customer(caller)
    given = await commands.give_to_companies(work.tx, customer_id, ids, sent.renew, caller.person_id, at)
    if shape == "csv":
        lines = [(str(one.company_id), one.name, one.identifier, one.secret) for one in given]
        return csv_file(HEADINGS, lines, "credentials.csv", status_code=201)
    return shapes.CredentialsGiven(items=[shapes.CredentialGiven.model_validate(one) for one in given])


@router.get("/credentials")
async def list_credentials(
    work: Read,
    caller: FirmAdmin,
    paging: Paging,
    company_id: Annotated[UUID | None, Query(description="Only those of this company.")] = None,
) -> Page[shapes.CredentialShown]:
    """Credentials by identifier, disabled ones too; never a secret."""
    after = paging.after(str, UUID) or ("", NOBODY)
    customer_id = own_customer(caller)
    if company_id is not None:
        await load_company_row(work.tx, customer_id, company_id)
    rows = await store.list_credentials(work.tx, customer_id, company_id, (after[0], after[1]), paging.rows)
    shown = shapes.CredentialShown.model_validate
    return page_of(rows, paging, shown, lambda row: [row.folded, row.credential_id])


@router.post("/credentials/{credential_id}/disablement", status_code=204)
async def disable_credential(
    credential_id: UUID, sent: shapes.DisablementAsked, work: Work, caller: FirmAdmin
) -> None:
    """Disables a credential; its sessions and tokens end everywhere within seconds (11-b)."""
    await work.audit("disable_credential", subject=credential_id, details={"reason": sent.reason})
    await commands.disable_credential(
        work.tx, own_customer(caller), credential_id, caller.person_id, sent.reason, instants_of(work.clock)
    )


@router.post("/staff/credentials/{credential_id}/disablement", status_code=204)
async def disable_staff_credential(
    credential_id: UUID, sent: shapes.DisablementAsked, work: Work, caller: PublisherAdmin
) -> None:
    """Disables a credential of the publisher's staff."""
    await work.audit("disable_credential", subject=credential_id, details={"reason": sent.reason})
    await commands.disable_credential(
        work.tx, PUBLISHER, credential_id, caller.person_id, sent.reason, instants_of(work.clock)
    )
