"""Trying what is another's: requests that name it, the answers they must get, a digest of what is there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.auth import Caller
from chassis.db import Database, Scope
from chassis.operations import Operation
from tests.isolation.firms import Firm
from tests.isolation.matrix import Id, Line
from tests.isolation.portal import Portal
from tests.isolation.requests import request_for
from tests.isolation.schema import TENANT

PERSONS_OWN = {
    "tenancy.end_own_session": ":session-unknown",
    "tenancy.start_representation": ":person-unknown",
    "tenancy.give_representation_token": ":representation-unknown",
}
"""What is one person's own is not there for a colleague, nor for staff that a test made up: with which no."""
GONE = {"ticketing.remove_mail_sender": ":mail-sender-unknown"}
"""What is no longer there for the second who removes it: with which no."""
BY_CONTRACT = {"ticketing.register_own_ticket": ":ticket-goes-to-the-firm"}
"""What the contract refuses to some, who learn it from the operation itself: with which no."""
_BULK = 207
_TABLES = text("""
    SELECT c.oid::regclass::text AS name, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
           AND a.attname = :tenant AND NOT a.attisdropped) AS of_a_tenant
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY 1
""")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One operation asked by somebody with ids of which `foreign` are not theirs to use."""

    line: Line
    operation: Operation
    caller: Caller
    ids: Mapping[Id, UUID]
    foreign: frozenset[Id]

    @property
    def seeks(self) -> bool:
        """Whether another's ids are only looked for among what is one's own: nothing is found, with 200."""
        return all(each.kind == "sought" for each in self.foreign)

    def __str__(self) -> str:
        named = ", ".join(f"{each.name} in the {each.place}" for each in sorted(self.foreign, key=str))
        return f"{self.line} by {self.caller.role} with a foreign {named}"


def attempts_on(
    line: Line, operation: Operation, caller: Caller, own: Firm, foreign: Mapping[str, UUID]
) -> Iterator[Attempt]:
    """Each id exchanged alone for the foreign one of its kind, the others being one's own; then all."""
    mine = {each: own.ids[each.kind][0] for each in line.ids if each.kind in own.ids}
    theirs = {each: foreign[each.kind] for each in line.ids if each.kind in foreign}
    for each, value in theirs.items():
        yield Attempt(line, operation, caller, mine | {each: value}, frozenset({each}))
    if len(theirs) > 1:
        yield Attempt(line, operation, caller, mine | theirs, frozenset(theirs))


async def faults_of(portal: Portal, attempt: Attempt, hidden: set[str]) -> list[str]:
    """What is wrong with the answer: it is no 404, it shows something hidden, or it is another answer than
    an id gets that nobody has.
    """
    unknown = {each: uuid4() for each in attempt.foreign}
    answer = await send(portal, attempt, attempt.ids)
    other = await send(portal, attempt, {**attempt.ids, **unknown})
    absent = is_not_found(answer) or (attempt.seeks and answer.status_code == 200)
    found = [] if absent else [f"answered {answer.status_code}: {answer.text[:300]}"]
    sent = {str(attempt.ids[each]) for each in attempt.foreign}
    found += [f"shows {mark}" for mark in sorted(shown_in(answer, hidden - sent))]
    if _comparable(answer) != _comparable(other):
        found.append(
            f"an id that nobody has is answered differently: {other.status_code}, {other.text[:300]}"
        )
    return [f"{attempt}: {fault}" for fault in found]


async def send(portal: Portal, attempt: Attempt, ids: Mapping[Id, UUID]) -> httpx.Response:
    """The answer to the attempt, made with these ids."""
    asked = request_for(attempt.line, attempt.operation, ids)
    return await portal.client(attempt.line.service, attempt.caller).request(**asked.options())


def is_not_found(answer: httpx.Response) -> bool:
    """404, or 207 of which every item is."""
    if answer.status_code != _BULK:
        return answer.status_code == 404
    items: list[dict[str, Any]] = answer.json()["items"]
    return bool(items) and {item["status"] for item in items} == {404} and answer.json()["changed"] == 0


def shown_in(answer: httpx.Response, hidden: set[str]) -> set[str]:
    """Which of these stand in the answer or its headers."""
    told = answer.text + str(dict(answer.headers))
    return {mark for mark in hidden if mark in told}


def _comparable(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """Status, body and names of headers, without what differs from one request to the next."""
    body = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}", "…", answer.text)
    return answer.status_code, body, sorted(answer.headers)


async def rows_of(portal: Portal, firm: Firm) -> dict[str, tuple[int, str]]:
    """How many rows of each table are the firm's, and a digest of them: by customer, or by what they name."""
    found = {}
    for name in portal.services:
        for table, of_a_tenant in await _tables(portal.db(name)):
            found[f"{name}.{table}"] = await _digest(portal.db(name), table, firm, of_a_tenant)
    return found


async def _tables(db: Database) -> list[tuple[str, bool]]:
    async with db.transaction(Scope.machine()) as tx:
        return [(row.name, row.of_a_tenant) for row in await tx.fetch_all(_TABLES, {"tenant": TENANT})]


async def _digest(db: Database, table: str, firm: Firm, of_a_tenant: bool) -> tuple[int, str]:
    theirs = f"{TENANT} = :customer" if of_a_tenant else "t::text ~ :marks"
    wanted = {"customer": firm.customer_id} if of_a_tenant else {"marks": "|".join(sorted(firm.marks))}
    told = "count(*) AS number, md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) AS digest"
    async with db.transaction(Scope.portal(), read_only=True) as tx:
        row = (await tx.execute(text(f"SELECT {told} FROM {table} t WHERE {theirs}"), wanted)).one()
    return row.number, row.digest
