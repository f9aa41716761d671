"""Contact and billing details: one row a customer. A card's token and an IBAN are stored sealed only."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.db import Tx
from chassis.sealing import Sealer
from services.tenancy.billing_model import BillingAddress, BillingDetails, Card, Contact, Mandate
from services.tenancy.billing_refusals import BillingCustomerUnknown
from services.tenancy.rules.billing import masked

_FIND = text("""
    SELECT c.customer_id AS customer, b.* FROM customer c LEFT JOIN billing_details b USING (customer_id)
    WHERE c.customer_id = :customer_id
""")
# The customer's row is there before its details are: who edits waits for it.
_LOCK = text("SELECT FROM customer WHERE customer_id = :customer_id FOR NO KEY UPDATE")
_SAVE = text("""
    INSERT INTO billing_details (customer_id, billing_contact, technical_contact, address, revision,
        changed_at, changed_by)
    VALUES (:customer_id, CAST(:billing AS jsonb), CAST(:technical AS jsonb), CAST(:address AS jsonb),
        :revision, :now, :by)
    ON CONFLICT (customer_id) DO UPDATE SET billing_contact = excluded.billing_contact,
        technical_contact = excluded.technical_contact, address = excluded.address,
        revision = excluded.revision, changed_at = excluded.changed_at, changed_by = excluded.changed_by
""")
_SAVE_MEANS = text("""
    UPDATE billing_details SET card_token = :card_token, card_brand = :card_brand, card_last4 = :card_last4,
        card_expires_on = :card_expires_on, iban = :iban, iban_masked = :iban_masked, bic = :bic,
        mandate_holder = :mandate_holder, mandate_reference = :mandate_reference,
        mandate_signed_on = :mandate_signed_on
    WHERE customer_id = :customer_id
""")
_SEALED = text(
    "SELECT customer_id, card_token, iban FROM billing_details"
    " WHERE card_token IS NOT NULL OR iban IS NOT NULL FOR UPDATE"
)
_RESEAL = text(
    "UPDATE billing_details SET card_token = :card_token, iban = :iban WHERE customer_id = :customer_id"
)
_NO_MEANS: Mapping[str, Any] = dict.fromkeys(
    (
        *("card_token", "card_brand", "card_last4", "card_expires_on"),
        *("iban", "iban_masked", "bic", "mandate_holder", "mandate_reference", "mandate_signed_on"),
    )
)


async def load_billing(tx: Tx, customer_id: UUID) -> BillingDetails:
    """The details as they are shown: token and IBAN masked. Raises BillingCustomerUnknown."""
    row = await tx.fetch_one(_FIND, {"customer_id": customer_id})
    if row is None:
        raise BillingCustomerUnknown
    return BillingDetails() if row.revision is None else _details(row)


async def load_billing_to_edit(tx: Tx, customer_id: UUID) -> BillingDetails:
    """The same, locked until the end of the transaction."""
    await tx.execute(_LOCK, {"customer_id": customer_id})
    return await load_billing(tx, customer_id)


def _details(row: Row[Any]) -> BillingDetails:
    card = mandate = None
    if row.card_brand is not None:
        card = Card("", row.card_brand, row.card_last4, row.card_expires_on)
    if row.iban_masked is not None:
        mandate = Mandate(
            row.mandate_holder, row.iban_masked, row.bic, row.mandate_reference, row.mandate_signed_on
        )
    return BillingDetails(
        billing=Contact(**row.billing_contact) if row.billing_contact else None,
        technical=Contact(**row.technical_contact) if row.technical_contact else None,
        address=BillingAddress(**row.address) if row.address else None,
        card=card,
        mandate=mandate,
        revision=row.revision,
    )


async def save_billing(tx: Tx, customer_id: UUID, details: BillingDetails, by: UUID, now: datetime) -> None:
    """Contacts and address from now on, under this revision; the means of payment stay."""
    values = {
        "customer_id": customer_id,
        "billing": _json(details.billing),
        "technical": _json(details.technical),
        "address": _json(details.address),
        "revision": details.revision,
        "now": now,
        "by": by,
    }
    await tx.execute(_SAVE, values)


def _json(part: Contact | BillingAddress | None) -> str | None:
    return None if part is None else orjson.dumps(asdict(part)).decode()


async def save_means(tx: Tx, customer_id: UUID, means: Card | Mandate, sealer: Sealer) -> None:
    """The means of payment from now on, in the place of any other, of details that were saved."""
    values = _of_card(means, sealer) if isinstance(means, Card) else _of_mandate(means, sealer)
    await tx.execute(_SAVE_MEANS, {**_NO_MEANS, **values, "customer_id": customer_id})


def _of_card(card: Card, sealer: Sealer) -> dict[str, Any]:
    return {
        "card_token": sealer.seal(card.token),
        "card_brand": card.brand,
        "card_last4": card.last4,
        "card_expires_on": card.expires_on,
    }


def _of_mandate(mandate: Mandate, sealer: Sealer) -> dict[str, Any]:
    return {
        "iban": sealer.seal(mandate.iban),
        "iban_masked": masked(mandate.iban),
        "bic": mandate.bic,
        "mandate_holder": mandate.holder,
        "mandate_reference": mandate.reference,
        "mandate_signed_on": mandate.signed_on,
    }


async def reseal_billing(tx: Tx, sealer: Sealer) -> int:
    """Seals every token and IBAN under the newest key; returns how many it sealed anew."""
    rows: Sequence[Row[Any]] = await tx.fetch_all(_SEALED)
    older = [row for row in rows if not all(map(sealer.is_current, _sealed_of(row)))]
    for row in older:
        anew = {
            "card_token": row.card_token and sealer.resealed(row.card_token),
            "iban": row.iban and sealer.resealed(row.iban),
        }
        await tx.execute(_RESEAL, anew | {"customer_id": row.customer_id})
    return len(older)


def _sealed_of(row: Row[Any]) -> list[str]:
    return [stored for stored in (row.card_token, row.iban) if stored]
