"""The portal on one machine: which parts it has, the order in which they start, and what is said about it.

The parts are servers (PostgreSQL, Kafka when asked) and four programs: the API of all services behind one
origin, the workers of all services, the public weather page, and the prober that watches the portal. The
first two are kept apart so that a backlog of events cannot slow a person's request; the others answer, and
tell, while these do not. The origin's port is opened here and handed to the API: while that starts anew,
requests wait.
"""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from chassis.bus import open_bus
from chassis.bus.postgres import prepare
from chassis.clock import set_clock
from chassis.db import Database
from chassis.embedded.account import CannotRun
from chassis.embedded.kafka import EmbeddedKafka, external_bootstrap
from chassis.embedded.ports import HOST, RememberedPort
from chassis.embedded.postgres import EmbeddedPostgres
from chassis.embedded.supervisor import Part, Program, Supervisor
from chassis.migrate import upgrade
from chassis.sealing import keys_in
from chassis.settings import Settings
from services.roster import ROSTER
from services.whereabouts import BUS, SEALING, SEALING_KEYS

_READY_SECONDS = 180.0
_BUS = "livret_bus"


@dataclass(frozen=True, slots=True)
class PortalOptions:
    """What `livret run` is told. `clock` is an instant, `real`, or None: the portal's time goes on."""

    port: int
    data: Path
    kafka: bool = False
    clock: datetime | str | None = None
    single_process: bool = False

    @property
    def origin(self) -> str:
        """The portal's address."""
        return f"http://{HOST}:{self.port}"


class Stopped(BaseException):
    """We were told to stop while starting."""


