"""What the publisher does to its catalogue."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from chassis.db import Tx
from contracts.events.catalog import ServicePublished, ServiceWithdrawn
from services.catalog import rules
from services.catalog.model import Offering, OfferingText
from services.catalog.refusals import OfferingCodeTaken, OfferingUnknown
from services.catalog.store import offerings


def published(offering: Offering) -> ServicePublished:
    """What is said of an offering that can be activated."""
    return ServicePublished(
        offering_code=offering.code,
        name=offering.text.name,
        collaborative=offering.collaborative,
        confirmation_needed=offering.confirmation_needed,
        published_at=offering.published_at,
        essential_features=list(offering.text.essential_features),
        stricter_terms=[f"{one.kind} {one.version}" for one in offering.text.stricter_terms],
    )


def withdrawn(offering: Offering) -> ServiceWithdrawn:
    """What is said of an offering whose end is announced."""
    if offering.ends_on is None or offering.withdrawn_at is None:
        raise ValueError(f"{offering.code} is not withdrawn")
    return ServiceWithdrawn(
        offering_code=offering.code, ends_on=offering.ends_on, withdrawn_at=offering.withdrawn_at
    )


async def publish(tx: Tx, offering: Offering, by: UUID) -> Offering:
    """Adds an offering to the catalogue (3-d)."""
    rules.may_publish(offering)
    if not await offerings.save_new_offering(tx, offering, by):
        raise OfferingCodeTaken(detail=offering.code)
    await tx.emit(published(offering))
    return offering


async def find_to_edit(tx: Tx, code: str) -> Offering:
    """The offering, locked, so that its revision can be compared before it is edited."""
    offering = await offerings.find_offering_to_edit(tx, code)
    if offering is None:
        raise OfferingUnknown(detail=code)
    return offering


async def reword(tx: Tx, offering: Offering, wording: OfferingText, by: UUID, now: datetime) -> Offering:
    """Another name, description, features or terms. Whether it is collaborative or confirmed stays."""
    rules.may_reword(await offerings.list_terms(tx, offering.code), wording)
    reworded = replace(offering, text=wording, revision=offering.revision + 1)
    await offerings.save_rewording(tx, reworded, by, now)
    await tx.emit(published(reworded))
    return reworded


async def withdraw(tx: Tx, offering: Offering, ends_on: date, by: UUID, now: datetime) -> Offering:
    """Announces the end of an offering: no new activation from now on (3-d)."""
    ended = rules.withdraw(offering, ends_on, now)
    await offerings.save_withdrawal(tx, ended, by)
    await tx.emit(withdrawn(ended))
    return ended
