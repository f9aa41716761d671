"""What the publisher's technicians send about a ticket, and about a customer's support."""

from pydantic import Field

from services.ticketing.model import handling as model
from services.ticketing.model.tickets import LeftOut, ScopeReason, SuspensionReason
from services.ticketing.schemas.fields import Explanation, Prose, Shape


class Qualification(Shape):
    """The facts that decide how grave an anomaly is (1-a to 1-c)."""

    departs: bool = Field(description="Whether it departs from the documentation.", examples=[True])
    reproducible: bool = Field(description="Whether the publisher can reproduce it.", examples=[True])
    inoperative: bool = Field(description="Whether a feature cannot be reached or used.", examples=[True])
    workaround: bool = Field(description="Whether a workaround can exist.", examples=[False])
    essential: bool | None = Field(
        default=None, description="Whether the feature is essential; left out, the catalogue says."
    )
    explanation: Explanation | None = Field(
        default=None, description="Needed where it is no anomaly, and where it is qualified anew."
    )

    def as_told(self) -> model.Qualification:
        """The facts as the rules take them."""
        return model.Qualification(**self.model_dump())


class CorrectivePlan(Shape):
    """The corrective action plan of an anomaly of criticality 1 (13.3-b)."""

    plan: Prose


class Fix(Shape):
    """A correction or a workaround (13.3-c)."""

    workaround: bool = Field(examples=[False])
    explanation: Prose


class LeavingOut(Shape):
    """Why a ticket is none in the contract's sense."""

    left_out: LeftOut
    scope: ScopeReason | None = Field(
        default=None, examples=["user_training"], description="With out_of_scope alone (13.2-b)."
    )
    explanation: Explanation

    def as_told(self) -> model.Leaving:
        """The same as the rules take it."""
        return model.Leaving(self.left_out, self.explanation, self.scope)


class SettingApart(Shape):
    """Which duty the customer did not meet (13.2-g)."""

    explanation: Explanation


class Withdrawal(Shape):
    """Why what was said of a ticket does not hold."""

    explanation: Explanation


class NewSuspension(Shape):
    """Why support stands still (13.2-h)."""

    reason: SuspensionReason
    explanation: Explanation
