"""The field types that several shapes share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Siret = Annotated[str, StringConstraints(max_length=24), Field(examples=["73282932000074"])]
Name = Annotated[str, StringConstraints(min_length=1, max_length=250), Field(examples=["Boulangerie Martin"])]
PersonName = Annotated[Name, Field(examples=["Claire Moreau"])]
Short = Annotated[str, StringConstraints(max_length=200)]
Street = Annotated[Short, Field(examples=["1 rue Haute"])]
City = Annotated[Short, Field(examples=["Metz"])]
TradeName = Annotated[Short, Field(examples=["Aux Trois Épis"])]
ActivityCode = Annotated[str, StringConstraints(max_length=200), Field(examples=["6920Z"])]
Country = Annotated[str, StringConstraints(max_length=2), Field(examples=["FR"])]
Postcode = Annotated[str, StringConstraints(max_length=10), Field(examples=["57000"])]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=40), Field(examples=["cabinet-moreau"])]
Identifier = Annotated[
    str, StringConstraints(min_length=1, max_length=120), Field(examples=["claire.moreau"])
]
Secret = Annotated[
    str, StringConstraints(min_length=1, max_length=256), Field(examples=["cheval pile agrafe correcte"])
]
Token = Annotated[str, StringConstraints(max_length=4000), Field(examples=["eyJhbGciOiJFUzI1NiIsImtpZCI6…"])]
Mail = Annotated[
    str,
    StringConstraints(max_length=254, pattern=r"^[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+\.[^@\s<>,;:\"()]+$"),
    Field(examples=["claire@cabinet-moreau.example"]),
]
OfferingCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
    Field(examples=["devis-factures"]),
]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), Field(examples=["Laptop stolen."])]


class Asked(BaseModel):
    """A shape that is sent to us."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """A shape that we answer with, read from a row."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
