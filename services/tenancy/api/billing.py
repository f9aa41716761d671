"""Contact and billing details: by the customer's administrator, and by the publisher's billing (15-c).

Each is written twice, since a customer names none and the publisher must. The means of payment are part of
the details: `If-Match` takes the same ETag for both.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.auth import Caller, Role, allowed
from chassis.preconditions import IfMatch, Precondition, show_etag
from chassis.unit import Read, UnitOfWork, Work
from services.tenancy.api.permissions import FirmAdmin, own_customer
from services.tenancy.commands import billing as commands
from services.tenancy.rules.billing import today_in_paris
from services.tenancy.schemas import billing as shapes
from services.tenancy.store import billing as store

router = APIRouter(tags=["billing details"])

Billing = Annotated[Caller, allowed(Role.publisher_admin, Role.billing)]

OWN = "/billing-details"
OF_CUSTOMER = "/customers/{customer_id}/billing-details"


@router.get(OWN)
async def read_billing_details(work: Read, caller: FirmAdmin, response: Response) -> shapes.BillingShown:
    """The customer's contacts, address of invoices and means of payment, and what they lack (15-c)."""
    return await _shown(work, own_customer(caller), response)


@router.put(OWN)
async def settle_billing_details(
    sent: shapes.BillingAsked, work: Work, caller: FirmAdmin, seen: IfMatch, response: Response
) -> shapes.BillingShown:
    """Settles contacts and address; the means of payment stay. A card number anywhere is refused."""
    return await _settled(sent, work, own_customer(caller), seen, response)


@router.put(f"{OWN}/payment-means")
async def settle_payment_means(
    sent: shapes.MeansAsked,
    work: Work,
    caller: FirmAdmin,
    seen: IfMatch,
    request: Request,
    response: Response,
) -> shapes.BillingShown:
    """Puts a card's token or a SEPA mandate in the place of any other means of payment."""
    return await _paid_by(sent, work, own_customer(caller), seen, request, response)


@router.get(OF_CUSTOMER)
async def read_customer_billing_details(
    customer_id: UUID, work: Read, _caller: Billing, response: Response
) -> shapes.BillingShown:
    """The details of one customer, for the publisher."""
    return await _shown(work, customer_id, response)


@router.put(OF_CUSTOMER)
async def settle_customer_billing_details(
    customer_id: UUID,
    sent: shapes.BillingAsked,
    work: Work,
    _caller: Billing,
    seen: IfMatch,
    response: Response,
) -> shapes.BillingShown:
    """Settles contacts and address of one customer, as it told the publisher."""
    return await _settled(sent, work, customer_id, seen, response)


@router.put(f"{OF_CUSTOMER}/payment-means")
async def settle_customer_payment_means(
    customer_id: UUID,
    sent: shapes.MeansAsked,
    work: Work,
    _caller: Billing,
    seen: IfMatch,
    request: Request,
    response: Response,
) -> shapes.BillingShown:
    """Puts the means of payment of one customer, as it told the publisher."""
    return await _paid_by(sent, work, customer_id, seen, request, response)


async def _shown(work: UnitOfWork, customer_id: UUID, response: Response) -> shapes.BillingShown:
    details = await store.load_billing(work.tx, customer_id)
    show_etag(response, details.revision)
    return shapes.BillingShown.of(details, today_in_paris(work.clock.business_now()))


def _editor(work: UnitOfWork, customer_id: UUID, seen: Precondition) -> commands.Editor:
    now = work.clock.business_now()
    return commands.Editor(customer_id, work.caller.person_id, now, seen.require)


async def _settled(
    sent: shapes.BillingAsked, work: UnitOfWork, customer_id: UUID, seen: Precondition, response: Response
) -> shapes.BillingShown:
    billing, technical = sent.contacts.billing, sent.contacts.technical
    changed = await commands.settle_details(
        work.tx,
        _editor(work, customer_id, seen),
        billing.as_contact() if billing else None,
        technical.as_contact() if technical else None,
        sent.address.as_address() if sent.address else None,
    )
    return await _done(work, "settle_billing_details", customer_id, changed, response)


async def _paid_by(
    sent: shapes.MeansAsked,
    work: UnitOfWork,
    customer_id: UUID,
    seen: Precondition,
    request: Request,
    response: Response,
) -> shapes.BillingShown:
    editor, sealer = _editor(work, customer_id, seen), request.app.state.sealer
    changed = await commands.settle_means(work.tx, editor, sent.as_means(), sealer)
    return await _done(work, "settle_payment_means", customer_id, changed, response)


async def _done(
    work: UnitOfWork, action: str, customer_id: UUID, changed: commands.Changed, response: Response
) -> shapes.BillingShown:
    before, after = shapes.told(changed.before), shapes.told(changed.after)
    await work.audit(action, subject=customer_id, customer_id=customer_id, before=before, after=after)
    return await _shown(work, customer_id, response)
