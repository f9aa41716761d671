"""Which text of the contract prevails, and how a ticket says what applied to it."""

from collections.abc import Sequence
from datetime import date

from services.ticketing.model.precedence import Text

_ORDER = (Text.service_terms, Text.booklet, Text.general_terms)


def prevails(one: Text, other: Text) -> bool:
    """2-a: a service's stricter terms prevail over the booklet, and the booklet over the general terms."""
    return _ORDER.index(one) < _ORDER.index(other)


def applied(stricter: Sequence[str], booklet: str | None, frozen_on: date) -> str:
    """2-a: what applied to a ticket, the first prevailing. `stricter` names the product's own terms."""
    texts = {
        Text.service_terms: f"the service's own terms ({', '.join(stricter)})" if stricter else None,
        Text.booklet: f"the booklet of {booklet} as of {frozen_on.isoformat()}",
        Text.general_terms: "the general terms",
    }
    told = [texts[text] for text in _ORDER if texts[text]]
    return f"The first prevailing: {'; '.join(filter(None, told))}."
