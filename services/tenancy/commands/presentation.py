"""3-a: a customer defines how its portal looks. Each change says the whole of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.events.tenancy import PortalPresentationChanged
from services.tenancy.presentation_model import Appearance, Logo, Presentation
from services.tenancy.presentation_refusals import LogoMissing
from services.tenancy.rules.presentation import admitted_appearance
from services.tenancy.store import presentation as store

Require = Callable[[int], None]
"""Is told the revision that was found, and refuses one that is not what the caller saw."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a portal looked like, and looks like now."""

    before: Presentation
    after: Presentation


def presentation_changed(
    customer_id: UUID, shown: Presentation, changed_at: datetime
) -> PortalPresentationChanged:
    """What is said of a presentation."""
    look, colours = shown.appearance, shown.appearance.colours
    return PortalPresentationChanged(
        customer_id=customer_id,
        name=look.name,
        text_colour=colours.text,
        background_colour=colours.background,
        accent_colour=colours.accent,
        on_accent_colour=colours.on_accent,
        welcome=look.welcome,
        logo_digest=shown.logo.digest if shown.logo else None,
        revision=shown.revision,
        changed_at=changed_at,
    )


async def define_appearance(
    tx: Tx, customer_id: UUID, asked: Appearance, require: Require, by: UUID, now: datetime
) -> Changed:
    """Defines name, colours and welcome text; the same ones again change nothing."""
    wanted = admitted_appearance(asked)
    before = await store.load_presentation_to_edit(tx, customer_id)
    require(before.revision)
    if before.revision and before.appearance == wanted:
        return Changed(before, before)
    after = replace(before, appearance=wanted, revision=before.revision + 1)
    await store.save_appearance(tx, customer_id, wanted, after.revision, by, now)
    await tx.emit(presentation_changed(customer_id, after, now))
    return Changed(before, after)


async def put_logo(
    tx: Tx, customer_id: UUID, logo: Logo | None, require: Require, by: UUID, now: datetime
) -> Changed:
    """Puts a logo in the place of the one there is, or takes that away. Raises LogoMissing without one."""
    before = await store.load_presentation_to_edit(tx, customer_id)
    require(before.revision)
    facts = logo.facts if logo else None
    if facts is None and before.logo is None:
        raise LogoMissing
    if facts == before.logo:
        return Changed(before, before)
    after = replace(before, logo=facts, revision=before.revision + 1)
    await store.save_appearance(tx, customer_id, before.appearance, after.revision, by, now)
    await store.save_logo(tx, customer_id, logo)
    await tx.emit(presentation_changed(customer_id, after, now))
    return Changed(before, after)
