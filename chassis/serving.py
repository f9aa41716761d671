"""A server that stops in order: not ready first, then no new connections, then the last answers.

An orchestrator learns from `/readyz` that nothing more is to be sent here; only after `drain_seconds` does
the port close. What is under way is answered for at most `GRACE_SECONDS` more.
"""

import asyncio
import signal
import socket
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from chassis.connections import Connection
from chassis.origin import begin_stopping

GRACE_SECONDS = 15
KEEP_ALIVE_SECONDS = 65


class Server(uvicorn.Server):
    """uvicorn's server, which drains before it exits. A second signal ends the draining at once."""

    def __init__(self, config: uvicorn.Config, app: Starlette, drain_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds
        self._told = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop."""
        begin_stopping(self._app)
        if self._told or not self._drain_seconds or not self.started:
            super().handle_exit(sig, frame)
        else:
            self._told = True
            asyncio.get_running_loop().call_later(self._drain_seconds, super().handle_exit, sig, frame)


def configured(app: Starlette, host: str = "127.0.0.1", port: int = 8080) -> uvicorn.Config:
    """How every API of ours is served. Access is told by metrics and traces, not by a line each."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        http=Connection,
        ws="none",
        lifespan="on",
    )


def serve(
    app: Starlette,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    listener: socket.socket | None = None,
    drain_seconds: float = 0.0,
) -> int:
    """Serves until told to stop; `listener` is an open port to use instead of opening one.

    Returns 0, or 1 when the server could not start.
    """
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, _already_told)
    server = Server(configured(app, host, port), app, drain_seconds)
    server.run(sockets=[listener] if listener is not None else None)
    return 0 if server.started else 1


def _already_told(_number: int, _frame: FrameType | None) -> None:
    """uvicorn raises its signals once more when it has stopped; by then there is nothing left to do."""
