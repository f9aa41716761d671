"""How the demonstration asks the running portal: again, while a service has not heard of something yet."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any
from uuid import uuid4

from services.cli.entrance import Entered, Refused

HEARD_WITHIN_SECONDS = 60.0
_PAUSE_SECONDS = 0.25


async def post(who: Entered, path: str, sent: dict[str, Any] | None = None) -> Any:
    """The answer to a POST. Raises Refused."""
    return await who.request("POST", path, json=sent, headers={"Idempotency-Key": str(uuid4())})


async def accepted(
    who: Entered, path: str, sent: dict[str, Any], whole: Callable[[Any], bool] = lambda _: True
) -> Any:
    """The answer once it is `whole`: what it builds on comes by events, and may be on its way.

    Raises Refused, or gives what there is, when that takes too long.
    """
    until = monotonic() + HEARD_WITHIN_SECONDS
    while True:
        try:
            answer = await post(who, path, sent)
            if whole(answer) or monotonic() > until:
                return answer
        except Refused:
            if monotonic() > until:
                raise
        await asyncio.sleep(_PAUSE_SECONDS)
