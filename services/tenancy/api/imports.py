"""Imports of companies: a file comes in, a job follows it, its report is read line by line or as CSV."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from chassis.downloads import as_csv
from chassis.idempotency import IdempotentRoute
from chassis.pagination import Page, Paging, page_of
from chassis.refusals import Pointer
from chassis.spreadsheet import MEDIA_TYPE, attachment
from chassis.unit import Read, UnitOfWork, Work
from services.tenancy.api.permissions import FirmAdmin, FirmPeople, instants_of, mounted_at, own_customer
from services.tenancy.commands import imports as commands
from services.tenancy.model import Outcome
from services.tenancy.refusals import ColumnsUnknown, FileUnreadable
from services.tenancy.reports import HEADINGS, import_report
from services.tenancy.rules.spreadsheet import FILE_MAXIMUM
from services.tenancy.schemas.imports import ImportShown, LineShown
from services.tenancy.store import imports as store

creating = APIRouter(tags=["imports"], route_class=IdempotentRoute)
router = APIRouter(tags=["imports"])

PATH = "/companies/imports"
NEWEST = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))
FILE = "SIRET;Raison sociale;Code postal\n73282932000074;Boulangerie Martin;57000\n"
FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string", "maxLength": FILE_MAXIMUM}, "example": FILE},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                },
                "example": {"file": FILE},
            },
        },
    }
}


@creating.post(PATH, status_code=202, openapi_extra=FILE_BODY)
async def import_companies(
    request: Request,
    response: Response,
    work: Work,
    caller: FirmAdmin,
    dry_run: Annotated[bool, Query(description="Only check the file; run it afterwards.")] = True,
    repair: Annotated[bool, Query(description="Accept suggestions that can only mean one thing.")] = False,
    activate: Annotated[bool, Query(description="Activate the companies too.")] = False,
    mapping: Annotated[
        str | None,
        Query(max_length=2000, description='JSON: our column to yours, `{"siret": "N° établissement"}`.'),
    ] = None,
    file_name: Annotated[str, Query(max_length=200)] = "companies.csv",
) -> ImportShown:
    """Takes in a CSV file (body, or the part `file` of a form); `Location` is the job to follow."""
    name, content = await _file_of(request, file_name)
    asked = commands.ImportAsked(name, content, _mapping_of(mapping), dry_run, repair, activate)
    customer_id = own_customer(caller)
    await work.audit("import_companies", details={"bytes": len(content), "dry_run": dry_run})
    import_id = await commands.receive_import(
        work.tx, customer_id, asked, caller.person_id, instants_of(work.clock)
    )
    response.headers["Location"] = f"{mounted_at(request)}/v1{PATH}/{import_id}"
    return await _shown(work, customer_id, import_id)


async def _file_of(request: Request, file_name: str) -> tuple[str, bytes]:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return file_name, await request.body()
    async with request.form(max_files=1, max_fields=10) as form:
        part = form.get("file")
        if part is None or isinstance(part, str):
            raise FileUnreadable("The form has no part named `file`.", errors=[Pointer("/file", "missing")])
        return (part.filename or file_name)[:200], await part.read()


def _mapping_of(mapping: str | None) -> dict[str, str]:
    if mapping is None:
        return {}
    try:
        read: Any = orjson.loads(mapping)
    except orjson.JSONDecodeError:
        read = None
    if not isinstance(read, dict) or not all(isinstance(theirs, str) for theirs in read.values()):
        raise ColumnsUnknown(errors=[Pointer("query/mapping", "not a JSON object of texts")])
    return read


@creating.post(f"{PATH}/{{import_id}}/run", status_code=202)
async def run_import(import_id: UUID, work: Work, caller: FirmAdmin) -> ImportShown:
    """Brings in the lines that a dry run has checked."""
    customer_id = own_customer(caller)
    await work.audit("run_import", subject=import_id)
    await commands.run_import(work.tx, customer_id, import_id, instants_of(work.clock))
    return await _shown(work, customer_id, import_id)


@router.get(PATH)
async def list_imports(work: Read, caller: FirmPeople, paging: Paging) -> Page[ImportShown]:
    """The firm's imports, the newest first."""
    after = paging.after(datetime, UUID) or NEWEST
    rows = await store.list_imports(work.tx, own_customer(caller), (after[0], after[1]), paging.rows)
    return page_of(rows, paging, ImportShown.of, lambda row: [row.received_at, row.import_id])


@router.get(f"{PATH}/{{import_id}}")
async def read_import(import_id: UUID, work: Read, caller: FirmPeople) -> ImportShown:
    """How an import stands: its progress, what its lines come to, and why some are refused."""
    return await _shown(work, own_customer(caller), import_id)


async def _shown(work: UnitOfWork, customer_id: UUID, import_id: UUID) -> ImportShown:
    row = await store.load_import(work.tx, customer_id, import_id)
    counts = await store.count_lines(work.tx, customer_id, import_id)
    return ImportShown.of(row, counts, await store.list_reasons(work.tx, customer_id, import_id))


@router.get(f"{PATH}/{{import_id}}/lines")
async def list_import_lines(
    import_id: UUID,
    work: Read,
    caller: FirmPeople,
    paging: Paging,
    outcome: Annotated[Outcome | None, Query(description="Only those that come to this.")] = None,
) -> Page[LineShown]:
    """The report, line by line, in the order of the file."""
    customer_id = own_customer(caller)
    await store.load_import(work.tx, customer_id, import_id)
    after = paging.after(int) or (0,)
    rows = await store.list_lines(work.tx, customer_id, import_id, outcome, after[0], paging.rows)
    return page_of(rows, paging, LineShown.of, lambda row: [row.line])


@router.get(f"{PATH}/{{import_id}}/report", response_class=Response, responses={200: as_csv(HEADINGS)})
async def download_import_report(
    import_id: UUID, request: Request, work: Read, caller: FirmPeople
) -> StreamingResponse:
    """The report as a CSV file to work through: one row per refusal, cells that no spreadsheet runs."""
    customer_id = own_customer(caller)
    await store.load_import(work.tx, customer_id, import_id)
    return StreamingResponse(
        import_report(request.app.state.db, customer_id, import_id),
        headers=attachment("import-report.csv"),
        media_type=MEDIA_TYPE,
    )
