"""What availability is told from outside, besides what every service is."""

from pydantic import Field

from chassis.settings import Settings


class AvailabilitySettings(Settings):
    """Settings of availability."""

    service: str = "availability"
    weather_store: str = "file:///tmp/livret-weather"
    """Where the weather is exported to and served from: `file:///directory` or `s3://bucket/prefix`."""
    weather_seconds: int = Field(default=60, ge=1, le=3_600)
    """How often the weather is told anew when nothing has changed; changes are told within seconds."""
    operations_mail: str = "Operations <operations@livret.example>"
    """Whom reminders of the hosting register go to, and of places from which nothing is heard."""
    sealing_keys: str = ""
    """What seals the secrets of targets at rest, the newest first; `livret keys make` prints one."""
    probes_kept_days: int = Field(default=14, ge=1, le=3_660)
    """How long results of probes are kept; what made an outage stays with it as evidence."""
    alerts_kept_days: int = Field(default=400, ge=1, le=36_600)
    """How long alerts that are over are kept."""
