"""Contracts are renewed on their day, or end (16-a, 16-c): once per period, in order, however late."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from chassis.db import Tx
from contracts.events import Event
from contracts.events.tenancy import ContractEnded, SubscriptionRenewed
from services.tenancy.commands import contract_events as events
from services.tenancy.commands.contracts import due_at
from services.tenancy.contract_model import Contract, ContractState
from services.tenancy.contract_terms import day_of
from services.tenancy.rules import contracts as rules
from services.tenancy.store import contracts as store

CONTRACTS_AT_ONCE = 500
PERIODS_AT_ONCE = 100
"""Of one contract in one turn; what is left is due still."""


async def renew_contracts(tx: Tx, now: datetime) -> int:
    """Says what has happened to contracts that are due; returns how many had their turn."""
    today, said, advanced = day_of(now), list[Event](), list[store.Advanced]()
    for held in await store.claim_due(tx, now, CONTRACTS_AT_ONCE):
        turn = list(_turn(held, today))
        after = _after(held.contract, turn)
        ended_at = next((told.ended_at for told in turn if isinstance(told, ContractEnded)), None)
        advanced.append(store.Advanced(held.customer_id, after.said, after.state, due_at(after), ended_at))
        said += turn
    await store.save_advanced(tx, advanced)
    if said:
        await tx.emit_many(said)
    return len(advanced)


def _turn(held: store.Held, today: date) -> Iterator[Event]:
    begun = rules.renewals_due(held.contract, today, PERIODS_AT_ONCE)
    for period in begun:
        yield events.renewed(held.customer_id, period)
    if len(begun) < PERIODS_AT_ONCE and rules.is_over(held.contract, today):
        yield events.ended(held)


def _after(contract: Contract, turn: list[Event]) -> Contract:
    said = contract.said + sum(isinstance(told, SubscriptionRenewed) for told in turn)
    over = any(isinstance(told, ContractEnded) for told in turn)
    return replace(contract, said=said, state=ContractState.ended if over else contract.state)
