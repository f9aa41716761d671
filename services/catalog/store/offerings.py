"""Offerings and their terms. They are the publisher's own: no tenant's rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, or_, select, text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import Tx
from services.catalog.model import Offering, OfferingText, StricterTerms, TermsKind
from services.catalog.rules import service_ends_at
from services.catalog.tables import OFFERING, OFFERING_TERMS

_TERMS = (
    select(
        func.jsonb_agg(
            type_coerce(
                func.jsonb_build_array(
                    OFFERING_TERMS.c.kind, OFFERING_TERMS.c.version, OFFERING_TERMS.c.text
                ),
                JSONB,
            ),
            type_=JSONB,
        )
    )
    .where(OFFERING_TERMS.c.offering_code == OFFERING.c.code, OFFERING_TERMS.c.in_force)
    .scalar_subquery()
    .label("terms")
)
_OFFERING = select(
    OFFERING.c.code,
    OFFERING.c.name,
    OFFERING.c.description,
    OFFERING.c.essential_features,
    OFFERING.c.collaborative,
    OFFERING.c.confirmation_needed,
    OFFERING.c.published_at,
    OFFERING.c.withdrawn_at,
    OFFERING.c.ends_on,
    OFFERING.c.revision,
    _TERMS,
)
_ONE = _OFFERING.where(OFFERING.c.code == bindparam("code"))
_ONE_SHARED = _ONE.with_for_update(read=True, of=OFFERING)
_ONE_LOCKED = _ONE.with_for_update(of=OFFERING)
_PAGE = (
    _OFFERING.where(OFFERING.c.code > bindparam("after"))
    .where(or_(OFFERING.c.ends_at.is_(None), OFFERING.c.ends_at > bindparam("now")))
    .order_by(OFFERING.c.code)
    .limit(bindparam("limit"))
)
_EVERY = _OFFERING.order_by(OFFERING.c.code)
_ALL_TERMS = select(OFFERING_TERMS.c.kind, OFFERING_TERMS.c.version, OFFERING_TERMS.c.text).where(
    OFFERING_TERMS.c.offering_code == bindparam("code")
)
_INSERT = text("""
    INSERT INTO offering (code, name, description, essential_features, collaborative, confirmation_needed,
                          published_at, published_by, revision)
    VALUES (:code, :name, :description, CAST(:features AS text[]), :collaborative, :confirmation_needed,
            :at, :by, 1)
    ON CONFLICT (code) DO NOTHING
    RETURNING code
""")
_REWORD = text("""
    UPDATE offering SET name = :name, description = :description,
           essential_features = CAST(:features AS text[]), revision = :revision,
           edited_at = :at, edited_by = :by
    WHERE code = :code
""")
_LAPSE_TERMS = text("UPDATE offering_terms SET in_force = false WHERE offering_code = :code AND in_force")
_PUT_TERMS = text("""
    INSERT INTO offering_terms (offering_code, kind, version, text, in_force, published_at)
    SELECT :code, kind, version, wording, true, :at
    FROM unnest(CAST(:kinds AS text[]), CAST(:versions AS integer[]), CAST(:texts AS text[]))
         AS terms (kind, version, wording)
    ON CONFLICT (offering_code, kind, version) DO UPDATE SET in_force = true
""")
_WITHDRAW = text("""
    UPDATE offering SET withdrawn_at = :at, withdrawn_by = :by, ends_on = :ends_on, ends_at = :ends_at,
           revision = :revision
    WHERE code = :code
""")
_DUE_TO_END = text("""
    SELECT code, ends_at FROM offering WHERE ends_at <= :now AND ended_at IS NULL
    ORDER BY ends_at, code LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_ENDED = text("UPDATE offering SET ended_at = :now WHERE code = :code")
_ORDERED_PORTAL = text("SELECT pg_advisory_xact_lock(hashtext('livret.catalog.portal'))")


def _offering(row: Row[Any]) -> Offering:
    terms = sorted((StricterTerms(TermsKind(k), v, t) for k, v, t in row.terms or ()), key=lambda t: t.named)
    return Offering(
        code=row.code,
        text=OfferingText(row.name, row.description, tuple(row.essential_features), tuple(terms)),
        collaborative=row.collaborative,
        confirmation_needed=row.confirmation_needed,
        published_at=row.published_at,
        withdrawn_at=row.withdrawn_at,
        ends_on=row.ends_on,
        revision=row.revision,
    )


