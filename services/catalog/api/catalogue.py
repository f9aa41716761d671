"""The catalogue as a customer's portal shows it: to its own people, and to its companies (3-a, 3-b)."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.auth import Caller
from chassis.db import Tx
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import ChangedMeanwhile, IfMatch, show_etag
from chassis.unit import Read, Work
from services.catalog import rules, schemas
from services.catalog.api.permissions import CustomerAdmin, CustomerReader, PortalReader, own_customer
from services.catalog.api.shapes import offering_shown
from services.catalog.commands.selection import show_offerings
from services.catalog.model import Activation, Offering, TermsVersion, Visibility, state_of
from services.catalog.store import activations, choices, heard, offerings

router = APIRouter(tags=["catalogue"])
ROUTERS = [router]


@dataclass(frozen=True, slots=True)
class _Viewer:
    """For whom the catalogue is shown, and what they already have."""

    visibility: Visibility
    acknowledged: frozenset[tuple[str, TermsVersion]]
    in_use: dict[str, Activation]

    def sees(self, offering: Offering) -> bool:
        """A customer's own people see all of it, marked; a company what its firm lets it see."""
        return self.visibility.rights is None or rules.sees(self.visibility, offering.code)

    def entry(self, offering: Offering) -> schemas.CatalogueEntry:
        """One line of the catalogue."""
        terms = [one.named for one in offering.text.stricter_terms]
        missing = [one for one in terms if (offering.code, one) not in self.acknowledged]
        activation = self.in_use.get(offering.code)
        shown = self.visibility.shown
        return schemas.CatalogueEntry(
            **offering_shown(offering).model_dump(),
            shown=shown is None or offering.code in shown,
            to_acknowledge=[schemas.TermsNamed(kind=one.kind, version=one.version) for one in missing],
            activation_id=activation.activation_id if activation else None,
            state=state_of(activation) if activation else None,
        )


async def _viewer(tx: Tx, caller: Caller, customer_id: UUID) -> _Viewer:
    selection = await choices.find_selection(tx, customer_id)
    company_id = caller.company_id
    rights = await heard.find_rights(tx, customer_id, company_id) if company_id else None
    return _Viewer(
        Visibility(selection.codes, rights),
        await choices.list_all_acknowledged(tx, customer_id),
        await activations.list_in_use(tx, customer_id, company_id),
    )


@router.get("/catalogue")
async def read_catalogue(work: Read, caller: PortalReader, paging: Paging) -> Page[schemas.CatalogueEntry]:
    """The services that the caller's portal shows, with what is active. A page may hold fewer than asked."""
    viewer = await _viewer(work.tx, caller, own_customer(caller))
    after = paging.after(str) or ("",)
    rows = await offerings.list_offerings(work.tx, after[0], paging.rows, work.clock.business_now())
    page = page_of(rows, paging, lambda row: row, lambda row: [row.code])
    seen = [viewer.entry(offering) for offering in page.items if viewer.sees(offering)]
    return Page(items=seen, next_cursor=page.next_cursor)


@router.get("/catalogue/selection")
async def read_selection(work: Read, caller: CustomerReader, response: Response) -> schemas.Selection:
    """Which services the customer's portal shows to its companies (3-a)."""
    selection = await choices.find_selection(work.tx, own_customer(caller))
    show_etag(response, selection.revision)
    codes = None if selection.codes is None else sorted(selection.codes)
    return schemas.Selection(offering_codes=codes)


@router.put("/catalogue/selection")
async def choose_selection(
    sent: schemas.NewSelection, work: Work, caller: CustomerAdmin, seen: IfMatch, response: Response
) -> schemas.Selection:
    """Chooses which services the customer's portal shows to its companies (3-a)."""
    customer_id = own_customer(caller)
    found = await choices.find_selection(work.tx, customer_id)
    seen.require(found.revision)
    now, codes = work.clock.business_now(), sorted(set(sent.offering_codes))
    revision = await show_offerings(work.tx, customer_id, codes, found.revision, caller.person_id, now)
    if revision is None:
        raise ChangedMeanwhile
    shown = None if found.codes is None else sorted(found.codes)
    before, after = {"offering_codes": shown}, {"offering_codes": codes}
    await work.audit("choose_selection", before=before, after=after)
    show_etag(response, revision)
    return schemas.Selection(offering_codes=codes)


@router.get("/demonstration")
async def read_demonstration(work: Read, caller: CustomerReader) -> schemas.DemonstrationShown:
    """Whether the free demonstration lasts, or since when it is over (15-b)."""
    ended = await choices.find_demonstration(work.tx, own_customer(caller))
    if ended is None:
        return schemas.DemonstrationShown(ended_at=None)
    return schemas.DemonstrationShown(
        ended_at=ended.ended_at, offering_code=ended.offering_code, company_id=ended.company_id
    )
