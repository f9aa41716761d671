"""A customer's people read its months; the publisher's staff those of a named customer, or of all at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime

from chassis.downloads import as_csv, csv_file
from chassis.pagination import Page, Paging, page_of
from chassis.preconditions import show_etag
from chassis.unit import Read
from contracts.booklet.hours import OutsideCalendar
from services.availability.api import month_shapes as shown
from services.availability.api.permissions import CustomerReader, StaffReader, own_customer
from services.availability.model.months import MonthState
from services.availability.model.rates import Month
from services.availability.refusals.months import MonthUnknown, YearUnknown
from services.availability.rules.months import revision_to_show
from services.availability.rules.rates import rate_of
from services.availability.rules.rates import shown as percent
from services.availability.rules.reference import NoMonth, month_named, months_of
from services.availability.schemas import months as shapes
from services.availability.store import months as store
from services.availability.store.standing import (
    Informing,
    list_shares,
    load_informing,
    load_standing,
    load_tallies,
    require_customer,
)

router = APIRouter(tags=["months"])
ROUTERS = [router]

AFTER_ALL = "9999-99"
NOTHING_BESIDE = Informing((), None)

MonthPath = Annotated[shapes.MonthName, Path(description="A calendar month in Paris, as 2026-05.")]
YearPath = Annotated[shapes.YearName, Path(description="As 2026.")]
RevisionPath = Annotated[int, Path(ge=1, le=1_000_000)]
RevisionAsked = Annotated[
    int | None, Query(ge=1, le=1_000_000, description="Of a closed month; its last when left out.")
]
Until = Annotated[
    AwareDatetime | None,
    Query(description="Asks for a forecast of a month that runs: what goes on now lasts until then."),
]
EVIDENCE: dict[int | str, dict[str, Any]] = {200: as_csv(shown.HEADINGS)}


@router.get("/months")
async def list_months(work: Read, caller: CustomerReader, paging: Paging) -> Page[shapes.RevisionShown]:
    """The customer's closed months, the latest first, each in its last revision (6-h)."""
    return await _closed(work, own_customer(caller), paging)


@router.get("/customers/{customer_id}/months")
async def list_customer_months(
    customer_id: UUID, work: Read, _caller: StaffReader, paging: Paging
) -> Page[shapes.RevisionShown]:
    """A named customer's closed months, the latest first, each in its last revision (6-h)."""
    return await _closed(work, customer_id, paging)


@router.get("/months/{month}")
async def read_month(
    month: MonthPath, work: Read, caller: CustomerReader, until: Until = None
) -> shapes.MonthShown:
    """A month of the customer with all that made its rate: as it was closed, or as it stands now (6-e)."""
    return await _month(work, own_customer(caller), month, until)


@router.get("/customers/{customer_id}/months/{month}")
async def read_customer_month(
    customer_id: UUID, month: MonthPath, work: Read, _caller: StaffReader, until: Until = None
) -> shapes.MonthShown:
    """A named customer's month with all that made its rate: as it was closed, or as it stands now (6-e)."""
    return await _month(work, customer_id, month, until)


@router.get("/months/{month}/revisions")
async def list_revisions(
    month: MonthPath, work: Read, caller: CustomerReader, paging: Paging
) -> Page[shapes.RevisionShown]:
    """How a month was closed and what was corrected since, the first revision first (6-h)."""
    return await _revisions(work, own_customer(caller), month, paging)


@router.get("/customers/{customer_id}/months/{month}/revisions")
async def list_customer_revisions(
    customer_id: UUID, month: MonthPath, work: Read, _caller: StaffReader, paging: Paging
) -> Page[shapes.RevisionShown]:
    """How a named customer's month was closed and what was corrected since (6-h)."""
    return await _revisions(work, customer_id, month, paging)


@router.get("/months/{month}/revisions/{revision}")
async def read_revision(
    month: MonthPath, revision: RevisionPath, work: Read, caller: CustomerReader, response: Response
) -> shapes.MonthShown:
    """A closed month in one of its revisions, with the evidence frozen then (6-h)."""
    return await _revision(work, own_customer(caller), month, revision, response)


@router.get("/customers/{customer_id}/months/{month}/revisions/{revision}")
async def read_customer_revision(
    customer_id: UUID,
    month: MonthPath,
    revision: RevisionPath,
    work: Read,
    _caller: StaffReader,
    response: Response,
) -> shapes.MonthShown:
    """A named customer's closed month in one of its revisions, with the evidence frozen then (6-h)."""
    return await _revision(work, customer_id, month, revision, response)


@router.get("/months/{month}/evidence", response_class=Response, responses=EVIDENCE)
async def export_month(
    month: MonthPath, work: Read, caller: CustomerReader, revision: RevisionAsked = None
) -> Response:
    """A month's evidence as CSV: the formula, each piece of each outage, exclusions, intervals retained."""
    return await _evidence(work, own_customer(caller), month, revision)


