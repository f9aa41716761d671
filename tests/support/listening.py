"""An app of the test process behind a real server, on an address of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from chassis.serving import configured


class _Server(uvicorn.Server):
    """A server within the test process, which leaves its signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[str]:
    """The address of an app that has been started already."""
    config = configured(app)
    config.lifespan = "off"
    server = _Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
