"""The two events of the torture's producer, and the tables on both sides.

One is heard by a command per event, the other by a batch projection; both go up one counter, so that the
order between them is judged too. An event carries a token and nothing of its order: which number a token has
among those of its key is decided under the key's row lock, and kept in `said`. So also an event emitted
before the lock is judged by the order in which the facts were committed.
"""

from uuid import UUID

from contracts.events import Event, event

PRODUCER, CONSUMER = "torture", "tormented"


class CountingEvent(Event):
    """A counter of the producer went up by one."""

    name: str
    token: UUID

    def key(self) -> str:
        return self.name


@event("livret.torture.Counted.v1")
class Counted(CountingEvent):
    """Heard one by one."""


@event("livret.torture.Tallied.v1")
class Tallied(CountingEvent):
    """Heard in batches."""


SAID_TABLES = """
CREATE TABLE counter (name text PRIMARY KEY, n bigint NOT NULL);
CREATE TABLE said (token uuid PRIMARY KEY, name text NOT NULL, n bigint NOT NULL, UNIQUE (name, n));
"""

# No unique key on `applied`: an event applied twice must be able to show.
HEARD_TABLES = """
CREATE TABLE seen (name text PRIMARY KEY, n bigint NOT NULL);
CREATE TABLE applied (token uuid NOT NULL, name text NOT NULL, n bigint NOT NULL);
"""
