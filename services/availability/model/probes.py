"""What is watched and how: targets and their scripts, places, what probes found, what is confirmed of it.

Frozen values and enumerations only; nothing here decides or stores anything. Instants are of real time, the
time in which probes are made; what is put on record of them is told in the portal's own time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import TypeAdapter

from services.availability.model.rates import PRODUCTION

Scalar = str | int | bool | None


class Method(StrEnum):
    """What a step asks."""

    get = "GET"
    head = "HEAD"
    post = "POST"
    put = "PUT"
    patch = "PATCH"
    delete = "DELETE"


@dataclass(frozen=True, slots=True)
class JsonValue:
    """What stands at an RFC 6901 pointer of the answer."""

    pointer: str
    equals: Scalar


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an answer must be like: one of these statuses, these texts in it, these values at their places."""

    status: tuple[int, ...] = (200,)
    contains: tuple[str, ...] = ()
    json: tuple[JsonValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Extract:
    """A value of the answer that later steps need: at a pointer, in a header, or in its text; in these last
    two the whole, or what stands between two markers.
    """

    variable: str
    pointer: str | None = None
    header: str | None = None
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One request and what is expected of its answer.

    Its texts may hold `{{variable}}`, `{{secret:name}}` and `{{totp:name}}`. `json` is a JSON text whose
    strings may; `form` is sent URL-encoded. `logs_in` marks the step after which one is logged in.
    """

    name: str
    url: str
    method: Method = Method.get
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: str | None = None
    expect: Expectation = field(default_factory=Expectation)
    extract: tuple[Extract, ...] = ()
    logs_in: bool = False
    follow_redirects: bool = False
    timeout_ms: int = 5_000


@dataclass(frozen=True, slots=True)
class Script:
    """Steps in their order, which share cookies; the time that all may take; the bytes read of an answer."""

    steps: tuple[Step, ...]
    timeout_ms: int = 15_000
    body_limit: int = 262_144


SCRIPT: TypeAdapter[Script] = TypeAdapter(Script)
"""A script as it is stored and handed to places, and back."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How often, from where, and what confirms that a target is down: so many of its places, each after so
    many failures in a row.
    """

    places: tuple[str, ...]
    interval_seconds: int = 30
    places_needed: int = 1
    in_a_row: int = 2

    @property
    def fresh_for(self) -> timedelta:
        """How long what a place found is taken for the present state."""
        return timedelta(seconds=3 * self.interval_seconds)


@dataclass(frozen=True, slots=True)
class TargetText:
    """What operations say of a target. `offering_code` null: the portal itself."""

    name: str
    script: Script
    watch: Watch
    offering_code: str | None = None
    environment: str = PRODUCTION
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A target as it is on record, with the names of its secrets."""

    target_id: UUID
    text: TargetText
    revision: int
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a place is handed of a target, its secrets opened."""

    target_id: UUID
    revision: int
    interval_seconds: int
    script: Script
    secrets: Mapping[str, str]
    paused: bool = False
    """Not to be run but when somebody tries it."""


class Outcome(StrEnum):
    """`prober_fault`: the place could not tell; it counts neither for the target nor against it."""

    up = "up"
    down = "down"
    prober_fault = "prober_fault"


class Fault(StrEnum):
    """Why a step was not as expected. Those of `OWN` are the prober's."""

    dns = "dns"
    connect = "connect"
    tls = "tls"
    timeout = "timeout"
    closed = "closed"
    protocol = "protocol"
    redirects = "redirects"
    status = "status"
    text_missing = "text_missing"
    json_differs = "json_differs"
    value_missing = "value_missing"
    body_encoded = "body_encoded"
    address_refused = "address_refused"
    no_network = "no_network"
    overloaded = "overloaded"
    clock_stepped = "clock_stepped"
    resources = "resources"
    script = "script"


OWN = frozenset(
    {
        *(Fault.address_refused, Fault.no_network, Fault.overloaded, Fault.clock_stepped),
        *(Fault.resources, Fault.script),
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read of an answer. `cut`: there was more than the script reads."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one step went."""

    name: str
    took_ms: int
    fault: Fault | None = None
    status: int | None = None
    detail: str = ""
    logs_in: bool = False


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One run of a target's script: when it was planned and when it began, and its steps up to the first that
    failed. `detail` of a step is bounded, printable, and holds no secret.
    """

    target_id: UUID
    revision: int
    planned_at: datetime
    started_at: datetime
    outcome: Outcome
    steps: tuple[StepResult, ...] = ()
    fault: Fault | None = None

    @property
    def took_ms(self) -> int:
        """Of all steps."""
        return sum(step.took_ms for step in self.steps)


@dataclass(frozen=True, slots=True)
class Health:
    """How the prober of a place fares: runs that came too late to be made, results it had no room to keep,
    and how late runs began, at worst, since it last told.
    """

    skipped: int = 0
    dropped: int = 0
    late_ms: int = 0
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a place tells at once. Of what was planned before `told_until` it will tell nothing more."""

    place: str
    sent_at: datetime
    told_until: datetime
    results: tuple[ProbeResult, ...]
    health: Health = field(default_factory=Health)


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere from where targets are watched; `program_id` is the only program that may speak for it."""

    code: str
    name: str
    silent_after_seconds: int = 120
    program_id: UUID | None = None
    revision: int = 1
    seen_at: datetime | None = None
    told_until: datetime | None = None
    silent_since: datetime | None = None
    health: Health = field(default_factory=Health)
