"""`livret bus`: where events stand between the services, and what to do about those that are stuck."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from chassis.bus import Bus
    from chassis.db import Database
    from chassis.hears import Service
    from services.whereabouts import Whereabouts

Verb = Callable[["Whereabouts", argparse.Namespace], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One service's standing. Ages are seconds; `lag` counts records on the bus not in the inbox yet."""

    service: str
    backlog: int
    oldest_unpublished_seconds: float
    lag: dict[str, int] | None
    pending: int
    oldest_pending_seconds: float
    waiting_keys: int
    parked_keys: int
    held: int
    dead: int
    unreadable: int
    effects_waiting: int
    effects_dead: int
    stopped_because: str | None


COLUMNS = (
    ("service", "service"),
    ("outbox", "backlog"),
    ("oldest s", "oldest_unpublished_seconds"),
    ("lag", "lag"),
    ("inbox", "pending"),
    ("oldest s", "oldest_pending_seconds"),
    ("waiting keys", "waiting_keys"),
    ("parked keys", "parked_keys"),
    ("held", "held"),
    ("dead", "dead"),
    ("unreadable", "unreadable"),
    ("effects", "effects_waiting"),
    ("dead", "effects_dead"),
)


def add(subparsers: Any) -> None:
    """Registers `livret bus` and its verbs."""
    parser = subparsers.add_parser(
        "bus", help="events between the services: how they stand, and those that are stuck"
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    said = _add(verbs, "status", _status, "backlog, lag, parked keys and dead of each service", service="?")
    said.add_argument("--json", action="store_true", help="one JSON document")
    again = _add(verbs, "replay", _replay, "give dead events another try, each key in order")
    again.add_argument("--key", metavar="KEY", help="only those of this key")
    again.add_argument("--event", type=UUID, metavar="ID", help="only this event")
    again.add_argument("--effects", action="store_true", help="dead effects (mail, …) in their place")
    gone = _add(verbs, "discard", _discard, "give one dead event up for good; its key goes on")
    gone.add_argument("event", type=UUID, metavar="EVENT", help="its id")
    _add(verbs, "dead", _dead, "list the dead events of a service, one JSON line each")
    _add(verbs, "resume", _resume, "handle events again after most of them ended dead")
    _add(verbs, "resync", _resync, "have a service say its present state again, as events")
    _add(verbs, "topics", _topics, "create the topics of all services", service=None)


def _add(verbs: Any, name: str, verb: Verb, what: str, service: str | None = "") -> argparse.ArgumentParser:
    """Declares a verb; `service` is `?` when naming one is optional, None when the verb is for all."""
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=what, description=what)
    parser.set_defaults(is_of_bus_alone=service is None)
    if service is None:
        parser.set_defaults(service=None)
    elif service:
        parser.add_argument("service", metavar="SERVICE", nargs="?", help="only this one")
    else:
        parser.add_argument("service", metavar="SERVICE")
    _add_place(parser)
    parser.set_defaults(run=lambda arguments: _run(verb, arguments))
    return parser


def _add_place(parser: argparse.ArgumentParser) -> None:
    """Declares how to say where the portal is."""
    parser.add_argument(
        "--data", type=Path, default=Path("data"), metavar="DIRECTORY", help="of a running portal (./data)"
    )
    parser.add_argument(
        "--database-url", metavar="URL", help="postgresql://…/livret_{service}, in the place of --data"
    )
    parser.add_argument("--bus", metavar="BUS", help="`postgres`, or kafka://host:port[,host:port]")
    parser.add_argument("--bus-database-url", metavar="URL", help="where the log of the bus `postgres` lives")


def _run(verb: Verb, arguments: argparse.Namespace) -> int:
    """Runs a verb; what keeps it from running is one line on standard error, and 1."""
    from aiokafka.errors import KafkaError
    from sqlalchemy.exc import SQLAlchemyError

    from chassis.bus import BusUnknown
    from chassis.embedded.account import CannotRun
    from chassis.resync import NothingToSay
    from services.whereabouts import Whereabouts

    async def run() -> int:
        return await verb(Whereabouts.find(arguments), arguments)

    # Its own words about a broker out of reach; ours are one line.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        return asyncio.run(run())
    except (CannotRun, LookupError, NothingToSay, BusUnknown) as refused:
        sys.stderr.write(f"livret bus: {refused.args[0] if refused.args else refused}\n")
    except KafkaError as fault:
        sys.stderr.write(f"livret bus: the bus cannot be reached: {type(fault).__name__}\n")
    except (SQLAlchemyError, OSError) as fault:
        cause = getattr(fault, "orig", None) or fault
        sys.stderr.write(f"livret bus: a database cannot be used: {cause}\n")
    return 1


