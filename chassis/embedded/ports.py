"""Ports of the loopback address: a server keeps the one it had, unless another program has taken it."""

import socket
from pathlib import Path

HOST = "127.0.0.1"


class RememberedPort:
    """A server's port, kept in a file between its starts."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def choose(self) -> int:
        """The one of the last time if it is free, else any free one."""
        last = int(self._file.read_text(encoding="utf-8") or 0) if self._file.exists() else 0
        return last if last and not is_answered(last) else free_port()

    def keep(self, port: int) -> None:
        """Remember it for the next start."""
        self._file.write_text(str(port), encoding="utf-8")


def free_port() -> int:
    """A port that nobody listens on, and that for a minute only those get who ask for it by its number.

    A connection that has just ended there keeps it from all who ask the kernel for any free one, be it to
    listen or to call from; a server that sets SO_REUSEADDR, as all of ours do, may open it.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, 0))
        listener.listen(1)
        address = listener.getsockname()
        with socket.create_connection(address):
            ended, _ = listener.accept()
            ended.close()
        return int(address[1])


def is_answered(port: int, host: str = HOST) -> bool:
    """Whether a program listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0
