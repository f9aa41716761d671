"""Under which user PostgreSQL runs, and whether that user can reach what it needs.

PostgreSQL refuses to run as root. Under root it is run as `nobody`, or as the user named by LIVRET_PG_USER;
nothing has to be created on the machine. What that user cannot reach is refused together with the command
that mends it, since the alternative is PostgreSQL's own "Permission denied" far from its cause.
"""

import os
import pwd
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ENTER, _READ = 0o001, 0o004


class CannotRun(Exception):
    """A program cannot run here as it is told to; the message is a sentence for whoever started it."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user an embedded server runs as; `switched` when it is another than ours."""

    name: str
    uid: int
    gid: int
    switched: bool

    def identity(self) -> dict[str, object]:
        """The arguments that make subprocess run a command as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switched else {}

    def own(self, path: Path) -> None:
        """Give it a file or directory, where it is another user than ours."""
        if self.switched:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """Ourselves; under root, LIVRET_PG_USER or nobody."""
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid(), switched=False)
    name = os.environ.get("LIVRET_PG_USER", "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise CannotRun(
            f"PostgreSQL refuses to run as root, and there is no user {name!r} to run it as: "
            "name an existing one, for example LIVRET_PG_USER=postgres"
        ) from None
    if entry.pw_uid == 0:
        raise CannotRun("LIVRET_PG_USER is root, as which PostgreSQL refuses to run: name an ordinary user")
    return Account(name, entry.pw_uid, entry.pw_gid, switched=True)


def require_reach(account: Account, path: Path, what: str, *, readable: Sequence[Path] = ()) -> None:
    """Refuse, with the command that mends it, a directory that the server's user cannot enter.

    `readable` are trees that it must read besides, with the programs in them.
    """
    if not account.switched:
        return
    entered = [each for each in _from_root(path) if not _allows(account, each, _ENTER)]
    closed = [tree for tree in readable if _reads_not(account, tree)]
    mend = [["chmod", "o+x", *map(str, entered)]] if entered else []
    mend += [["chmod", "-R", "o+rX", *map(str, closed)]] if closed else []
    if not mend and _really_enters(account, path):
        return
    command = " && ".join(map(shlex.join, mend or [["chmod", "o+x", str(path)]]))
    raise CannotRun(
        f"PostgreSQL runs as {account.name} here (it refuses root), and {account.name} cannot reach {what}, "
        f"{path}. This mends it:\n    {command}"
    )


def _from_root(path: Path) -> list[Path]:
    return [*reversed(path.parents), path]


def _reads_not(account: Account, tree: Path) -> bool:
    return any(not _allows(account, each, _ENTER if each.is_dir() else _READ) for each in _some_of(tree))


def _some_of(tree: Path) -> list[Path]:
    """A tree is installed under one umask: its first levels tell for all of it."""
    return [tree, *tree.glob("*"), *tree.glob("*/*")]


def _allows(account: Account, path: Path, bits: int) -> bool:
    """By owner, group and others, `bits` being those of others."""
    found = path.stat()
    if found.st_uid == account.uid:
        bits <<= 6
    elif found.st_gid == account.gid:
        bits <<= 3
    return found.st_mode & bits == bits


def _really_enters(account: Account, path: Path) -> bool:
    """Asked of the kernel, which knows of more than mode bits."""
    asked = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)],
        cwd="/", check=False, **account.identity(),  # type: ignore[call-overload]
    )  # fmt: skip
    return bool(asked.returncode == 0)
