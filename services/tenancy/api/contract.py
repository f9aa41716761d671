"""The term of a contract: read by the firm and the publisher, its letters recorded by the publisher (16)."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.auth import Caller, Role, allowed
from chassis.idempotency import IdempotentRoute
from chassis.languages import language_of
from chassis.negotiation import AcceptLanguage, in_language
from chassis.spreadsheet import attachment
from chassis.unit import Read, UnitOfWork, Work
from services.tenancy.api.permissions import FirmPeople, PublisherStaff, own_customer
from services.tenancy.commands import contracts as commands
from services.tenancy.contract_calendar import MEDIA_TYPE, calendar_of
from services.tenancy.contract_terms import day_of, notice_terms
from services.tenancy.rules.timeline import horizon, timeline
from services.tenancy.schemas import contract as shapes
from services.tenancy.store import contracts as store

creating = APIRouter(tags=["contract"], route_class=IdempotentRoute)
router = APIRouter(tags=["contract"])

ContractKeeper = Annotated[Caller, allowed(Role.publisher_admin, Role.billing)]
"""Whoever records what a letter or an agreement says."""

OF = "/customers/{customer_id}/contract"
AS_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}, "example": "BEGIN:VCALENDAR\r\n…"}}}
}
Horizon = Annotated[
    int, Query(ge=1, le=600, description="How many months ahead of today dates are told.", examples=[24])
]
Format = Annotated[Literal["json", "ics"], Query(alias="format", description="JSON, or an iCalendar file.")]


async def _shown(work: UnitOfWork, customer_id: UUID) -> shapes.ContractShown:
    held = await store.load_contract(work.tx, customer_id)
    return shapes.ContractShown.of(held, day_of(work.clock.business_now()))


async def _timeline(
    work: UnitOfWork, customer_id: UUID, months: int, shape: str, accepted: str | None, response: Response
) -> shapes.TimelineShown | Response:
    held, now = await store.load_contract(work.tx, customer_id), work.clock.business_now()
    language, until = language_of(accepted), horizon(day_of(now), months)
    dates = timeline(held.contract, notice_terms(), until)
    headers = in_language(language)
    if shape == "ics":
        headers |= attachment("contract.ics")
        file = calendar_of(customer_id, dates, language, now)
        return Response(file, headers=headers, media_type=MEDIA_TYPE)
    response.headers.update(headers)
    return shapes.TimelineShown.told(customer_id, dates, day_of(now), until, language)


@router.get("/contract")
async def read_contract(work: Read, caller: FirmPeople) -> shapes.ContractShown:
    """One's own contract: its period, when it renews and until when notice may be posted (16)."""
    return await _shown(work, own_customer(caller))


@router.get("/contract/timeline", response_model=shapes.TimelineShown, responses=AS_CALENDAR)
async def read_contract_timeline(
    work: Read,
    caller: FirmPeople,
    response: Response,
    horizon_months: Horizon = 24,
    shape: Format = "json",
    accept_language: AcceptLanguage = None,
) -> shapes.TimelineShown | Response:
    """Every date of one's own contract, past and to come."""
    whose = own_customer(caller)
    return await _timeline(work, whose, horizon_months, shape, accept_language, response)


@router.get(OF)
async def read_customer_contract(
    customer_id: UUID, work: Read, _caller: PublisherStaff
) -> shapes.ContractShown:
    """A customer's contract."""
    return await _shown(work, customer_id)


@router.get(f"{OF}/timeline", response_model=shapes.TimelineShown, responses=AS_CALENDAR)
async def read_customer_contract_timeline(
    customer_id: UUID,
    work: Read,
    _caller: PublisherStaff,
    response: Response,
    horizon_months: Horizon = 24,
    shape: Format = "json",
    accept_language: AcceptLanguage = None,
) -> shapes.TimelineShown | Response:
    """Every date of a customer's contract, past and to come."""
    return await _timeline(work, customer_id, horizon_months, shape, accept_language, response)


@creating.post(f"{OF}/notices", status_code=201)
async def record_non_renewal(
    customer_id: UUID, sent: shapes.NoticeAsked, work: Work, caller: ContractKeeper
) -> shapes.ContractShown:
    """Records a party's letter of non-renewal; one posted too late counts for the next end (16-c)."""
    notice = await commands.notify_non_renewal(
        work.tx,
        customer_id,
        sent.party,
        sent.letter_reference,
        sent.posted_on,
        caller.person_id,
        work.clock.business_now(),
    )
    told = sent.model_dump(mode="json") | {"last_day": notice.last_day.isoformat(), "late": notice.late}
    await work.audit("record_non_renewal", subject=notice.notice_id, customer_id=customer_id, details=told)
    return await _shown(work, customer_id)


@creating.post(f"{OF}/notices/{{notice_id}}/withdrawal", status_code=201)
async def withdraw_non_renewal(
    customer_id: UUID, notice_id: UUID, sent: shapes.WithdrawalAsked, work: Work, caller: ContractKeeper
) -> shapes.ContractShown:
    """Records that the party that gave notice takes it back, before its end (16-c)."""
    now = work.clock.business_now()
    await commands.withdraw_non_renewal(
        work.tx, customer_id, notice_id, sent.party, sent.reason, caller.person_id, now
    )
    told = sent.model_dump(mode="json")
    await work.audit("withdraw_non_renewal", subject=notice_id, customer_id=customer_id, details=told)
    return await _shown(work, customer_id)


@creating.post(f"{OF}/price-revisions", status_code=201)
async def record_price_revision(
    customer_id: UUID, sent: shapes.PriceRevisionAsked, work: Work, caller: ContractKeeper
) -> shapes.ContractShown:
    """Records notice of a price revision: in time, neither in a trial nor at a promotional price (16-b)."""
    revision_id = await commands.notify_price_revision(
        work.tx,
        customer_id,
        sent.notified_on,
        sent.effective_on,
        None if sent.percent is None else Decimal(sent.percent),
        sent.reference,
        caller.person_id,
        work.clock.business_now(),
    )
    told = sent.model_dump(mode="json")
    await work.audit("record_price_revision", subject=revision_id, customer_id=customer_id, details=told)
    return await _shown(work, customer_id)


@creating.post(f"{OF}/promotions", status_code=201)
async def record_promotional_price(
    customer_id: UUID, sent: shapes.PromotionAsked, work: Work, caller: ContractKeeper
) -> shapes.ContractShown:
    """Records the days of a promotional price, during which prices are not raised (16-b)."""
    now = work.clock.business_now()
    promotion_id = await commands.promote(
        work.tx, customer_id, sent.starts_on, sent.last_day, sent.reference, caller.person_id, now
    )
    told = sent.model_dump(mode="json")
    await work.audit("record_promotional_price", subject=promotion_id, customer_id=customer_id, details=told)
    return await _shown(work, customer_id)
