"""Which of the portal's two languages an answer is in."""

from typing import Literal

Language = Literal["fr", "en"]


def language_of(accepted: str | None) -> Language:
    """French or English, by an `Accept-Language` header; French, as the contract is, where neither is."""
    best: tuple[int, Language] | None = None
    for wish in (accepted or "").split(","):
        tag, _, weight = wish.partition(";")
        name = tag.strip().lower().partition("-")[0]
        thousandths = _thousandths(weight)
        if name in ("fr", "en") and thousandths and (best is None or thousandths > best[0]):
            best = (thousandths, "fr" if name == "fr" else "en")
    return best[1] if best else "fr"


def _thousandths(weight: str) -> int:
    """`q=0.8` as 800; 1000 where none is given, 0 where it cannot be read."""
    name, _, value = weight.replace(" ", "").partition("=")
    if not name:
        return 1000
    whole, _, part = value.partition(".")
    digits = f"{whole}{part:0<3}"
    return min(int(digits), 1000) if name == "q" and digits.isdecimal() and len(digits) <= 4 else 0
