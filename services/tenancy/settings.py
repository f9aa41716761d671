"""What tenancy is told from outside, besides what every service is."""

from pydantic import Field

from chassis.settings import Settings


class TenancySettings(Settings):
    """Settings of tenancy."""

    service: str = "tenancy"
    passwords_at_once: int = Field(default=2, ge=1, le=64)
    """How many Argon2id computations run together; each holds a core and 64 MB for some 110 ms."""
    sealing_keys: str = ""
    """What seals secrets at rest, the newest first, with commas between; `livret keys make` prints one."""
