"""The publisher keeps its catalogue; customers' people read it (3-d)."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Response

from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import IfMatch, show_etag
from chassis.unit import Read, Work
from services.catalog import schemas
from services.catalog.api.permissions import CatalogueReader, PublisherAdmin
from services.catalog.api.shapes import offering_shown, wording_of
from services.catalog.commands import offerings as commands
from services.catalog.model import Offering
from services.catalog.refusals import OfferingUnknown
from services.catalog.store import offerings as store

creating = APIRouter(tags=["offerings"], route_class=IdempotentRoute)
router = APIRouter(tags=["offerings"])
ROUTERS = [creating, router]

CodeInPath = Annotated[schemas.Code, Path(examples=["devis-factures"])]


@creating.post("/offerings", status_code=201)
async def publish_offering(
    sent: schemas.NewOffering, work: Work, caller: PublisherAdmin, response: Response
) -> schemas.OfferingShown:
    """Publishes a service in the catalogue. A custom development is refused (4-d)."""
    offering = Offering(
        code=sent.code,
        text=wording_of(sent),
        collaborative=sent.collaborative,
        confirmation_needed=sent.confirmation_needed,
        custom_development=sent.custom_development,
        published_at=work.clock.business_now(),
    )
    await work.audit("publish_offering", subject=sent.code)
    published = await commands.publish(work.tx, offering, caller.person_id)
    show_etag(response, published.revision)
    return offering_shown(published)


@router.get("/offerings")
async def list_offerings(work: Read, _caller: CatalogueReader, paging: Paging) -> Page[schemas.OfferingShown]:
    """The whole catalogue, what is withdrawn included until its end."""
    after = paging.after(str) or ("",)
    rows = await store.list_offerings(work.tx, after[0], paging.rows, work.clock.business_now())
    return page_of(rows, paging, offering_shown, lambda offering: [offering.code])


@router.get("/offerings/{code}")
async def read_offering(
    code: CodeInPath, work: Read, _caller: CatalogueReader, response: Response
) -> schemas.OfferingShown:
    """One service, with its stricter terms (4-e)."""
    offering = await store.find_offering(work.tx, code)
    if offering is None:
        raise OfferingUnknown(detail=code)
    show_etag(response, offering.revision)
    return offering_shown(offering)


@router.put("/offerings/{code}")
async def reword_offering(
    code: CodeInPath,
    sent: schemas.Wording,
    work: Work,
    caller: PublisherAdmin,
    seen: IfMatch,
    response: Response,
) -> schemas.OfferingShown:
    """Another name, description, features or terms; changed terms take a new version (4-e)."""
    offering = await commands.find_to_edit(work.tx, code)
    seen.require(offering.revision)
    now = work.clock.business_now()
    reworded = await commands.reword(work.tx, offering, wording_of(sent), caller.person_id, now)
    before, after = asdict(offering.text), asdict(reworded.text)
    await work.audit("reword_offering", subject=code, before=before, after=after)
    show_etag(response, reworded.revision)
    return offering_shown(reworded)


@router.post("/offerings/{code}/withdrawal")
async def withdraw_offering(
    code: CodeInPath,
    sent: schemas.Withdrawal,
    work: Work,
    caller: PublisherAdmin,
    seen: IfMatch,
    response: Response,
) -> schemas.OfferingShown:
    """Announces the end of a service: no new activation, and those there end with that day (3-d)."""
    offering = await commands.find_to_edit(work.tx, code)
    seen.require(offering.revision)
    now = work.clock.business_now()
    withdrawn = await commands.withdraw(work.tx, offering, sent.ends_on, caller.person_id, now)
    before, after = {"ends_on": offering.ends_on}, {"ends_on": withdrawn.ends_on}
    await work.audit("withdraw_offering", subject=code, before=before, after=after)
    show_etag(response, withdrawn.revision)
    return offering_shown(withdrawn)
