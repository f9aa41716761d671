"""Availability's tables, by subject. What the publisher puts on record of its own service is no tenant's;
what is said of one customer begins its keys with it.
"""

from services.availability.tables import heard, hosting, maintenance, months, outages, probes, weather
from services.availability.tables.columns import METADATA

__all__ = ["METADATA", "heard", "hosting", "maintenance", "months", "outages", "probes", "weather"]