class Told:
    """SIGINT, SIGTERM and SIGHUP: while starting they interrupt, afterwards they end the watch in order.

    The handler sets a plain attribute: it runs between two instructions of the watch itself, and would wait
    for ever for a lock that the watch holds, as threading.Event has one.
    """

    _SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.to_stop = False
        self.starting = True

    def __enter__(self) -> Self:
        self._before = {each: signal.signal(each, self._heard) for each in self._SIGNALS}
        return self

    def __exit__(self, kind: type | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        self.to_stop = True
        if self.starting:
            self.starting = False
            raise Stopped


class Portal:
    """One run of the portal."""

    def __init__(self, options: PortalOptions, told: Told) -> None:
        self._options = options
        self._told = told
        self._began = time.monotonic()
        databases = [*(f"livret_{service}" for service in ROSTER), _BUS]
        self._postgres = EmbeddedPostgres(options.data / "postgres", databases=databases)
        self._kafka = EmbeddedKafka(options.data / "kafka") if self._starts_kafka() else None
        servers: list[Part] = [self._postgres, *([self._kafka] if self._kafka else [])]
        self._metrics_port, self._weather_port, self._prober_port = 0, 0, 0
        self._supervisor = Supervisor(servers, _say)

    def run(self) -> None:
        """Start everything, say where it is, watch until told to stop, stop everything; or CannotRun."""
        listener = _listen(self._options.port)
        try:
            self._start(listener)
            self._told.starting = False
            self._supervisor.watch(lambda: self._told.to_stop)
        except Stopped:
            pass
        finally:
            self._told.starting = False
            if self._told.to_stop:
                _say("Stopping.")
            self._supervisor.stop()
            listener.close()

    def _start(self, listener: socket.socket) -> None:
        self._supervisor.start_servers()
        (self._options.data / BUS).write_text(self._bus(), encoding="utf-8")
        asyncio.run(self._prepare())
        self._metrics_port = self._remembered_port("workers.port")
        self._weather_port = self._remembered_port("weather.port")
        self._prober_port = self._remembered_port("prober.port")
        _say("Starting the API, the workers, the weather page and the prober.")
        programs = self._programs(listener.fileno())
        self._supervisor.start_programs(programs)
        from services.demonstration import seed  # loaded while the programs load

        self._await_ready()
        tenancy = self._postgres.url("livret_tenancy")
        logins = asyncio.run(seed(self._options.origin, tenancy, self._sealing_keys()))
        self._introduce(programs, logins)

    def _remembered_port(self, file: str) -> int:
        remembered = RememberedPort(self._options.data / file)
        port = remembered.choose()
        remembered.keep(port)
        return port

    async def _prepare(self) -> None:
        """Bring every database to this code's version, and set the portal's time if asked."""
        for service in ROSTER:
            await upgrade(self._postgres.owner_url(f"livret_{service}"), service)
        await prepare(self._postgres.owner_url(_BUS))
        await self._create_topics()
        if self._options.clock is not None:
            await self._set_clocks(None if isinstance(self._options.clock, str) else self._options.clock)

    async def _create_topics(self) -> None:
        bus = open_bus(Settings(bus=self._bus(), bus_database_url=self._postgres.url(_BUS)))
        try:
            await bus.create_topics(ROSTER)
        finally:
            await bus.close()

    async def _set_clocks(self, at: datetime | None) -> None:
        for service in ROSTER:
            db = Database.create(self._postgres.url(f"livret_{service}"), application_name="livret-clock")
            try:
                await set_clock(db, at)
            finally:
                await db.close()

    def _starts_kafka(self) -> bool:
        return self._options.kafka and external_bootstrap() is None

    def _bus(self) -> str:
        if not self._options.kafka:
            return "postgres"
        return f"kafka://{self._kafka.bootstrap if self._kafka else external_bootstrap()}"

    def _programs(self, listener: int) -> list[Program]:
        environment = self._environment(listener)
        module, logs = [sys.executable, "-m", "services.processes"], self._options.data / "logs"
        page = [sys.executable, "-m", "services", "weather", "--port", str(self._weather_port)]
        weather = Program("weather page", page, self._outside(), log=logs / "weather.log")
        measured = ["--metrics-port", str(self._prober_port)]
        probe = [sys.executable, "-m", "services", "probe", "--place", "local", *measured]
        prober = Program("prober", probe, environment, log=logs / "prober.log")
        if self._options.single_process:
            portal = Program("the portal", [*module, "all"], environment, log=None, inherits=[listener])
            return [portal, weather, prober]
        return [
            Program("API", [*module, "api"], environment, log=logs / "api.log", inherits=[listener]),
            Program("workers", [*module, "workers"], environment, log=logs / "workers.log"),
            weather,
            prober,
        ]

    def _outside(self) -> dict[str, str]:
        """What was named outside: a mail server, a store, a log level; where it was not, ours."""
        ours = {
            "LIVRET_MAIL": (self._options.data / "mail").as_uri(),
            "LIVRET_WEATHER_STORE": (self._options.data / "weather").as_uri(),
        }
        return {**ours, **os.environ}

    def _environment(self, listener: int) -> dict[str, str]:
        """What the API and the workers are told besides: databases, bus and keys are theirs alone."""
        template = self._postgres.url("livret_{service}")
        ours = {
            "LIVRET_DATABASE_URL_TEMPLATE": template,
            "LIVRET_BUS": self._bus(),
            "LIVRET_BUS_DATABASE_URL": self._postgres.url(_BUS),
            "LIVRET_ORIGIN": self._options.origin,
            "LIVRET_LISTENER": str(listener),
            "LIVRET_METRICS_PORT": str(self._metrics_port),
            SEALING: self._sealing_keys(),
        }
        return {**self._outside(), **ours}

    def _sealing_keys(self) -> str:
        """Those named outside, or the ones of the data directory, which its first start makes."""
        return os.environ.get(SEALING) or keys_in(self._options.data / SEALING_KEYS)

    def _await_ready(self) -> None:
        until = time.monotonic() + _READY_SECONDS
        while not (_answers(self._options.port, "/readyz") and _answers(self._weather_port, "/livez")):
            self._supervisor.mend()
            if time.monotonic() > until:
                raise CannotRun(f"not ready after {_READY_SECONDS:.0f} s; see {self._options.data / 'logs'}")
            time.sleep(0.1)

    def _introduce(self, programs: Sequence[Program], logins: Sequence[object]) -> None:
        took = time.monotonic() - self._began
        _say(f"Livret is ready at {self._options.origin} (after {took:.1f} s)")
        for login in logins:
            _say(f"    {login}")
        _say(f"Weather at http://{HOST}:{self._weather_port}/, whatever else is down")
        measured = [self._options.port, self._metrics_port, self._prober_port]
        _say(f"Metrics at {', '.join(f'http://{HOST}:{port}/metrics' for port in measured)}")
        _say(f"Data in {self._options.data}. Ctrl-C stops it.")
        for program in programs:
            if program.log is not None:
                _say(f"    {program.name}: {program.log}")


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as refused:
        listener.close()
        raise CannotRun(
            f"port {port} cannot be opened ({refused.strerror}): choose another with --port"
        ) from None
    listener.listen(1024)
    return listener


def _answers(port: int, path: str) -> bool:
    asked = HTTPConnection(HOST, port, timeout=2)
    try:
        asked.request("GET", path)
        return asked.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        asked.close()


def _say(line: str) -> None:
    print(line, flush=True)
