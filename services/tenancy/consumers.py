"""Tenancy is the authority the others listen to: it hears nothing yet."""

from chassis.hears import Handler
from contracts.events import Event

HEARS: dict[type[Event], Handler] = {}