async def _with_database(
    where: "Whereabouts", service: "Service", act: Callable[["Database"], Awaitable[Any]]
) -> Any:
    from chassis.db import Database

    url = where.settings_of(service).database_url
    db = Database.create(url, pool_size=2, application_name="livret-bus-command")
    try:
        return await act(db)
    finally:
        await db.close()


async def _status(where: "Whereabouts", arguments: argparse.Namespace) -> int:
    """Prints where each service stands; 1 when something is dead or stopped."""
    from chassis.bus import open_bus
    from services.roster import load, load_all

    services = [load(arguments.service)] if arguments.service else load_all()
    bus = open_bus(where.settings_of(services[0]))
    try:
        lines = await asyncio.gather(*(_line(where, service, bus) for service in services))
    finally:
        await bus.close()
    if arguments.json:
        print(json.dumps({"services": [asdict(line) for line in lines]}, indent=2))
    else:
        print(_table(lines))
    return int(any(line.dead or line.stopped_because or line.effects_dead for line in lines))


async def _line(where: "Whereabouts", service: "Service", bus: "Bus") -> Line:
    from chassis import effects, inbox, outbox

    async def stand(db: "Database") -> tuple[outbox.Standing, inbox.Standing, effects.Standing]:
        return await outbox.standing(db), await inbox.standing(db), await effects.standing(db)

    out, into, outside = await _with_database(where, service, stand)
    return Line(
        service=service.name,
        backlog=out.backlog,
        oldest_unpublished_seconds=_age(out.oldest_at),
        lag=await _lag(bus, service),
        pending=into.pending,
        oldest_pending_seconds=_age(into.oldest_at),
        waiting_keys=into.waiting_keys,
        parked_keys=into.parked_keys,
        held=into.held,
        dead=into.dead,
        unreadable=into.unreadable,
        effects_waiting=outside.waiting,
        effects_dead=outside.dead,
        stopped_because=into.stopped_because if into.stopped_at else None,
    )


async def _lag(bus: "Bus", service: "Service") -> dict[str, int] | None:
    """The lag by topic; None while the bus cannot be reached: the rest is still worth seeing."""
    if not service.hears:
        return {}
    try:
        return dict(await bus.lag(service.name, service.topics()))
    except Exception as fault:  # noqa: BLE001 - each bus has its own errors, and none may hide the rest
        sys.stderr.write(f"livret bus: the bus cannot be asked: {type(fault).__name__}\n")
        return None


def _age(instant: Any) -> float:
    from chassis.clock import system_now

    return round((system_now() - instant).total_seconds(), 1) if instant else 0.0


def _table(lines: Sequence[Line]) -> str:
    rows = [[title for title, _ in COLUMNS], *([_cell(line, name) for _, name in COLUMNS] for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    text = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    text += [f"{line.service} is stopped: {line.stopped_because}" for line in lines if line.stopped_because]
    return "\n".join(text)


def _cell(line: Line, name: str) -> str:
    value = getattr(line, name)
    if name == "lag":
        return "?" if value is None else str(sum(value.values()))
    return str(value)


async def _replay(where: "Whereabouts", arguments: argparse.Namespace) -> int:
    from chassis import effects, inbox
    from services.roster import load

    async def act(db: "Database") -> int:
        if arguments.effects:
            return await effects.replay(db)
        return await inbox.replay(db, key=arguments.key, event_id=arguments.event)

    print(f"{await _with_database(where, load(arguments.service), act)} given another try")
    return 0


async def _discard(where: "Whereabouts", arguments: argparse.Namespace) -> int:
    from chassis import inbox
    from services.roster import load

    gone = await _with_database(where, load(arguments.service), lambda db: inbox.discard(db, arguments.event))
    print(f"{gone} given up")
    return 0 if gone else 1


async def _dead(where: "Whereabouts", arguments: argparse.Namespace) -> int:
    from chassis import inbox
    from services.roster import load

    for each in await _with_database(where, load(arguments.service), inbox.list_dead):
        print(json.dumps(asdict(each), default=str))
    return 0


async def _resume(where: "Whereabouts", arguments: argparse.Namespace) -> int:
    from chassis import inbox
    from services.roster import load

    await _with_database(where, load(arguments.service), inbox.resume)
    return 0


async def _resync(where: "Whereabouts", arguments: argparse.Namespace) -> int:
    from chassis.resync import resync
    from services.roster import load

    service = load(arguments.service)
    print(f"{await _with_database(where, service, lambda db: resync(db, service))} events said again")
    return 0


async def _topics(where: "Whereabouts", _arguments: argparse.Namespace) -> int:
    from chassis.bus import PARTITIONS, open_bus
    from services.roster import ROSTER, load

    bus = open_bus(where.settings_of(load(next(iter(ROSTER)))))
    try:
        await bus.create_topics(ROSTER)
    finally:
        await bus.close()
    print(f"{len(ROSTER)} topics of {PARTITIONS} partitions are there")
    return 0
