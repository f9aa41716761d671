"""What the programs of a whole portal run: the API of all services, and the workers of all services.

`livret run` starts them, as `python -m services.processes api`, `workers`, or `all` (both in one, for
debugging). The environment tells them everything: what `Settings` reads, and

    LIVRET_DATABASE_URL_TEMPLATE   a database's address with `{service}` in the place of the service's name
    LIVRET_LISTENER                the open port to serve on, a file descriptor
    LIVRET_METRICS_PORT            where the workers show their metrics
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping

import uvloop
from fastapi import FastAPI
from prometheus_client import start_http_server
from sqlalchemy import text
from starlette.applications import Starlette

from chassis.hears import Service
from chassis.origin import create_origin
from chassis.runtime import run_workers
from chassis.serving import Server, configured, serve
from chassis.settings import Settings
from chassis.telemetry import configure_logs, configure_traces
from services.roster import load_all

_AT_WORK = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = :name)"
)


def settings_of(service: Service) -> Settings:
    """A service's settings, its database being named by the template."""
    template = os.environ["LIVRET_DATABASE_URL_TEMPLATE"]
    url = template.replace("{service}", service.name)
    return service.settings_class(service=service.name, database_url=url)


def origin() -> Starlette:
    """All services behind one address, whose readiness also tells whether workers are there."""
    apps = {each.name: each.create_api(settings_of(each)) for each in load_all()}
    return create_origin(apps, origin=Settings().origin, checks={"workers": _workers_of(apps)})


def _workers_of(apps: Mapping[str, FastAPI]) -> Callable[[], asyncio.Future[str | None]]:
    async def why_not() -> str | None:
        absent = [name for name, app in apps.items() if not await _at_work(name, app)]
        return f"no workers of {', '.join(absent)}" if absent else None

    return lambda: asyncio.ensure_future(why_not())


async def _at_work(name: str, app: FastAPI) -> bool:
    """Workers keep connections under their name, wherever they run."""
    async with app.state.db.engine.connect() as connection:
        return bool((await connection.execute(_AT_WORK, {"name": f"{name}-workers"})).scalar())


def api_main() -> int:
    """Serves all APIs until told to stop."""
    configure_logs("livret-api", Settings().log_level)
    return serve(origin(), listener=_listener())


def workers_main() -> int:
    """Works for all services until told to stop."""
    _prepare_workers("livret-workers")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_workers([(each, settings_of(each)) for each in load_all()]))
    return 0


def all_main() -> int:
    """Both in one process, one event loop: what stops in a debugger stops all of it."""
    _prepare_workers("livret")
    asyncio.run(_all())
    return 0


async def _all() -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    # The server takes the signals, and raises them again once it has stopped: then the workers are told.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    app = origin()
    working = asyncio.create_task(run_workers([(each, settings_of(each)) for each in load_all()], stop))
    await Server(configured(app), app, 0.0).serve(sockets=[_listener()])
    stop.set()
    await working


def _prepare_workers(name: str) -> None:
    settings = Settings()
    configure_logs(name, settings.log_level)
    configure_traces(name, settings.otlp_endpoint)
    port = os.environ.get("LIVRET_METRICS_PORT")
    if port:
        start_http_server(int(port), addr="127.0.0.1")


def _listener() -> socket.socket:
    return socket.socket(fileno=int(os.environ["LIVRET_LISTENER"]))


if __name__ == "__main__":
    sys.exit({"api": api_main, "workers": workers_main, "all": all_main}[sys.argv[1]]())
