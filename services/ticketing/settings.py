"""What ticketing is told from outside, besides what every service is."""

from pydantic import Field

from chassis.settings import Settings


class TicketingSettings(Settings):
    """Settings of ticketing."""

    service: str = "ticketing"
    mails_kept_days: int = Field(default=365, ge=7, le=36_600)
    """How long a mail is kept as it came once it has become something or nothing: a gateway that repeats one
    does so for some days. What waits for an agent is kept until one decides, and of what a
    ticket has not all of, the mail stays."""
