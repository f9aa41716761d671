"""How a customer's month stands: as it was closed, or reckoned from what is on record now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.db import Tx
from services.availability.model.months import (
    Contract,
    Evidence,
    Forecast,
    InformativeRate,
    Known,
    MonthState,
)
from services.availability.model.rates import Month, Span, Terms
from services.availability.refusals.records import CustomerUnknown
from services.availability.rules.coverage import covered_in, first_day_of, state_at
from services.availability.rules.evidence import evidence_of, forecast, informative, services_told, touching
from services.availability.rules.months import revision_to_show
from services.availability.store import facts, losses
from services.availability.store import months as store
from services.availability.store.losses import Loss
from services.availability.store.months import Frozen
from services.availability.store.reckoning import begin
from services.availability.terms import terms_on

_CUSTOMERS = text("""
    SELECT customer_id, name, contract_starts_on, contract_last_day FROM customer ORDER BY customer_id
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's month. `frozen` is the revision it was closed in; else `evidence` is of now."""

    customer_id: UUID
    month: Month
    state: MonthState
    evidence: Evidence
    frozen: Frozen | None
    loss: Loss | None


@dataclass(frozen=True, slots=True)
class Informing:
    """What is told beside a month and frozen with none: rates that only inform, and a forecast."""

    rates: tuple[InformativeRate, ...]
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class Tally:
    """A customer's month in figures alone: how much of what it may take it has had."""

    month: str
    state: MonthState
    reference_seconds: int
    unavailable_seconds: int
    allowed_seconds: int
    shown: str | None
    kept: bool | None

    @property
    def seconds_left(self) -> int:
        """Unavailability that the month may still take."""
        return max(0, self.allowed_seconds - self.unavailable_seconds)

    def has_used(self, percent: int) -> bool:
        """Whether that share of what the month may take was had; of one without reference period, none."""
        is_used = self.unavailable_seconds * 100 >= self.allowed_seconds * percent
        return self.reference_seconds > 0 and is_used


@dataclass(frozen=True, slots=True)
class Share:
    """The month of one of many customers."""

    customer_id: UUID
    name: str
    tally: Tally

    @property
    def place(self) -> tuple[int, UUID]:
        """In the order of who has the least time left."""
        return self.tally.seconds_left, self.customer_id


async def load_standing(
    tx: Tx, customer_id: UUID, month: Month, now: datetime, revision: int | None = None
) -> Standing:
    """A customer's month as it stands, or in one of its revisions. Raises CustomerUnknown; with a revision
    also MonthNotClosed and RevisionUnknown.
    """
    contract = await require_customer(tx, customer_id)
    last = await store.find_last_revision(tx, customer_id, month.name)
    loss = await losses.find_loss(tx, customer_id, month.name)
    state = state_at(month, now, closed=last is not None)
    if last is not None or revision is not None:
        frozen = await store.load_frozen(tx, customer_id, month.name, revision_to_show(last, revision))
        return Standing(customer_id, month, state, frozen.evidence, frozen, loss)
    known = await facts.load_known(tx, customer_id, _span(month))
    found = evidence_of(month, known, _terms(month), covered_in(month, contract), now)
    return Standing(customer_id, month, state, found, None, loss)


async def load_informing(
    tx: Tx, customer_id: UUID, month: Month, now: datetime, until: datetime | None
) -> Informing:
    """What is told beside a month; a forecast for one that runs, where `until` asks for it."""
    covered = covered_in(month, await require_customer(tx, customer_id))
    known = await facts.load_known(tx, customer_id, _span(month))
    in_use = await facts.list_in_use(tx, customer_id, _span(month))
    rates = tuple(
        informative(month, known, named, _terms(month), covered, now)
        for named in services_told(known.outages, in_use)
    )
    runs = month.starts_at <= now < month.ends_at
    foreseen = forecast(month, known, _terms(month), covered, now, until) if runs and until else None
    return Informing(rates, foreseen)


async def load_tallies(tx: Tx, customer_id: UUID, months: Sequence[Month], now: datetime) -> list[Tally]:
    """The figures of a customer's months, which follow each other, as they stand. Raises CustomerUnknown."""
    contract = await require_customer(tx, customer_id)
    rows = await store.list_figures_of(tx, customer_id, months[0].name, months[-1].name)
    closed = {row.month: row for row in rows}
    known = Known()
    if still_open := [month for month in months if month.name not in closed]:
        during = Span(still_open[0].starts_at, still_open[-1].ends_at)
        known = await facts.load_known(tx, customer_id, during)
    tallies = list[Tally]()
    for month in months:
        figures = closed.get(month.name)
        found = figures or evidence_of(
            month, touching(known, month), _terms(month), covered_in(month, contract), now
        )
        tallies.append(tally_of(found, month, state_at(month, now, closed=figures is not None)))
    return tallies


def tally_of(found: Evidence | Row[Any], month: Month, state: MonthState) -> Tally:
    """The figures of what was reckoned, or of a revision that was closed."""
    return Tally(
        month.name,
        state,
        found.reference_seconds,
        found.unavailable_seconds,
        found.allowed_seconds,
        found.shown,
        found.kept,
    )


async def list_shares(tx: Tx, month: Month, now: datetime) -> list[Share]:
    """Every customer with some of its contract in the month: as closed, or as it stands now. In the portal's
    scope.
    """
    closed = {row.customer_id: row for row in await store.list_figures(tx, month.name)}
    reckoning = await begin(tx, month, now)
    shares = list[Share]()
    for row in await tx.fetch_all(_CUSTOMERS):
        contract = Contract(row.contract_starts_on, row.contract_last_day)
        if not covered_in(month, contract):
            continue
        figures = closed.get(row.customer_id)
        found = figures or reckoning.of(row.customer_id, contract)
        state = state_at(month, now, closed=figures is not None)
        shares.append(Share(row.customer_id, row.name, tally_of(found, month, state)))
    return shares


async def require_customer(tx: Tx, customer_id: UUID) -> Contract:
    """The contract of a customer that is known. Raises CustomerUnknown."""
    contract = await facts.find_contract(tx, customer_id)
    if contract is None:
        raise CustomerUnknown
    return contract


def _terms(month: Month) -> Terms:
    return terms_on(first_day_of(month))


def _span(month: Month) -> Span:
    return Span(month.starts_at, month.ends_at)
