"""What a prober is told from outside."""

from pydantic import Field

from services.availability.settings import AvailabilitySettings


class ProberSettings(AvailabilitySettings):
    """Settings of a prober, besides those of availability, from variables that begin with `LIVRET_`."""

    probe_place: str = "local"
    """The place that it speaks for."""
    probe_url: str | None = None
    """Where availability's API is asked: `https://portal.example/api/availability`. Without it the prober
    works on availability's database itself, so that it tells also while the portal it watches is down."""
    probe_token_url: str | None = None
    """Where its token is asked; without it of the portal that `probe_url` names, or of that at `origin`."""
    probe_client_id: str | None = None
    probe_client_secret: str | None = None
    """The program of scope `probes:report` that it is."""
    probe_references: str = ""
    """Addresses `host:port`, with commas between, one of which answers as long as its own network works. They
    are best somewhere else than what is watched. Without any, no failure is taken for its own network's."""
    probe_at_once: int = Field(default=500, ge=1, le=10_000)
    """Scripts that run at the same time; one too many waits, and is skipped if that takes too long."""
    probe_addresses_allowed: str = ""
    """Networks `169.254.0.0/16`, with commas between, that may be asked although they are link-local or serve
    a machine's metadata."""
    probe_ca_file: str | None = None
    """Certificate authorities to trust, in the place of those that httpx brings."""
    probe_buffer: int = Field(default=100_000, ge=1, le=10_000_000)
    """Results kept until they can be told; beyond it the oldest are dropped, and counted."""
