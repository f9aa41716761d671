"""A firm as these tests know it, the publisher's staff, and the doors through which things are made."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis.auth import PUBLISHER_ROLES, Caller, Role
from chassis.scopes import scopes_of
from tests.isolation.portal import Portal
from tests.support.callers import once

STAFF: dict[Role, Caller] = {
    role: Caller(uuid4(), uuid4(), role, scopes=scopes_of(role)) for role in (*PUBLISHER_ROLES, Role.machine)
}
"""The publisher's own: its people, and a program."""
PUBLISHER = STAFF[Role.publisher_admin]


@dataclass
class Firm:
    """A customer: who may call for it, and its ids by kind. The first of each is of its first company."""

    word: str
    customer_id: UUID
    callers: dict[Role, Caller] = field(default_factory=dict)
    ids: dict[str, list[UUID]] = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid4()))
    """The idempotency key with which its first company was registered."""

    @property
    def marks(self) -> set[str]:
        """What only its own people may ever be shown."""
        return {self.word, *(str(each) for ids in self.ids.values() for each in ids)}

    def add(self, kind: str, *ids: object) -> None:
        """Remembers ids of one kind."""
        self.ids.setdefault(kind, []).extend(UUID(str(each)) for each in ids)


@dataclass(frozen=True)
class Doors:
    """The doors of one portal; every step must succeed."""

    portal: Portal

    async def post(
        self, service: str, caller: Caller | None, path: str, body: Any = None, key: str | None = None
    ) -> Any:
        """The answer to a POST that succeeds."""
        headers = {"If-Match": "*"} | ({"Idempotency-Key": key} if key else once())
        answer = await self.portal.client(service, caller).post(path, json=body, headers=headers)
        return succeeded(answer)

    async def put(self, service: str, caller: Caller, path: str, body: Any) -> Any:
        """The answer to a PUT that succeeds."""
        client = self.portal.client(service, caller)
        return succeeded(await client.put(path, json=body, headers={"If-Match": "*"}))


def of_the_second_company(firm: Firm) -> dict[str, UUID]:
    """By kind, what the people of the firm's first company must not reach either."""
    return {"company": firm.ids["company"][1], "activation": firm.ids["activation"][1]}


def tenants_people(firm: Firm) -> dict[Role, Caller]:
    """Everybody who calls for the firm."""
    return {role: caller for role, caller in firm.callers.items() if role not in STAFF}


def hidden_within(firm: Firm, caller: Caller) -> set[str]:
    """What of its own firm a caller must not be shown: to a company's people, the other company."""
    return {str(each) for each in of_the_second_company(firm).values()} if caller.company_id else set()


def succeeded(answer: httpx.Response) -> Any:
    """What an answer holds that must not be a refusal."""
    assert answer.status_code < 300, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None
