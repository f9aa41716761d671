"""Where a portal's databases and its bus are, for commands that look at one from outside.

Said by options, or by the environment as for the programs themselves, or else found in the data directory of
a portal that `livret run` has started on this machine.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chassis.embedded.account import CannotRun
from chassis.embedded.ports import is_answered
from chassis.embedded.postgres import EmbeddedPostgres
from chassis.hears import Service
from chassis.sealing import keys_in
from chassis.settings import Settings

PLACE = "{service}"
TEMPLATE = "LIVRET_DATABASE_URL_TEMPLATE"
OF_ONE = "LIVRET_DATABASE_URL"
SEALING = "LIVRET_SEALING_KEYS"
SEALING_KEYS = "sealing.keys"
"""The file of a data directory that holds the keys of its portal."""
BUS = "bus"
"""The file of a data directory that names the bus its portal was last started with."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The address of each service's database, as a template, and the bus."""

    template: str
    bus: str
    bus_database_url: str | None

    def settings_of(self, service: Service) -> Settings:
        """The settings with which a command reaches that service's database."""
        return service.settings_class(
            service=service.name,
            database_url=self.template.replace(PLACE, service.name),
            bus=self.bus,
            bus_database_url=self.bus_database_url,
        )

    @classmethod
    def find(cls, arguments: argparse.Namespace) -> Self:
        """As the options of `livret bus` say. Raises CannotRun with a sentence for the user."""
        template = arguments.database_url or os.environ.get(TEMPLATE)
        if arguments.service:
            template = template or os.environ.get(OF_ONE)
        if getattr(arguments, "is_of_bus_alone", False) and arguments.bus:
            template = template or ""
        elif template is None:
            return cls._in_directory(arguments)
        elif PLACE not in template and not arguments.service:
            raise CannotRun(
                f"--database-url needs {PLACE} in the place of a service's name, or name one service"
            )
        settings = Settings()
        return cls(
            template,
            arguments.bus or settings.bus,
            arguments.bus_database_url or settings.bus_database_url,
        )

    @classmethod
    def _in_directory(cls, arguments: argparse.Namespace) -> Self:
        home = arguments.data.absolute()
        port = _remembered(home / "postgres" / "postgres.port")
        if port is None:
            raise CannotRun(
                f"no running portal in {home}: start it with `livret run`, or name its databases with"
                f" --database-url postgresql://…/livret_{PLACE}"
            )
        server = EmbeddedPostgres(home / "postgres")
        server.port = port
        named = home / BUS
        bus = arguments.bus or (named.read_text(encoding="utf-8") if named.exists() else "postgres")
        return cls(server.url(f"livret_{PLACE}"), bus, server.url("livret_bus"))


def sealing_keys(arguments: argparse.Namespace) -> str:
    """The keys that seal secrets: of the environment, or of the data directory of a portal."""
    file: Path = arguments.data.absolute() / SEALING_KEYS
    named = os.environ.get(SEALING)
    if named is None and file.exists():
        return keys_in(file)
    return named or ""


def _remembered(file: Path) -> int | None:
    """The port that a server keeps in its directory, when it answers there."""
    if not file.exists():
        return None
    port = int(file.read_text(encoding="utf-8").strip() or 0)
    return port if port and is_answered(port) else None
