"""`ETag` and `If-Match`: where two people may edit, the second learns that the first was faster.

`If-None-Match`: who has the present version already is not sent it again.
"""

from typing import Annotated

from fastapi import Depends, Header, Response

from chassis.refusals import Refusal

MAX_HEADER = 1000


class PreconditionMissing(Refusal):
    slug = "precondition-missing"
    status = 428
    sentence = "This asks for If-Match with the ETag of what you saw."


class ChangedMeanwhile(Refusal):
    slug = "changed-meanwhile"
    status = 412
    sentence = "This was changed since you saw it."


def etag_of(version: int | str) -> str:
    """The strong ETag of a version of a row."""
    return f'"{version}"'


def show_etag(response: Response, version: int | str) -> None:
    """Puts the ETag on an answer."""
    response.headers["ETag"] = etag_of(version)


class Precondition:
    """The versions that a caller takes to be current."""

    __slots__ = ("_tags",)

    def __init__(self, header: str) -> None:
        self._tags = frozenset(tag.strip() for tag in header.split(","))

    def require(self, version: int | str) -> None:
        """Refuses when the row, as it was locked, is at another version. A weak tag matches nothing."""
        if "*" not in self._tags and etag_of(version) not in self._tags:
            raise ChangedMeanwhile(headers={"ETag": etag_of(version)})


async def required_precondition(
    if_match: Annotated[str | None, Header(max_length=MAX_HEADER)] = None,
) -> Precondition:
    """What an editing route asks of its headers."""
    if not if_match:
        raise PreconditionMissing
    return Precondition(if_match)


IfMatch = Annotated[Precondition, Depends(required_precondition)]
"""`async def rename(..., seen: IfMatch)`; then `seen.require(row.version)` once the row is locked."""


class Known:
    """The versions that a caller has already."""

    __slots__ = ("_tags",)

    def __init__(self, header: str) -> None:
        self._tags = frozenset(tag.strip().removeprefix("W/") for tag in header.split(","))

    def holds(self, version: int | str) -> bool:
        """Whether this version is among them: 304 then says enough."""
        return "*" in self._tags or etag_of(version) in self._tags


async def known_versions(
    if_none_match: Annotated[str | None, Header(max_length=MAX_HEADER)] = None,
) -> Known:
    """What a reading route looks for in its headers."""
    return Known(if_none_match or "")


IfNoneMatch = Annotated[Known, Depends(known_versions)]
"""`async def read(..., known: IfNoneMatch)`; then a bare 304 where `known.holds(row.version)`."""
