"""Whether a ticket may be registered, and in which queue it waits."""

from datetime import date, datetime

from contracts.booklet.hours import Calendar, calendar
from services.ticketing.model.heard import Asker, Product
from services.ticketing.model.tickets import (
    CUSTOMER_SERVICE_QUEUE,
    PORTAL_QUEUE,
    Channel,
    Concern,
    Description,
    NewTicket,
    SupportPlan,
    TicketKind,
)
from services.ticketing.refusals.clocks import PlanWithoutSupport
from services.ticketing.refusals.tickets import (
    CustomWorkOutsideSupport,
    DescriptionMissing,
    ProductUnknown,
    ProductWithdrawn,
    SupportOver,
    SupportSuspendedNow,
    TelephoneClosed,
)
from services.ticketing.rules.asking import may_open_support_ticket


def may_register(new: NewTicket, asker: Asker, product: Product | None, now: datetime) -> None:
    """17-a, 13.6-a, 13.2-c, 13.2-a, 16-a, 13.2-h, 1-e, 3-d: who asks, by which door, under which plan, what.

    A request to customer service is open to every plan, also while support is suspended or over. Raises the
    refusal of the first that fails.
    """
    may_open_support_ticket(new.of_a_company)
    if not is_reached_by(new.channel, asker.plan, now):
        telephone_answered(asker.plan, now)
    is_described(new.description)
    if new.product is not None and product is None:
        raise ProductUnknown(detail=new.product)
    if new.kind is TicketKind.support:
        has_support(asker, now)
        within_support(new.concern, product, now)


def is_described(description: Description) -> None:
    """13.2-c: the customer says what it meets; whatever door it takes, somebody has to read something."""
    if not description.subject.strip() and not description.context.strip():
        raise DescriptionMissing


def has_support(asker: Asker, now: datetime) -> None:
    """13.2-a, 16-a, 13.2-h: a plan with support, a contract that lasts, and no suspension."""
    if asker.plan is SupportPlan.connect:
        raise PlanWithoutSupport
    if asker.contract_last_day is not None and asker.contract_last_day < _today(asker.plan, now):
        raise SupportOver(detail=f"Its last day was {asker.contract_last_day.isoformat()}.")
    if asker.suspension is not None:
        raise SupportSuspendedNow(detail=f"{asker.suspension.reason}: {asker.suspension.explanation}")


def within_support(concern: Concern, product: Product | None, now: datetime) -> None:
    """1-e, 3-d: standard features of products that have not ended."""
    if concern is not Concern.standard:
        raise CustomWorkOutsideSupport
    today = _today(SupportPlan.open, now)
    if product is not None and product.ends_on is not None and product.ends_on < today:
        raise ProductWithdrawn(detail=f"{product.name}: its last day was {product.ends_on.isoformat()}.")


def is_reached_by(channel: Channel, plan: SupportPlan, at: datetime) -> bool:
    """13.5-a: the customer space, programs and mail are open at any hour; the telephone in opening hours."""
    return channel is not Channel.telephone or hours_of(plan).is_open(at)


def telephone_answered(plan: SupportPlan, now: datetime) -> None:
    """13.6-a: within opening hours, those of the plan. Raises TelephoneClosed, with the next opening."""
    hours = hours_of(plan)
    if not hours.is_open(now):
        opens = hours.next_opening(now).astimezone(hours.zone)
        raise TelephoneClosed(detail=f"It is answered again from {opens.isoformat()} on.")


def hours_of(plan: SupportPlan) -> Calendar:
    """13.2-f, 13.10-a: the opening hours that a plan's customers meet; `connect` has those of `open`."""
    name = SupportPlan.private if plan is SupportPlan.private else SupportPlan.open
    return calendar(f"support.{name}")


def queue_of(kind: TicketKind, product: str | None) -> str:
    """One queue for each product, one for the portal itself, one for customer service."""
    if kind is TicketKind.customer_service:
        return CUSTOMER_SERVICE_QUEUE
    return product or PORTAL_QUEUE


def _today(plan: SupportPlan, now: datetime) -> date:
    return now.astimezone(hours_of(plan).zone).date()
