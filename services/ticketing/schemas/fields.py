"""The words that several shapes of ticketing share. PostgreSQL's text holds no NUL, so no field takes one."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_TEXT = r"^[^\x00]*$"

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=250, pattern=_TEXT),
    Field(examples=["The quote cannot be saved"]),
]
Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000, pattern=_TEXT),
    Field(examples=["After a new line was added to a quote."]),
]
Explanation = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000, pattern=_TEXT),
    Field(examples=["It is what page 12 of the documentation describes."]),
]
ErrorMessage = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000, pattern=_TEXT),
    Field(examples=["E-1207: line refused"]),
]
MenuEntry = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=_TEXT),
    Field(examples=["Quotes"]),
]
Feature = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_TEXT),
    Field(examples=["create a quote"]),
]
PersonName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_TEXT),
    Field(examples=["Claire Durand"]),
]
MailAddress = Annotated[
    str,
    StringConstraints(
        max_length=254, pattern=r"^[^\x00-\x1f\x7f\s<>@,;:()\"\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"
    ),
    Field(examples=["claire@cabinet.example"]),
]
PhoneNumber = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^[+0-9][0-9 ().-]{3,}$"),
    Field(examples=["+33 3 87 00 00 00"]),
]
ProductCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
    Field(examples=["devis-factures"]),
]
Reference = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40, pattern=_TEXT),
    Field(examples=["1000-0014"], description="However it is spaced."),
]


class Shape(BaseModel):
    """What is sent: nothing besides these fields."""

    model_config = ConfigDict(extra="forbid")
