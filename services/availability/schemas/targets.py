"""The HTTP shapes of what is watched: targets, their scripts, places."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from services.availability.model.probes import Fault, Method
from services.availability.model.rates import PRODUCTION
from services.availability.schemas.fields import Asked, Environment, OfferingCode, Shown

MAX_STEPS = 20
MAX_PLACES = 20

Word = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$"),
    Field(examples=["password"]),
]
PlaceCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Field(examples=["paris"]),
]
TargetName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    Field(examples=["Portal: reach and log in"]),
]
Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000),
    Field(examples=["https://portal.example/api/tenancy/v1/sessions"]),
]
HeaderName = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Template = Annotated[str, StringConstraints(max_length=2_000), Field(examples=["{{secret:password}}"])]
Pointer = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^(/[^/]*)*$"), Field(examples=["/token"])
]
Marker = Annotated[str, StringConstraints(max_length=200), Field(examples=['name="csrf" value="'])]
Status = Annotated[int, Field(ge=100, le=599, examples=[200])]
Milliseconds = Annotated[int, Field(ge=100, le=120_000)]
SecretValue = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1_000),
    Field(examples=["cheval pile agrafe correcte"], json_schema_extra={"format": "password"}),
]


class JsonValue(Asked):
    """What must stand at a pointer (RFC 6901) of the answer."""

    pointer: Pointer
    equals: Annotated[str, StringConstraints(max_length=1_000)] | bool | int | None = Field(examples=["ok"])


class Expectation(Asked):
    """What an answer must be like."""

    status: list[Status] = Field(default=[200], min_length=1, max_length=50, examples=[[200]])
    contains: list[Annotated[str, StringConstraints(min_length=1, max_length=500)]] = Field(
        default=[], max_length=20, examples=[["Welcome"]]
    )
    json_values: list[JsonValue] = Field(default=[], max_length=20, alias="json")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Extract(Asked):
    """A value of the answer that later steps name: at a pointer, in a header, or in its text; in these last
    two the whole, or what stands between two markers.
    """

    variable: Word
    pointer: Pointer | None = None
    header: HeaderName | None = None
    after: Marker | None = None
    before: Marker | None = None

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        marked = (self.after or self.before) is not None
        if self.pointer is not None and (marked or self.header is not None):
            raise ValueError("a value at a pointer is in no header, and between no markers")
        if self.pointer is None and self.header is None and not marked:
            raise ValueError("a value is at a pointer, in a header, or between two markers")
        return self


Headers = Annotated[dict[HeaderName, Template], Field(max_length=20)]
Form = Annotated[dict[FieldName, Template], Field(max_length=50)]


class Step(Asked):
    """One request, and what is expected of its answer."""

    name: TargetName
    method: Method = Method.get
    url: Url
    headers: Headers = Field(default={})
    form: Form | None = None
    json_body: Annotated[str, StringConstraints(max_length=10_000)] | None = Field(
        default=None, alias="json", description="A JSON text; its strings may hold placeholders."
    )
    expect: Expectation = Expectation()
    extract: list[Extract] = Field(default=[], max_length=20)
    logs_in: bool = Field(default=False, description="After this step one is logged in.")
    follow_redirects: bool = False
    timeout_ms: Milliseconds = 5_000

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Script(Asked):
    """Steps in their order; cookies last from one to the next."""

    steps: list[Step] = Field(min_length=1, max_length=MAX_STEPS)
    timeout_ms: Milliseconds = Field(default=15_000, description="That all steps together may take.")
    body_limit: int = Field(default=262_144, ge=0, le=1_048_576, description="Bytes read of an answer.")


def _once(places: list[str]) -> list[str]:
    if len(set(places)) < len(places):
        raise ValueError("a place is named twice")
    return places


class TargetText(Asked):
    """What is watched, how often, from where, and what confirms that it is down."""

    name: TargetName
    offering_code: OfferingCode | None = Field(default=None, description="Null: the portal itself.")
    environment: Environment = PRODUCTION
    script: Script
    places: Annotated[list[PlaceCode], Field(min_length=1, max_length=MAX_PLACES), AfterValidator(_once)]
    interval_seconds: int = Field(default=30, ge=5, le=86_400)
    places_needed: int = Field(default=1, ge=1, le=MAX_PLACES, description="Places that confirm it.")
    in_a_row: int = Field(default=2, ge=1, le=20, description="Failures after which a place says so.")
    paused: bool = False


Secrets = Annotated[
    dict[Word, SecretValue],
    Field(
        max_length=20,
        description="By name; sealed at rest and never shown. Those that are not sent are kept.",
        examples=[{"password": "cheval pile agrafe correcte"}],
    ),
]


class TargetSent(TargetText):
    """A target with those of its secrets that are new."""

    secrets: Secrets = Field(default={})


class TargetShown(TargetText):
    """A target as it is on record."""

    target_id: UUID
    secret_names: list[Word] = Field(max_length=20)
    revision: int


class TargetStanding(Shown):
    """A target, and how it stands."""

    target: TargetShown
    seen_at: datetime | None = Field(description="When a place last could tell how it is.")
    down_since: datetime | None = Field(
        description="Since the first failed probe of the outage that goes on."
    )
    outage_id: UUID | None


class PlaceText(Asked):
    """Somewhere from where targets are watched."""

    name: TargetName
    silent_after_seconds: int = Field(default=120, ge=10, le=86_400)
    program_id: UUID | None = Field(default=None, description="The only program that may speak for it.")


class PlaceShown(Shown):
    """A place, and how its prober fares."""

    code: PlaceCode
    name: TargetName
    silent_after_seconds: int
    program_id: UUID | None
    seen_at: datetime | None
    silent_since: datetime | None = Field(
        description="It has told nothing since: nothing is watched from there."
    )
    skipped: int = Field(description="Runs that came too late to be made.")
    dropped: int = Field(description="Results that it had no room to keep until they could be told.")
    late_ms: int = Field(description="How late runs began, at worst, by its last report.")
    fault: Fault | None = Field(description="What kept it from telling, by its last report.")


def as_sent(script: Script) -> Mapping[str, object]:
    """The script by the names of the model's fields."""
    return script.model_dump(mode="json", by_alias=True)