@router.get("/customers/{customer_id}/months/{month}/evidence", response_class=Response, responses=EVIDENCE)
async def export_customer_month(
    customer_id: UUID, month: MonthPath, work: Read, _caller: StaffReader, revision: RevisionAsked = None
) -> Response:
    """A named customer's month as CSV: the formula, each piece of each outage, exclusions, intervals."""
    return await _evidence(work, customer_id, month, revision)


@router.get("/years/{year}")
async def read_year(year: YearPath, work: Read, caller: CustomerReader) -> shapes.YearShown:
    """The twelve months of a year and their sum."""
    return await _year(work, own_customer(caller), year)


@router.get("/customers/{customer_id}/years/{year}")
async def read_customer_year(
    customer_id: UUID, year: YearPath, work: Read, _caller: StaffReader
) -> shapes.YearShown:
    """The twelve months of a named customer's year and their sum."""
    return await _year(work, customer_id, year)


@router.get("/months/{month}/customers")
async def list_customers_at_risk(
    month: MonthPath,
    work: Read,
    _caller: StaffReader,
    paging: Paging,
    used_percent: Annotated[
        int, Query(ge=0, le=100, description="Those who had at least this share of what the month may take.")
    ] = 50,
) -> Page[shapes.CustomerMonth]:
    """Customers who are below the commitment or close to it, the least time left first."""
    asked, after = _named(month), paging.after(int, UUID)
    shares = [
        share
        for share in await list_shares(work.tx, asked, work.clock.business_now())
        if share.tally.has_used(used_percent) and (after is None or share.place > after)
    ]
    shares.sort(key=lambda share: share.place)
    return page_of(shares[: paging.rows], paging, shown.share_shown, lambda share: list(share.place))


def _named(name: str) -> Month:
    try:
        return month_named(name)
    except (NoMonth, OutsideCalendar):
        raise MonthUnknown from None


async def _month(work: Read, customer_id: UUID, name: str, until: datetime | None) -> shapes.MonthShown:
    month, now = _named(name), work.clock.business_now()
    standing = await load_standing(work.tx, customer_id, month, now)
    return shown.month_shown(standing, await load_informing(work.tx, customer_id, month, now, until))


async def _closed(work: Read, customer_id: UUID, paging: Paging) -> Page[shapes.RevisionShown]:
    await require_customer(work.tx, customer_id)
    (before,) = paging.after(str) or (AFTER_ALL,)
    rows = await store.list_closed(work.tx, customer_id, before, paging.rows)
    return page_of(rows, paging, shown.revision_shown, lambda row: [row.month])


async def _revisions(work: Read, customer_id: UUID, name: str, paging: Paging) -> Page[shapes.RevisionShown]:
    month = _named(name)
    await require_customer(work.tx, customer_id)
    revision_to_show(await store.find_last_revision(work.tx, customer_id, month.name))
    (after,) = paging.after(int) or (0,)
    rows = await store.list_revisions(work.tx, customer_id, month.name, after, paging.rows)
    return page_of(rows, paging, shown.revision_shown, lambda row: [row.revision])


async def _revision(
    work: Read, customer_id: UUID, name: str, revision: int, response: Response
) -> shapes.MonthShown:
    now = work.clock.business_now()
    standing = await load_standing(work.tx, customer_id, _named(name), now, revision)
    show_etag(response, revision)
    return shown.month_shown(standing, NOTHING_BESIDE)


async def _evidence(work: Read, customer_id: UUID, name: str, revision: int | None) -> Response:
    standing = await load_standing(work.tx, customer_id, _named(name), work.clock.business_now(), revision)
    frozen = standing.frozen
    version = f"-revision-{frozen.revision}" if frozen else ""
    name = f"availability-{standing.month.name}{version}.csv"
    return csv_file(shown.HEADINGS, shown.evidence_lines(standing), name)


async def _year(work: Read, customer_id: UUID, year: str) -> shapes.YearShown:
    try:
        months: Sequence[Month] = months_of(int(year))
    except OutsideCalendar:
        raise YearUnknown from None
    now = work.clock.business_now()
    found = await load_tallies(work.tx, customer_id, months, now)
    reference = sum(each.reference_seconds for each in found)
    unavailable = sum(each.unavailable_seconds for each in found)
    verdicts = [each.kept for each in found if each.state in (MonthState.over, MonthState.closed)]
    return shapes.YearShown(
        customer_id=customer_id,
        year=year,
        months=[shown.figures_shown(each) for each in found],
        reference_seconds=reference,
        unavailable_seconds=unavailable,
        rate=percent(rate_of(reference, unavailable)),
        months_kept=verdicts.count(True),
        months_not_kept=verdicts.count(False),
    )
