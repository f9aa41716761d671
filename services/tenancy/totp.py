"""Codes of an authenticator (RFC 6238: SHA-1, six digits, thirty seconds), and which of them are taken.

A clock may be one step off, either way. A step that was taken once, and any before it, is never taken again.
"""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DRIFT_STEPS = 1
ISSUER = "Livret"


def new_secret() -> str:
    """160 random bits, in base32 as authenticators take it."""
    return pyotp.random_base32()


def address_of(secret: str, portal: str, identifier: str) -> str:
    """The `otpauth://` address of a secret, for a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=f"{identifier}@{portal}", issuer_name=ISSUER)


def step_at(now: datetime) -> int:
    """The number of the step at an instant."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The code of one step."""
    return pyotp.TOTP(secret).generate_otp(step)


def accepted_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The step whose code this is, among those near now that come after the last one taken; else None."""
    presented = "".join(code.split()).encode()
    here = step_at(now)
    matching = [
        step
        for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1)
        if hmac.compare_digest(code_at(secret, step).encode(), presented) and step > last_step
    ]
    return matching[0] if matching else None
