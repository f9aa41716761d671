"""The private plan's detailed report, month by month (13.11-a)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from chassis.downloads import as_csv, csv_file
from chassis.unit import Read, UnitOfWork
from services.ticketing.api.permissions import StaffReader, TicketReader, own_customer
from services.ticketing.model.report import Group, ReportMonth
from services.ticketing.rules.report import may_report, month_of, plans_of
from services.ticketing.schemas.report import Month, ReportShown, cells_of
from services.ticketing.share_terms import zone
from services.ticketing.store import report as store
from services.ticketing.store.compliance import list_plans, require_customer

router = APIRouter(tags=["detailed report"])
ROUTERS = [router]

InPath = Annotated[Month, Path(description="A calendar month, in Paris.")]
AS_CSV = as_csv(["by", "kind", "product"])


@router.get("/detailed-reports/{month}")
async def read_detailed_report(month: InPath, work: Read, caller: TicketReader) -> ReportShown:
    """A month's tickets: volumes, delays, verdicts and backlog, by kind, product and criticality."""
    return ReportShown.of(*await _report(work, own_customer(caller), month))


@router.get("/detailed-reports/{month}/export", response_class=Response, responses={200: AS_CSV})
async def export_detailed_report(month: InPath, work: Read, caller: TicketReader) -> Response:
    """The same as a CSV file, cells that no spreadsheet runs."""
    return _file(*await _report(work, own_customer(caller), month))


@router.get("/customers/{customer_id}/detailed-reports/{month}")
async def read_customer_detailed_report(
    customer_id: UUID, month: InPath, work: Read, _caller: StaffReader
) -> ReportShown:
    """A customer's month as the customer reads it."""
    return ReportShown.of(*await _report(work, customer_id, month))


@router.get(
    "/customers/{customer_id}/detailed-reports/{month}/export",
    response_class=Response,
    responses={200: AS_CSV},
)
async def export_customer_detailed_report(
    customer_id: UUID, month: InPath, work: Read, _caller: StaffReader
) -> Response:
    """A customer's month as a CSV file, cells that no spreadsheet runs."""
    return _file(*await _report(work, customer_id, month))


async def _report(work: UnitOfWork, customer_id: UUID, name: str) -> tuple[ReportMonth, list[Group]]:
    now = work.clock.business_now()
    month = month_of(name, zone(), now)
    await require_customer(work.tx, customer_id)
    plans = await list_plans(work.tx, customer_id)
    may_report(plans_of(plans, month, now))
    return month, await store.list_groups(work.tx, customer_id, month, now)


def _file(month: ReportMonth, groups: list[Group]) -> Response:
    lines = [cells_of(group) for group in groups]
    headings = list(lines[0]) if lines else []
    return csv_file(headings, (list(line.values()) for line in lines), f"tickets-{month.name}.csv")
