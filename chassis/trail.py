"""The audit trail as it is read: page by page, or whole as a file. Each service keeps and shows its own.

A customer's administrator reads what is its customer's; the publisher's administrator all, or one customer's.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Row, TextClause, text

from chassis import unit
from chassis.audit import MAX_SUBJECT, PUBLISHER
from chassis.auth import Caller, Role, allowed
from chassis.clock import system_now
from chassis.db import Database, Scope, Tx
from chassis.pagination import Page, Paging, page_of
from chassis.refusals import Refusal
from chassis.spreadsheet import MARK, MEDIA_TYPE, attachment, csv_text
from chassis.unit import Read

router = APIRouter(tags=["audit trail"])

TrailReader = Annotated[Caller, allowed(Role.publisher_admin, Role.firm_admin)]

LINES_AT_ONCE = 500
MAX_ACTION = 100
FIRST = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
LAST = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))
JSON_LINES = "application/jsonl"

_SELECT = """
    SELECT * FROM audit_trail WHERE {whose} (at, id) {beyond} (:at, :id)
    AND (CAST(:action AS text) IS NULL OR action = :action)
    AND (CAST(:subject AS text) IS NULL OR subject = :subject)
    AND (CAST(:person_id AS uuid) IS NULL OR person_id = :person_id)
    AND at >= :since AND at < :until ORDER BY at {order}, id {order} LIMIT :limit
"""
_OF_ONE = "customer_id = :customer_id AND"


def _statement(*, of_one: bool, newest_first: bool) -> TextClause:
    """Four statements rather than one with more conditions, so that each is read along its own index."""
    order, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
    return text(_SELECT.format(whose=_OF_ONE if of_one else "", beyond=beyond, order=order))


_STATEMENTS = {
    (of_one, newest_first): _statement(of_one=of_one, newest_first=newest_first)
    for of_one in (True, False)
    for newest_first in (True, False)
}


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("no instant that can be told in UTC") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class TrailUnknown(Refusal):
    slug = "trail-unknown"
    status = 404
    sentence = "There is no audit trail of such a customer."


class AuditLine(BaseModel):
    """Who did what, on whose behalf, from where; what differed before and after."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: UUID
    at: datetime
    business_at: datetime = Field(description="The same instant in the portal's own time.")
    customer_id: UUID | None = Field(description="Absent where it is the publisher's own.")
    company_id: UUID | None
    person_id: UUID | None
    credential_id: UUID | None
    role: str | None = Field(max_length=64, examples=["firm_admin"])
    on_behalf_of: UUID | None
    action: str = Field(max_length=100, examples=["disable_credential"])
    subject: str | None = Field(max_length=MAX_SUBJECT)
    details: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    origin: str | None = Field(max_length=200, examples=["198.51.100.7"])
    user_agent: str | None = Field(max_length=1000)
    trace_id: str | None = Field(max_length=64)

    @classmethod
    def of(cls, row: Row[Any]) -> "AuditLine":
        """The shape of a row."""
        told = dict(row._mapping)
        customer_id = None if row.customer_id == PUBLISHER else row.customer_id
        return cls.model_validate(told | {"customer_id": customer_id})


HEADINGS = tuple(AuditLine.model_fields)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: of one customer or of all, with this action, subject or person, in [since, until)."""

    customer_id: UUID | None
    action: str | None = None
    subject: str | None = None
    person_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def parameters(self) -> dict[str, Any]:
        """The statement's values, but for where to read on."""
        return {
            "customer_id": self.customer_id,
            "action": self.action,
            "subject": self.subject,
            "person_id": self.person_id,
            "since": self.since or FIRST[0],
            "until": self.until or LAST[0],
        }