async def find_offering(tx: Tx, code: str) -> Offering | None:
    """The offering as it stands."""
    row = await tx.fetch_one(_ONE, {"code": code})
    return _offering(row) if row else None


async def find_offering_to_activate(tx: Tx, code: str) -> Offering | None:
    """The offering, kept from being withdrawn or reworded until this transaction ends."""
    row = await tx.fetch_one(_ONE_SHARED, {"code": code})
    return _offering(row) if row else None


async def find_offering_to_edit(tx: Tx, code: str) -> Offering | None:
    """The offering, locked. What the publisher says of its offerings is ordered across all of them."""
    await tx.execute(_ORDERED_PORTAL)
    row = await tx.fetch_one(_ONE_LOCKED, {"code": code})
    return _offering(row) if row else None


async def list_offerings(tx: Tx, after: str, limit: int, now: datetime) -> list[Offering]:
    """At most `limit` offerings not ended at `now`, in order of code, those after `after`."""
    rows = await tx.fetch_all(_PAGE, {"after": after, "limit": limit, "now": now})
    return [_offering(row) for row in rows]


async def list_every_offering(tx: Tx) -> list[Offering]:
    """All there ever were, for a resync."""
    return [_offering(row) for row in await tx.fetch_all(_EVERY)]


async def list_terms(tx: Tx, code: str) -> list[StricterTerms]:
    """Every version of this offering's terms ever published."""
    rows = await tx.fetch_all(_ALL_TERMS, {"code": code})
    return [StricterTerms(TermsKind(row.kind), row.version, row.text) for row in rows]


async def save_new_offering(tx: Tx, offering: Offering, by: UUID) -> bool:
    """False when the code is taken. Ordered with all that is said of offerings."""
    await tx.execute(_ORDERED_PORTAL)
    row = await tx.fetch_one(
        _INSERT,
        {
            "code": offering.code,
            "name": offering.text.name,
            "description": offering.text.description,
            "features": list(offering.text.essential_features),
            "collaborative": offering.collaborative,
            "confirmation_needed": offering.confirmation_needed,
            "at": offering.published_at,
            "by": by,
        },
    )
    if row is None:
        return False
    await _put_terms(tx, offering.code, offering.text.stricter_terms, offering.published_at)
    return True


async def save_rewording(tx: Tx, offering: Offering, by: UUID, now: datetime) -> None:
    """The new text; terms not in it any more are no longer in force, and stay on record."""
    await tx.execute(
        _REWORD,
        {
            "code": offering.code,
            "name": offering.text.name,
            "description": offering.text.description,
            "features": list(offering.text.essential_features),
            "revision": offering.revision,
            "at": now,
            "by": by,
        },
    )
    await tx.execute(_LAPSE_TERMS, {"code": offering.code})
    await _put_terms(tx, offering.code, offering.text.stricter_terms, now)


async def _put_terms(tx: Tx, code: str, terms: Sequence[StricterTerms], now: datetime) -> None:
    await tx.execute(
        _PUT_TERMS,
        {
            "code": code,
            "at": now,
            "kinds": [one.kind.value for one in terms],
            "versions": [one.version for one in terms],
            "texts": [one.text for one in terms],
        },
    )


async def save_withdrawal(tx: Tx, offering: Offering, by: UUID) -> None:
    """The announced end, with the instant at which its activations stop."""
    if offering.ends_on is None:
        raise ValueError(f"{offering.code} has no end")
    await tx.execute(
        _WITHDRAW,
        {
            "code": offering.code,
            "at": offering.withdrawn_at,
            "by": by,
            "ends_on": offering.ends_on,
            "ends_at": service_ends_at(offering.ends_on),
            "revision": offering.revision,
        },
    )


async def claim_due_to_end(tx: Tx, now: datetime) -> tuple[str, datetime] | None:
    """One withdrawn offering whose end has come and was not carried out: its code and that instant."""
    row = await tx.fetch_one(_DUE_TO_END, {"now": now})
    return (row.code, row.ends_at) if row else None


async def save_ended(tx: Tx, code: str, now: datetime) -> None:
    """Its activations have been ended."""
    await tx.execute(_ENDED, {"code": code, "now": now})
