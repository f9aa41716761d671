"""Verification of a bearer token: the first time, and once it is remembered; beside a bare `jwt.decode`.

    python -m tests.bench.tokens [--tokens 2000]

The bare one verifies the same signature and claims of the same tokens with the same key, and makes nothing
of them.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from chassis.auth import (
    ALGORITHM,
    AUDIENCE,
    ISSUER,
    Caller,
    Revocations,
    Role,
    SigningKey,
    TokenVerifier,
    claims_of,
    sign,
)
from chassis.clock import monotonic, system_now
from tests.bench.ground import show

ROUNDS = 5
KEY = SigningKey("bench", generate_private_key(SECP256R1()))


async def _keys() -> Mapping[str, Any]:
    return {"keys": [KEY.public_jwk()]}


def new_tokens(count: int) -> list[str]:
    """So many tokens of as many programs."""
    scopes = frozenset({"companies:read", "catalog:read"})
    callers = (Caller(uuid4(), uuid4(), Role.partner, uuid4(), scopes=scopes) for _ in range(count))
    return [sign(claims_of(caller, system_now(), timedelta(hours=1)), KEY) for caller in callers]


def decoded(tokens: Sequence[str]) -> float:
    """Seconds a token, by the library alone."""
    public = KEY.private.public_key()
    began = monotonic()
    for token in tokens:
        jwt.decode(token, public, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER)
    return (monotonic() - began) / len(tokens)


async def verified(verifier: TokenVerifier, tokens: Sequence[str]) -> float:
    """Seconds a token, by the chassis."""
    began = monotonic()
    for token in tokens:
        await verifier.verify(token)
    return (monotonic() - began) / len(tokens)


async def measure(count: int) -> None:
    """All three in turn, several rounds; the medians."""
    tokens = new_tokens(count)
    bare, first, again = [], [], []
    for _ in range(ROUNDS):
        verifier = TokenVerifier(_keys, Revocations("bench"))
        await verifier.verify(tokens[0])
        bare.append(decoded(tokens))
        first.append(await verified(verifier, tokens[1:]))
        again.append(await verified(verifier, tokens))
    alone, once, known = (1e6 * median(seconds) for seconds in (bare, first, again))
    show(
        "token, verified for the first time",
        f"{once:.0f} µs",
        f"= {once / alone:.2f} × a bare jwt.decode ({alone:.0f} µs)",
    )
    show("token, verified again", f"{known:.1f} µs", f"= 1/{alone / known:.0f} of it")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(prog="tests.bench.tokens", description=__doc__)
    parser.add_argument("--tokens", type=int, default=2000)
    asyncio.run(measure(parser.parse_args(arguments).tokens))
    return 0


if __name__ == "__main__":
    sys.exit(main())
