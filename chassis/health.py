"""Alive, ready, measured: what an orchestrator and Prometheus ask of every process.

Ready means: PostgreSQL answers and its tables are at this code's version. The bus is not asked: the outbox
absorbs its outages.
"""

import asyncio

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from chassis.db import Database
from chassis.migrate import is_current
from chassis.telemetry import get_logger

CHECK_SECONDS = 2.0
_ALIVE = text("SELECT 1")
_log = get_logger(__name__)


class Readiness:
    """Whether this process takes requests, and if not, why."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.stopping = False
        self._current = False

    async def why_not(self, db: Database) -> str | None:
        """None when ready; else the reason, in a few words."""
        if self.stopping:
            return "stopping"
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self._look(db)
        except Exception as fault:  # noqa: BLE001 - whatever keeps the database away is the answer
            _log.warning("not_ready", fault=type(fault).__name__)
            return "the database does not answer"

    async def _look(self, db: Database) -> str | None:
        if self._current:
            async with db.engine.connect() as connection:
                await connection.execute(_ALIVE)
            return None
        self._current = await is_current(db, self.service)
        return None if self._current else "the database is not at this version: migrations are missing"


def install(app: FastAPI) -> None:
    """Adds `/livez`, `/readyz` and `/metrics`."""
    app.add_api_route("/livez", livez, include_in_schema=False)
    app.add_api_route("/readyz", readyz, include_in_schema=False)
    app.add_api_route("/metrics", metrics_page, include_in_schema=False)


async def livez() -> dict[str, str]:
    return {"status": "alive"}


async def readyz(request: Request, response: Response) -> dict[str, str]:
    readiness: Readiness = request.app.state.readiness
    reason = await readiness.why_not(request.app.state.db)
    if reason is None:
        return {"status": "ready"}
    response.status_code = 503
    return {"status": "not ready", "reason": reason}


async def metrics_page() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
