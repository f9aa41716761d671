"""How each portal looks. Two reads precede the tenant: those of a login page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.tenancy.presentation_model import Appearance, Colours, Logo, LogoFacts, Presentation
from services.tenancy.presentation_refusals import LogoMissing, PortalUnknown

_COLUMNS = (
    "o.address AS portal, p.name, p.text_colour, p.background_colour, p.accent_colour, p.on_accent_colour,"
    " p.welcome, p.logo_digest, p.logo_width, p.logo_height, p.revision"
)
_FIND = text(f"""
    SELECT {_COLUMNS} FROM portal o LEFT JOIN presentation p USING (customer_id)
    WHERE o.customer_id = :customer_id
""")  # noqa: S608 - a constant of this module
# The portal's row is there before its presentation is: who edits waits for it.
_LOCK = text("SELECT FROM portal WHERE customer_id = :customer_id FOR NO KEY UPDATE")
_BY_PORTAL = text("SELECT * FROM presentation_by_portal(:address)")
_LOGO = text(
    "SELECT logo, logo_digest FROM presentation WHERE customer_id = :customer_id AND logo IS NOT NULL"
)
_LOGO_BY_PORTAL = text("SELECT * FROM logo_by_portal(:address)")
_SAVE = text("""
    INSERT INTO presentation (customer_id, name, text_colour, background_colour, accent_colour,
        on_accent_colour, welcome, revision, changed_at, changed_by)
    VALUES (:customer_id, :name, :text, :background, :accent, :on_accent, :welcome, :revision, :now, :by)
    ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, text_colour = excluded.text_colour,
        background_colour = excluded.background_colour, accent_colour = excluded.accent_colour,
        on_accent_colour = excluded.on_accent_colour, welcome = excluded.welcome,
        revision = excluded.revision, changed_at = excluded.changed_at, changed_by = excluded.changed_by
""")
_SAVE_LOGO = text(
    "UPDATE presentation SET logo = :png, logo_digest = :digest, logo_width = :width, logo_height = :height"
    " WHERE customer_id = :customer_id"
)
_ALL_AFTER = text(f"""
    SELECT p.customer_id, p.changed_at, {_COLUMNS} FROM presentation p JOIN portal o USING (customer_id)
    WHERE p.customer_id > :after ORDER BY p.customer_id LIMIT :limit
""")  # noqa: S608 - a constant of this module


def presentation_of(row: Row[Any]) -> Presentation:
    """A row as the rules know it. A portal that nobody described is called by its address."""
    if row.revision is None:
        return Presentation(Appearance(row.portal))
    colours = Colours(row.text_colour, row.background_colour, row.accent_colour, row.on_accent_colour)
    logo = LogoFacts(row.logo_digest, row.logo_width, row.logo_height) if row.logo_digest else None
    return Presentation(Appearance(row.name, colours, row.welcome), logo, row.revision)


async def load_presentation(tx: Tx, customer_id: UUID) -> Presentation:
    """How this customer's portal looks. Raises PortalUnknown."""
    row = await tx.fetch_one(_FIND, {"customer_id": customer_id})
    if row is None:
        raise PortalUnknown
    return presentation_of(row)


async def load_presentation_to_edit(tx: Tx, customer_id: UUID) -> Presentation:
    """The same, locked until the end of the transaction."""
    await tx.execute(_LOCK, {"customer_id": customer_id})
    return await load_presentation(tx, customer_id)


async def load_presentation_of_portal(tx: Tx, address: str) -> Presentation:
    """What a login page shows at this address. Raises PortalUnknown."""
    row = await tx.fetch_one(_BY_PORTAL, {"address": address})
    if row is None:
        raise PortalUnknown
    return presentation_of(row)


async def load_logo(tx: Tx, customer_id: UUID) -> tuple[bytes, str]:
    """The customer's logo as PNG, and its digest. Raises LogoMissing."""
    return _logo(await tx.fetch_one(_LOGO, {"customer_id": customer_id}))


async def load_logo_of_portal(tx: Tx, address: str) -> tuple[bytes, str]:
    """The logo of the portal at this address. Raises LogoMissing, also where there is no portal."""
    return _logo(await tx.fetch_one(_LOGO_BY_PORTAL, {"address": address}))


def _logo(row: Row[Any] | None) -> tuple[bytes, str]:
    if row is None:
        raise LogoMissing
    return bytes(row.logo), row.logo_digest


async def save_appearance(
    tx: Tx, customer_id: UUID, appearance: Appearance, revision: int, by: UUID, now: datetime
) -> None:
    """The appearance from now on, under this revision; the logo stays."""
    colours = appearance.colours
    values = {
        "customer_id": customer_id,
        "name": appearance.name,
        "text": colours.text,
        "background": colours.background,
        "accent": colours.accent,
        "on_accent": colours.on_accent,
        "welcome": appearance.welcome,
        "revision": revision,
        "now": now,
        "by": by,
    }
    await tx.execute(_SAVE, values)


async def save_logo(tx: Tx, customer_id: UUID, logo: Logo | None) -> None:
    """The logo from now on, or none, of a presentation that was saved."""
    facts = logo.facts if logo else None
    values = {
        "customer_id": customer_id,
        "png": logo.png if logo else None,
        "digest": facts.digest if facts else None,
        "width": facts.width if facts else None,
        "height": facts.height if facts else None,
    }
    await tx.execute(_SAVE_LOGO, values)


async def list_presentations_after(tx: Tx, after: UUID, limit: int) -> Sequence[Row[Any]]:
    """Those that were defined, by customer, to say all of them again."""
    return await tx.fetch_all(_ALL_AFTER, {"after": after, "limit": limit})
