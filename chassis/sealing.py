"""Secrets that must be read again are sealed at rest: authenticated encryption under keys that the database
does not hold.

The first of `LIVRET_SEALING_KEYS` seals; all of them open, so that a key is replaced by putting a new one
before it, sealing anew what it had sealed (`livret keys reseal`), and taking it away.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_PREFIX = "sealed:"


class CannotUnseal(Exception):
    """None of the keys opens this, or it was altered. What was sealed is not shown."""


class SealingKeysMissing(Exception):
    """No key was given, or one that is none; the message says what to do."""


class Sealer:
    """Seals and opens short texts under the keys given, the newest first."""

    def __init__(self, keys: Iterable[str]) -> None:
        given = [key.strip() for key in keys if key.strip()]
        if not given:
            raise SealingKeysMissing(
                "LIVRET_SEALING_KEYS names no key: `livret keys make` prints one to keep safe"
            )
        try:
            fernets = [Fernet(key) for key in given]
        except ValueError:
            raise SealingKeysMissing(
                "LIVRET_SEALING_KEYS holds what is no key: each is 32 bytes in URL-safe base64, with commas"
                " between them"
            ) from None
        self._newest, self._all = fernets[0], MultiFernet(fernets)

    @classmethod
    def of(cls, written: str) -> Self:
        """From the keys as a setting has them, with commas between. Raises SealingKeysMissing."""
        return cls(written.split(","))

    def seal(self, secret: str) -> str:
        """The secret as it may be stored; another text each time."""
        return _PREFIX + self._newest.encrypt(secret.encode()).decode()

    def opened(self, sealed: str) -> str:
        """The secret. Raises CannotUnseal."""
        if not is_sealed(sealed):
            raise CannotUnseal
        try:
            return self._all.decrypt(sealed.removeprefix(_PREFIX)).decode()
        except (InvalidToken, ValueError):
            raise CannotUnseal from None

    def is_current(self, stored: str) -> bool:
        """Whether it is sealed, and under the newest key."""
        try:
            self._newest.decrypt(stored.removeprefix(_PREFIX))
        except (InvalidToken, ValueError):
            return False
        return is_sealed(stored)

    def resealed(self, stored: str) -> str:
        """The same secret under the newest key; one that was stored plain is sealed now."""
        return self.seal(self.opened(stored) if is_sealed(stored) else stored)


def is_sealed(stored: str) -> bool:
    """Whether a stored text is a sealed one."""
    return stored.startswith(_PREFIX)


def new_key() -> str:
    """A key: 32 random bytes in URL-safe base64."""
    return Fernet.generate_key().decode()


def keys_in(file: Path) -> str:
    """The keys that a file holds, with commas between; the first is made, for its owner alone, if need be."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return ",".join(file.read_text(encoding="ascii").split())
    with os.fdopen(descriptor, "w", encoding="ascii") as made:
        made.write(f"{new_key()}\n")
        made.flush()
        os.fsync(made.fileno())
    return file.read_text(encoding="ascii").strip()
