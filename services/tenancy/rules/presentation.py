"""What a portal may look like (3-a): a name one can read, colours that stand out from each other."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_DOWN, Context, Decimal

from chassis.refusals import Pointer
from services.tenancy.presentation_model import Appearance, Colours
from services.tenancy.presentation_refusals import ColourUnreadable, ContrastTooLow, PortalNameUnfit

NAME_MAXIMUM = 100
MINIMUM_CONTRAST = Decimal("4.5")

_COLOUR = re.compile(r"#[0-9a-f]{6}\Z", re.ASCII)
_EXACTLY = Context(prec=34)
_GAMMA = Decimal("2.4")
_WEIGHTS = (Decimal("0.2126"), Decimal("0.7152"), Decimal("0.0722"))
_FLARE = Decimal("0.05")


def _linear(channel: int) -> Decimal:
    """The light of one of 256 steps, 0 to 1 (WCAG 2.2, relative luminance)."""
    share = Decimal(channel) / 255
    if share <= Decimal("0.04045"):
        return share / Decimal("12.92")
    return _EXACTLY.power((share + Decimal("0.055")) / Decimal("1.055"), _GAMMA)


_LIGHT = tuple(_linear(channel) for channel in range(256))


def luminance(colour: str) -> Decimal:
    """How bright a colour `#rrggbb` is: 0 for black, 1 for white."""
    channels = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return sum((w * _LIGHT[c] for w, c in zip(_WEIGHTS, channels, strict=True)), Decimal(0))


def contrast(one: str, other: str) -> Decimal:
    """How far two colours stand apart, 1 to 21 (WCAG 2.2)."""
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + _FLARE) / (darker + _FLARE)


def admitted_appearance(asked: Appearance) -> Appearance:
    """3-a: a customer defines its portal's presentation: its name, and colours that can be read.

    Each text must have a contrast of 4.5 : 1 at least with what it stands on, judged on the exact ratio; the
    one shown is rounded down.
    """
    name = " ".join(asked.name.split())
    hidden = any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Cn") for c in name)
    if not name or hidden or len(name) > NAME_MAXIMUM:
        raise PortalNameUnfit(errors=[Pointer("/name", PortalNameUnfit.sentence)])
    colours = _readable(asked.colours)
    faint = list(_faint(colours))
    if faint:
        raise ContrastTooLow(faint[0].message, errors=faint)
    return replace(asked, name=name, colours=colours)


def _readable(asked: Colours) -> Colours:
    given = {"text": asked.text, "background": asked.background}
    given |= {"accent": asked.accent, "on_accent": asked.on_accent}
    folded = {place: colour.strip().lower() for place, colour in given.items()}
    wrong = [place for place, colour in folded.items() if not _COLOUR.match(colour)]
    if wrong:
        raise ColourUnreadable(
            errors=[Pointer(f"/colours/{each}", ColourUnreadable.sentence) for each in wrong]
        )
    return Colours(**folded)


def _faint(colours: Colours) -> Iterator[Pointer]:
    """The pairs that do not stand apart, with their ratio."""
    pairs = (
        ("text", colours.text, "the background", colours.background),
        ("accent", colours.accent, "the background", colours.background),
        ("on_accent", colours.on_accent, "the accent", colours.accent),
    )
    for place, colour, under, ground in pairs:
        ratio = contrast(colour, ground)
        if ratio < MINIMUM_CONTRAST:
            shown = ratio.quantize(Decimal("0.01"), rounding=ROUND_DOWN)
            message = (
                f"{colour} on {under} {ground} has a contrast of {shown} : 1; at least 4.5 : 1 is needed."
            )
            yield Pointer(f"/colours/{place}", message)
