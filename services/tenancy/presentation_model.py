"""What a portal looks like: name, colours, welcome text, logo. Frozen values only."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Colours:
    """Four colours, `#rrggbb` in lower case: text on the background, and text on the accent.

    The accent is also that of links, which stand on the background.
    """

    text: str = "#1f2933"
    background: str = "#ffffff"
    accent: str = "#0b5394"
    on_accent: str = "#ffffff"


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a customer defines besides its logo. `welcome` is Markdown, as written."""

    name: str
    colours: Colours = field(default_factory=Colours)
    welcome: str = ""


@dataclass(frozen=True, slots=True)
class LogoFacts:
    """What is told of a logo: SHA-256 of its PNG in hexadecimal, and its size in pixels."""

    digest: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo as it is kept: a PNG that was written here."""

    png: bytes
    facts: LogoFacts


@dataclass(frozen=True, slots=True)
class Presentation:
    """A portal as it is shown; revision 0 before its customer ever defined anything."""

    appearance: Appearance
    logo: LogoFacts | None = None
    revision: int = 0
