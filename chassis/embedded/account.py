"""Under which user PostgreSQL runs, and whether that user can reach what it needs.

PostgreSQL refuses to run as root. Under root it is run as `nobody`, or as the user named by LIVRET_PG_USER;
nothing has to be created on the machine. What that user cannot reach is refused together with the command
that mends it, since the alternative is PostgreSQL's own "Permission denied" far from its cause.
"""

import os
import pwd
import shlex
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path


class CannotRun(Exception):
    """An embedded server cannot be started here; the message is a sentence for the person at the terminal."""


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


def require_reach(account: Account, path: Path, what: str) -> None:
    """Refuse, with the command that mends it, a path that the server's user cannot enter or execute."""
    if not account.switched or _reaches(account, path):
        return
    closed = [str(each) for each in (*reversed(path.parents), path) if not _open_to(account, each)]
    mend = shlex.join(["chmod", "o+x", *(closed or [str(path)])])
    raise CannotRun(
        f"PostgreSQL runs as {account.name} here (it refuses root), and {account.name} cannot reach {what}, "
        f"{path}. This mends it:\n    {mend}"
    )


def _reaches(account: Account, path: Path) -> bool:
    asked = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)], cwd="/", check=False, **account.identity()
    )  # type: ignore[call-overload]
    return bool(asked.returncode == 0)


def _open_to(account: Account, path: Path) -> bool:
    found = path.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
