"""The committed share of tickets (13.2-g): the same figures for the customer and for the publisher."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from chassis.downloads import as_csv
from chassis.pagination import Page, PageRequest, Paging, page_of
from chassis.spreadsheet import MEDIA_TYPE, attachment
from chassis.unit import Read, UnitOfWork
from services.ticketing import compliance
from services.ticketing.api.permissions import StaffReader, TicketReader, own_customer
from services.ticketing.model.clocks import Verdict
from services.ticketing.model.compliance import Standing
from services.ticketing.schemas.compliance import MAX_YEARS, ComplianceLineShown, ComplianceShown
from services.ticketing.store.compliance import Wanted

router = APIRouter(tags=["compliance"])
ROUTERS = [router]

Year = Annotated[int, Path(ge=1, le=MAX_YEARS, description="A contract year of support, from 1 on.")]
OfStanding = Annotated[Standing | None, Query(description="Only those that stand there.")]
OfVerdict = Annotated[Verdict | None, Query(description="Only those with this verdict.")]
AS_CSV = as_csv(compliance.HEADINGS)


@router.get("/compliance")
async def read_compliance(work: Read, caller: TicketReader) -> ComplianceShown:
    """The share of the customer's tickets taken in charge in time, for each contract year of support."""
    now = work.clock.business_now()
    return ComplianceShown.of(await compliance.compliance_of(work.tx, own_customer(caller), now))


@router.get("/compliance/{support_year}/tickets")
async def list_compliance_tickets(
    support_year: Year,
    work: Read,
    caller: TicketReader,
    paging: Paging,
    standing: OfStanding = None,
    verdict: OfVerdict = None,
) -> Page[ComplianceLineShown]:
    """The tickets of a year by registration: each one's clock, verdict and standing in the share."""
    return await _page(work, own_customer(caller), support_year, Wanted(standing, verdict), paging)


@router.get("/compliance/{support_year}/export", response_class=Response, responses={200: AS_CSV})
async def export_compliance(
    support_year: Year,
    request: Request,
    work: Read,
    caller: TicketReader,
    standing: OfStanding = None,
    verdict: OfVerdict = None,
) -> StreamingResponse:
    """The same tickets as a CSV file, cells that no spreadsheet runs."""
    return await _file(request, work, own_customer(caller), support_year, Wanted(standing, verdict))


@router.get("/customers/{customer_id}/compliance")
async def read_customer_compliance(customer_id: UUID, work: Read, _caller: StaffReader) -> ComplianceShown:
    """The share of a customer's tickets taken in charge in time, as the customer reads it."""
    now = work.clock.business_now()
    return ComplianceShown.of(await compliance.compliance_of(work.tx, customer_id, now))


@router.get("/customers/{customer_id}/compliance/{support_year}/tickets")
async def list_customer_compliance_tickets(
    customer_id: UUID,
    support_year: Year,
    work: Read,
    _caller: StaffReader,
    paging: Paging,
    standing: OfStanding = None,
    verdict: OfVerdict = None,
) -> Page[ComplianceLineShown]:
    """The tickets of a customer's year, as the customer reads them."""
    return await _page(work, customer_id, support_year, Wanted(standing, verdict), paging)


@router.get(
    "/customers/{customer_id}/compliance/{support_year}/export",
    response_class=Response,
    responses={200: AS_CSV},
)
async def export_customer_compliance(
    customer_id: UUID,
    support_year: Year,
    request: Request,
    work: Read,
    _caller: StaffReader,
    standing: OfStanding = None,
    verdict: OfVerdict = None,
) -> StreamingResponse:
    """A customer's tickets of a year as a CSV file, cells that no spreadsheet runs."""
    return await _file(request, work, customer_id, support_year, Wanted(standing, verdict))


async def _page(
    work: UnitOfWork, customer_id: UUID, number: int, wanted: Wanted, paging: PageRequest
) -> Page[ComplianceLineShown]:
    now = work.clock.business_now()
    year = await compliance.load_year(work.tx, customer_id, number, now)
    after = paging.after(datetime, UUID)
    beyond = (after[0], after[1]) if after else None
    lines = await compliance.list_lines(work.tx, customer_id, year, wanted, now, beyond, paging.rows)
    return page_of(lines, paging, ComplianceLineShown.of, lambda line: [line.registered_at, line.ticket_id])


async def _file(
    request: Request, work: UnitOfWork, customer_id: UUID, number: int, wanted: Wanted
) -> StreamingResponse:
    now = work.clock.business_now()
    year = await compliance.load_year(work.tx, customer_id, number, now)
    return StreamingResponse(
        compliance.exported(request.app.state.db, customer_id, year, wanted, now),
        headers=attachment(f"compliance-{number}.csv"),
        media_type=MEDIA_TYPE,
    )
