"""What may govern a ticket: texts of the contract."""

from enum import StrEnum


class Text(StrEnum):
    """A text of the contract; which of two prevails is a rule."""

    service_terms = "service_terms"
    booklet = "booklet"
    general_terms = "general_terms"
