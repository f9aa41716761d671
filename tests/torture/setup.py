"""What every process of one torture is told."""

from dataclasses import dataclass
from pathlib import Path

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
