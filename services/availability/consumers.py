"""What availability hears of tenancy and of the catalogue."""

from chassis.auth import credential_disabled
from chassis.hears import Handler
from contracts.events import Event
from contracts.events.tenancy import CredentialDisabled

HEARS: dict[type[Event], Handler] = {CredentialDisabled: credential_disabled}
