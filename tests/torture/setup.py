"""What every process of one torture is told."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

VARIABLE = "TORTURE_SETUP"
PLANTS = ("no-unique-inbox", "emit-before-lock", "offset-first")


@dataclass(frozen=True, slots=True)
class Setup:
    """Addresses, sizes, and the fault that is planted, if any. `rate` is events a second, all writers."""

    bus: str
    said_url: str
    heard_url: str
    bus_url: str
    home: str
    writers: int
    names: int
    rate: int
    plant: str | None

    @property
    def acknowledged(self) -> Path:
        """The directory in which each writer writes down what was acknowledged to it."""
        return Path(self.home) / "acknowledged"

    def environment(self) -> dict[str, str]:
        """The environment that hands this to a process."""
        return {**os.environ, VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def read(cls) -> Self:
        """What this process was handed."""
        return cls(**json.loads(os.environ[VARIABLE]))
