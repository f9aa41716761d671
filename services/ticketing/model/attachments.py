"""Files that go with a ticket: what they say they are, and what they turned out to be."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.ticketing.model.messages import Side


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken. `extensions` begin with the one that a name without any gets.

    `declared` are the media types that programs send for it besides its own; `shows` is what a look at its
    first bytes must tell, for kinds that are not text.
    """

    media_type: str
    extensions: tuple[str, ...]
    declared: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()

    @property
    def is_text(self) -> bool:
        """Whether it is known by being text, not by its first bytes."""
        return not self.shows


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that somebody sends: its name and media type as they come, both untrusted, and its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that is what it says: a name that is safe anywhere, its true media type, and its bytes."""

    name: str
    media_type: str
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Filled:
    """How much a ticket holds already of what one side has added."""

    files: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a file goes: who adds it, for which side, with which message, and whether no customer sees it."""

    side: Side
    by: UUID | None
    message_number: int | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is known of a file of a ticket; its bytes are read apart.

    `message_number` is the message that it came with, if any. What is `internal` no customer sees.
    """

    customer_id: UUID
    attachment_id: UUID
    ticket_id: UUID
    message_number: int | None
    side: Side
    internal: bool
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    added_at: datetime
    added_by: UUID | None
