"""The language of an answer: how a route asks which one is wished, and how the answer says which it is in."""

from typing import Annotated

from fastapi import Header

from chassis.languages import Language

AcceptLanguage = Annotated[
    str | None, Header(max_length=500, description="French or English; French where neither is asked for.")
]
"""`async def read(..., accept_language: AcceptLanguage = None)`; then `chassis.languages.language_of`."""


def in_language(language: Language) -> dict[str, str]:
    """The headers of an answer in that language: another wish would have another answer."""
    return {"Content-Language": language, "Vary": "Accept-Language"}
