"""Tenancy as a server for the measurements: its own app, with the tokens of the tests' key.

`uvicorn tests.bench.served:app`; the key comes by the environment, so that the load generator signs with it.
"""

import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chassis.auth import SigningKey, TokenVerifier
from services.tenancy.app import create
from services.tenancy.settings import TenancySettings


def key_of(pem: str) -> SigningKey:
    """The key that was handed over."""
    private = load_pem_private_key(pem.encode(), None)
    if not isinstance(private, EllipticCurvePrivateKey):
        raise TypeError("not a key of an elliptic curve")
    return SigningKey("bench", private)


async def _keys() -> Mapping[str, Any]:
    return {"keys": [key_of(os.environ["LIVRET_BENCH_KEY"]).public_jwk()]}


app = create(TenancySettings())
app.state.auth = TokenVerifier(_keys, app.state.revocations)
