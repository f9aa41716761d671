"""Timed work of ticketing."""

from collections.abc import Sequence
from datetime import timedelta

from chassis.hears import Job

EVERY: dict[timedelta | str, Job | Sequence[Job]] = {}
