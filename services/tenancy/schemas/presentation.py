"""The presentation of a portal, as its customer defines it and as a login page reads it (3-a)."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from chassis.markdown import rendered
from services.tenancy.presentation_model import Appearance, Colours, Presentation
from services.tenancy.schemas.fields import Asked, Shown

Colour = Annotated[str, StringConstraints(max_length=20), Field(examples=["#0b5394"])]
PortalName = Annotated[str, StringConstraints(max_length=100), Field(examples=["Cabinet Moreau"])]
Welcome = Annotated[
    str,
    StringConstraints(max_length=5000),
    Field(
        examples=["**Bienvenue** sur votre portail."], description="Markdown; HTML in it is shown as text."
    ),
]


class ColoursAsked(Asked):
    """Each text stands out from what it stands on, by 4.5 : 1 at least."""

    text: Colour
    background: Colour
    accent: Annotated[Colour, Field(description="Buttons, and links on the background.")]
    on_accent: Colour


class PresentationAsked(Asked):
    """How a portal looks from now on, but for its logo."""

    name: PortalName
    colours: ColoursAsked
    welcome: Welcome = ""

    def as_appearance(self) -> Appearance:
        """The same in the words of the rules."""
        return Appearance(self.name, Colours(**self.colours.model_dump()), self.welcome)


class ColoursShown(Shown):
    """Four colours as `#rrggbb`."""

    text: Colour
    background: Colour
    accent: Colour
    on_accent: Colour


class LogoShown(Shown):
    """A logo: SHA-256 of its PNG, and its size in pixels."""

    digest: Annotated[str, Field(max_length=64, examples=["9f86d081884c7d65…"])]
    width: int
    height: int


class PortalShown(Shown):
    """What anybody sees of a portal before logging in."""

    name: PortalName
    colours: ColoursShown
    welcome_html: Annotated[
        str,
        Field(
            max_length=100_000,
            examples=["<p><strong>Bienvenue</strong> sur votre portail.</p>"],
            description="Safe as it is: an allow list let it through.",
        ),
    ]
    logo: LogoShown | None


class PresentationShown(PortalShown):
    """How a portal looks, with the welcome text as it was written."""

    welcome: Welcome
    revision: int


def portal_shown(found: Presentation) -> PortalShown:
    """What a login page shows."""
    return PortalShown(**_shown(found))


def presentation_shown(found: Presentation) -> PresentationShown:
    """What its customer sees."""
    return PresentationShown(**_shown(found), welcome=found.appearance.welcome, revision=found.revision)


def _shown(found: Presentation) -> dict[str, Any]:
    look = found.appearance
    return {
        "name": look.name,
        "colours": ColoursShown.model_validate(look.colours),
        "welcome_html": rendered(look.welcome),
        "logo": LogoShown.model_validate(found.logo) if found.logo else None,
    }


def told(found: Presentation) -> dict[str, Any]:
    """The presentation as the audit trail keeps it."""
    colours = ColoursShown.model_validate(found.appearance.colours).model_dump()
    logo = found.logo.digest if found.logo else None
    return {"name": found.appearance.name, "welcome": found.appearance.welcome, "logo": logo} | colours