async def wanted_lines(
    caller: TrailReader,
    customer_id: Annotated[UUID | None, Query(description="Only of this customer.")] = None,
    action: Annotated[str | None, Query(max_length=MAX_ACTION, examples=["disable_credential"])] = None,
    subject: Annotated[str | None, Query(max_length=MAX_SUBJECT, description="What it was done to.")] = None,
    person_id: Annotated[UUID | None, Query(description="Only what this person did.")] = None,
    since: Annotated[Instant | None, Query(alias="from", description="From this instant on.")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Before this instant.")] = None,
) -> Wanted:
    """What a request asks for, of what its caller may see."""
    if caller.customer_id is not None and customer_id not in (None, caller.customer_id):
        raise TrailUnknown
    whose = caller.customer_id or customer_id
    return Wanted(whose, action, subject, person_id, since, until)


Asked = Annotated[Wanted, Depends(wanted_lines)]


async def list_lines(
    tx: Tx, wanted: Wanted, beyond: tuple[datetime, UUID], limit: int, *, newest_first: bool
) -> Sequence[Row[Any]]:
    """Lines by instant and id, at most `limit`, those that come after `beyond` in that order."""
    statement = _STATEMENTS[wanted.customer_id is not None, newest_first]
    place = {"at": beyond[0], "id": beyond[1], "limit": limit}
    return await tx.fetch_all(statement, wanted.parameters() | place)


@router.get("/audit")
async def list_audit_trail(asked: Asked, work: Read, paging: Paging) -> Page[AuditLine]:
    """Who did what in this service, the newest first."""
    after = paging.after(datetime, UUID) or LAST
    rows = await list_lines(work.tx, asked, (after[0], after[1]), paging.rows, newest_first=True)
    return page_of(rows, paging, AuditLine.of, lambda row: [row.at, row.id])


@router.get(
    "/audit/export",
    response_class=Response,
    responses={200: {"content": {
        "text/csv": {"schema": {"type": "string"}, "example": csv_text([HEADINGS])},
        JSON_LINES: {"schema": {"type": "string"}, "example": '{"action": "disable_credential", …}\n'},
    }}},
)  # fmt: skip
async def export_audit_trail(
    asked: Asked,
    caller: TrailReader,
    request: Request,
    shape: Annotated[Literal["csv", "jsonl"], Query(alias="format")] = "csv",
) -> StreamingResponse:
    """All of it as a file, the oldest first: CSV that no spreadsheet runs, or a JSON object a line."""
    db, scope = request.app.state.db, unit.scope_of(caller)
    write, media_type = (_csv, MEDIA_TYPE) if shape == "csv" else (_json_lines, JSON_LINES)
    beginning = MARK + csv_text([HEADINGS]) if shape == "csv" else ""
    return StreamingResponse(
        exported(db, scope, asked, write, beginning),
        headers=attachment(f"audit-{request.app.state.service}.{shape}"),
        media_type=media_type,
    )


Writer = Callable[[Sequence[AuditLine]], str]


async def exported(
    db: Database, scope: Scope, wanted: Wanted, write: Writer, beginning: str
) -> AsyncIterator[str]:
    """The file, some lines at a time, each part read in its own transaction: a slow reader holds none open.

    What is written while it runs is left out.
    """
    now, beyond = system_now(), FIRST
    if beginning:
        yield beginning
    while True:
        async with db.transaction(scope, read_only=True) as tx:
            rows = await list_lines(tx, wanted, beyond, LINES_AT_ONCE, newest_first=False)
        lines = [AuditLine.of(row) for row in rows if row.at <= now]
        if lines:
            yield write(lines)
        if len(lines) < LINES_AT_ONCE:
            return
        beyond = (rows[-1].at, rows[-1].id)


def _csv(lines: Sequence[AuditLine]) -> str:
    return csv_text([_cell(told) for told in line.model_dump(mode="json").values()] for line in lines)


def _cell(told: Any) -> str:
    if isinstance(told, Mapping):
        return orjson.dumps(told).decode()
    return "" if told is None else str(told)


def _json_lines(lines: Sequence[AuditLine]) -> str:
    return "".join(f"{line.model_dump_json()}\n" for line in lines)
