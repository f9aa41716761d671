"""What stands in an embedded PostgreSQL: its options, roles, databases, extensions and passwords."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from chassis.embedded.account import CannotRun

ADMIN, OWNER, APP = "livret_admin", "livret_owner", "livret_app"
_ROLES = (ADMIN, OWNER, APP)
EXTENSIONS = ("unaccent", "pg_trgm", "btree_gist", "pg_stat_statements")

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "shared_preload_libraries": "pg_stat_statements",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "huge_pages": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%d %a ",
}
# For a cluster that may be lost: nothing is waited for on its way to the disk.
_UNSAFE: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def server_options(port: int, fsync: bool) -> list[str]:
    """The server's command-line options; they win over what a configuration file says."""
    settings = {**_SETTINGS, **({} if fsync else _UNSAFE), "port": str(port)}
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


class Passwords:
    """One password for each role, made once and kept in a file that only its owner reads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> None:
        """Draw them, unless an earlier start did."""
        if self._path.exists():
            return
        drawn = json.dumps({role: secrets.token_urlsafe(24) for role in _ROLES})
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(drawn)

    def of(self, role: str) -> str:
        """The password of one role."""
        try:
            known: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as lost:
            raise CannotRun(f"the database's passwords cannot be read from {self._path}: {lost}") from lost
        return known[role]


def provisioning(passwords: Passwords, databases: Sequence[str]) -> str:
    """SQL for psql, to be run by the administrator on template1: creates what is missing, leaves the rest.

    The extensions go into template1, so that every database created later has them. The two roles have
    no rights beyond their own: neither is a superuser, neither passes row-level security.
    """
    lines = [f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS]
    lines += ["\\connect postgres"]  # a template with a session in it cannot be copied
    lines += [_role(role, passwords.of(role)) for role in (OWNER, APP)]
    # A function of the owner's may set the scope that it looks with: finding who logs in precedes the tenant.
    lines += [f"GRANT SET ON PARAMETER livret.scope, livret.customer TO {OWNER};"]
    lines += [_database(name) for name in databases]
    return "\n".join(lines)


def _role(name: str, password: str) -> str:
    rights = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
    made = f"CREATE ROLE {name} {rights} PASSWORD ''{password}''"
    return f"SELECT '{made}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') \\gexec"  # noqa: S608 - our own constants


def _database(name: str) -> str:
    made = f"CREATE DATABASE {name} OWNER {OWNER}"
    return f"SELECT '{made}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec"  # noqa: S608 - our own constants
