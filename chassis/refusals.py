"""How anything here says no: one class, from which every named refusal descends.

A refusal is raised anywhere - in a rule, a command, a dependency - and rendered once, by
`chassis.problems`. Raised in a consumer it is a defect that no retry mends. Each service lists its own
in its `refusals.py`; those of the HTTP conventions live beside what raises them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ARTICLE = re.compile(r"^\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which part of the input is refused, as a JSON pointer into the body (`/siret`), and why.

    A part outside the body is named by its place: `query/limit`, `path/company_id`, `header/if-match`.
    """

    pointer: str
    message: str


class Refusal(Exception):
    """A "no" with a name.

    Subclasses give `slug` (unique in the tree), `status` (HTTP), `sentence` (the title: what was refused)
    and, where the booklet decides, `clause`. An instance gives what is particular to the case; `detail`
    and messages are shown to the caller, so they never hold a secret.
    """

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    sentence: ClassVar[str] = "This is refused."
    clause: ClassVar[str | None] = None

    def __init_subclass__(cls, **arguments: object) -> None:
        """Holds each refusal to a slug that a problem's type can carry, and to an error status."""
        super().__init_subclass__(**arguments)
        if not _SLUG.fullmatch(cls.slug):
            raise TypeError(f"{cls.__qualname__}: {cls.slug!r} is no slug (lower case, digits, dashes)")
        if not 400 <= cls.status <= 599:
            raise TypeError(f"{cls.__qualname__}: {cls.status} is no error status")

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[Pointer] = (),
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.sentence)
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after = retry_after
        """Seconds after which asking again makes sense."""
        self.headers = dict(headers or {})

    @property
    def article(self) -> str | None:
        """The article of the booklet that the clause belongs to: `13.2-e` is of article `13.2`."""
        found = _ARTICLE.match(self.clause) if self.clause else None
        return found.group() if found else None
