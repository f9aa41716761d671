"""A correction changes what it names; what it leaves out stays as it is on record."""

from dataclasses import replace
from typing import Any, TypeVar

from services.availability.commands.told import Record
from services.availability.schemas.fields import Asked

Correction = TypeVar("Correction", bound=Any)

_KEPT = {
    "ends_at": "ends_at",
    "offering_code": "offering_code",
    "environment": "environment",
    "description": "description",
    "customer_ids": "customers",
}
"""What may be left out, and as what the record has it."""


def completed(asked: Correction, sent: Asked, before: Record) -> Correction:
    """What is asked, with what was left out of it as it is on record."""
    left_out = _KEPT.keys() & type(sent).model_fields.keys() - sent.model_fields_set
    return replace(asked, **{_KEPT[name]: getattr(before, _KEPT[name]) for name in left_out})
