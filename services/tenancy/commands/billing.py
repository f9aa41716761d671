"""15-c: contact and billing details are settled, and the means of payment put in the place of another."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from chassis.sealing import Sealer
from services.tenancy.billing_model import BillingAddress, BillingDetails, Card, Contact, Mandate
from services.tenancy.rules.billing import (
    admitted_address,
    admitted_card,
    admitted_mandate,
    today_in_paris,
    without_card_numbers,
)
from services.tenancy.store import billing as store

Require = Callable[[int], None]
"""Is told the revision that was found, and refuses one that is not what the caller saw."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The details as they were, and as they are now; both masked."""

    before: BillingDetails
    after: BillingDetails


@dataclass(frozen=True, slots=True)
class Editor:
    """Whose details are changed, by whom, when, and what the editor had seen."""

    customer_id: UUID
    by: UUID
    now: datetime
    require: Require


async def settle_details(
    tx: Tx,
    editor: Editor,
    billing: Contact | None,
    technical: Contact | None,
    address: BillingAddress | None,
) -> Changed:
    """Settles contacts and address; what is left out is not known any more. No text holds a card number."""
    parts = {"/contacts/billing": billing, "/contacts/technical": technical, "/address": address}
    without_card_numbers(dict(_texts(parts)))
    address = admitted_address(address) if address else None
    before = await store.load_billing_to_edit(tx, editor.customer_id)
    editor.require(before.revision)
    after = replace(
        before, billing=billing, technical=technical, address=address, revision=before.revision + 1
    )
    await store.save_billing(tx, editor.customer_id, after, editor.by, editor.now)
    return Changed(before, after)


def _texts(parts: Mapping[str, Contact | BillingAddress | None]) -> Iterator[tuple[str, str]]:
    for place, part in parts.items():
        for name, text in asdict(part).items() if part else ():
            yield f"{place}/{name}", text


async def settle_means(tx: Tx, editor: Editor, means: Card | Mandate, sealer: Sealer) -> Changed:
    """Puts a card or a mandate in the place of any other means of payment, sealed."""
    today = today_in_paris(editor.now)
    means = admitted_card(means, today) if isinstance(means, Card) else admitted_mandate(means, today)
    before = await store.load_billing_to_edit(tx, editor.customer_id)
    editor.require(before.revision)
    saved = replace(before, revision=before.revision + 1)
    await store.save_billing(tx, editor.customer_id, saved, editor.by, editor.now)
    await store.save_means(tx, editor.customer_id, means, sealer)
    return Changed(before, await store.load_billing(tx, editor.customer_id))
