"""Secrets: how they are made, kept and compared. Randomness and hashing live here, no decision does.

A person's password is kept as Argon2id, worked in a thread and bounded, since each takes some 110 ms and
64 MB. A secret that we made is 148 random bits: nobody guesses it, so a SHA-256 of it suffices; Argon2id for
a firm of 17,000 companies would take half an hour.
"""

import asyncio
import hashlib
import hmac
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that people confuse when they read a secret aloud (i, l, o, 0, 1)."""
DIGEST = "sha256:"
LANES = 1
"""One thread for each: with several, two logins would push every other request off the cores."""


def one_time_secret() -> str:
    """A secret that a person copies once: six groups of five, some 148 bits."""
    letters = [secrets.choice(ALPHABET) for _ in range(30)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 30, 5))


def recovery_code() -> str:
    """Opens once in the place of a second factor: five groups of five, some 124 bits."""
    letters = [secrets.choice(ALPHABET) for _ in range(25)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, 25, 5))


def as_shown(recovery: str) -> str:
    """A recovery code as it was shown, however its groups are typed."""
    letters = "".join(c for c in recovery.lower() if c.isalnum())
    return "-".join(letters[start : start + 5] for start in range(0, len(letters), 5))


def link_token() -> str:
    """The secret part of an invitation's link, or of a session's cookie: 256 bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a long random secret."""
    return DIGEST + hashlib.sha256(secret.encode()).hexdigest()


def token_hash(token: str) -> bytes:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode()).digest()


@cache
def common_passwords() -> frozenset[str]:
    """The 30,000 passwords that leaked most often, as zxcvbn counts them; read when first needed."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


class Hasher:
    """Argon2id in threads, a few at once; each comparison costs the same, also for an unknown account."""

    def __init__(self, at_once: int = 2, hasher: PasswordHasher | None = None) -> None:
        self._argon2 = hasher or PasswordHasher(parallelism=LANES)
        self._turn = asyncio.Semaphore(at_once)
        self._nobody = self._argon2.hash(secrets.token_urlsafe(16))

    async def hashed(self, password: str) -> str:
        """The Argon2id of a password, its parameters and salt within."""
        async with self._turn:
            return await asyncio.to_thread(self._argon2.hash, password)

    async def matches(self, kept: str | None, presented: str) -> bool:
        """Whether the secret presented is the one kept. None, for an account that is not, never matches.

        One Argon2id is worked in every case: the time tells nothing of the account.
        """
        by_argon2 = kept is not None and not kept.startswith(DIGEST)
        async with self._turn:
            proved = await asyncio.to_thread(
                self._verified, kept if by_argon2 and kept else self._nobody, presented
            )
        if kept is None:
            return False
        return proved if by_argon2 else hmac.compare_digest(kept, digest(presented))

    def _verified(self, kept: str, presented: str) -> bool:
        try:
            return self._argon2.verify(kept, presented)
        except VerificationError:
            return False
