"""Where a prober takes its assignments and tells what it found: the service's API, or its database.

A prober elsewhere speaks to the API as a program of the publisher's. One that runs beside the service writes
to its database: the API may be behind the very portal that it watches.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import orjson
from pydantic import TypeAdapter

from chassis.clock import Clock, monotonic
from chassis.db import Database, Scope
from chassis.sealing import Sealer
from services.availability.commands.probes import take_report
from services.availability.commands.targets import assignments
from services.availability.model.probes import Assignment, Report
from services.availability.store.places import find_place

SCOPE = "probes:report"
RENEWED_BEFORE_SECONDS = 20
TIMEOUT_SECONDS = 20.0
_ASSIGNMENTS: TypeAdapter[list[Assignment]] = TypeAdapter(list[Assignment])
_REPORT: TypeAdapter[Report] = TypeAdapter(Report)


class ReportRefused(Exception):
    """A report can never be taken as it stands."""


class DeskRefused(Exception):
    """The service said no; the message is its own."""


class PlaceNotDefined(DeskRefused):
    """Operations have not defined the place (yet)."""


class Desk(Protocol):
    """Where a place is told what to watch, and tells what it found."""

    async def assignments(self) -> list[Assignment] | None:
        """All that the place watches; None when nothing has changed since it was last asked. Raises
        PlaceNotDefined.
        """

    async def tell(self, report: Report) -> None:
        """Tells; what was told before may be told again. Raises ReportRefused for what is never taken, and
        anything else for what may be taken later.
        """

    async def close(self) -> None:
        """Lets connections go."""


@dataclass(slots=True)
class DatabaseDesk:
    """Availability's own database, with the keys that open its secrets."""

    db: Database
    sealer: Sealer
    place: str
    clock: Clock = field(default_factory=Clock)
    _seen: list[tuple[Any, int]] | None = None

    async def assignments(self) -> list[Assignment] | None:
        """What the place watches, from the database."""
        async with self.db.transaction(Scope.portal(), read_only=True) as tx:
            if await find_place(tx, self.place) is None:
                raise PlaceNotDefined(f"the place {self.place!r} is not defined")
            found = await assignments(tx, self.place, self.sealer)
        seen = [(one.target_id, one.revision) for one in found]
        if seen == self._seen:
            return None
        self._seen = seen
        return found

    async def tell(self, report: Report) -> None:
        """Takes the report down as the API does."""
        await self.clock.refresh(self.db)
        async with self.db.transaction(Scope.portal()) as tx:
            await take_report(tx, report, None, self.clock)

    async def close(self) -> None:
        """Gives the connections back."""
        await self.db.close()


@dataclass(slots=True)
class RestDesk:
    """Availability's API, with a token of tenancy's for a program of the publisher's."""

    client: httpx.AsyncClient
    url: str
    token_url: str
    client_id: str
    client_secret: str
    place: str
    _token: str = ""
    _token_until: float = 0.0
    _etag: str = ""

    async def assignments(self) -> list[Assignment] | None:
        """What the place watches, from the API."""
        answer = await self._ask("GET", "assignments", headers={"If-None-Match": self._etag})
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        self._etag = answer.headers.get("etag", "")
        return _ASSIGNMENTS.validate_python(answer.json()["items"])

    async def tell(self, report: Report) -> None:
        """Posts the report."""
        told = _REPORT.dump_python(report, mode="json", exclude={"place"})
        answer = await self._ask(
            "POST", "reports", content=orjson.dumps(told), headers={"Content-Type": "application/json"}
        )
        if answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.REQUEST_ENTITY_TOO_LARGE):
            raise ReportRefused(_words(answer))

    async def close(self) -> None:
        """Closes the connections."""
        await self.client.aclose()

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """An answer that is one of success, or that tells of the report itself. Raises DeskRefused."""
        if monotonic() > self._token_until:
            await self._renew()
        headers = {"Authorization": f"Bearer {self._token}", **options.pop("headers", {})}
        url = f"{self.url.rstrip('/')}/v1/places/{self.place}/{path}"
        answer = await self.client.request(method, url, headers=headers, **options)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token_until = 0.0
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY and not _is_of_the_clock(answer):
            raise ReportRefused(_words(answer))
        if answer.status_code == httpx.codes.NOT_FOUND and "place-unknown" in answer.text:
            raise PlaceNotDefined(f"the place {self.place!r} is not defined")
        passes = (httpx.codes.NOT_MODIFIED, httpx.codes.BAD_REQUEST, httpx.codes.REQUEST_ENTITY_TOO_LARGE)
        if not answer.is_success and answer.status_code not in passes:
            raise DeskRefused(_words(answer))
        return answer

    async def _renew(self) -> None:
        form = {"grant_type": "client_credentials", "scope": SCOPE}
        answer = await self.client.post(
            self.token_url, data=form, auth=httpx.BasicAuth(self.client_id, self.client_secret)
        )
        if not answer.is_success:
            raise DeskRefused(f"no token: {_words(answer)}")
        given = answer.json()
        self._token = given["access_token"]
        self._token_until = monotonic() + given["expires_in"] - RENEWED_BEFORE_SECONDS


def _is_of_the_clock(answer: httpx.Response) -> bool:
    return "prober-clock-off" in answer.text


def _words(answer: httpx.Response) -> str:
    """What a problem says, without more of it than a line."""
    try:
        problem = answer.json()
        return f"{answer.status_code} {problem.get('title', '')} {problem.get('detail') or ''}".strip()[:300]
    except (ValueError, AttributeError):
        return str(answer.status_code)
