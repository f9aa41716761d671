"""What a process is told from outside. A service extends `Settings`; nothing else reads the environment."""

from typing import Any, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.embedded.account import CannotRun


class SettingUnfit(CannotRun):
    """A process is told a setting that does not do; the message names its variable."""


class Settings(BaseSettings):
    """Settings shared by all services, from variables that begin with `LIVRET_`.

    Database addresses are `postgresql://user:password@host:port/name`. `bus` is `postgres` (then
    `bus_database_url` says where its log lives) or `kafka://host:port[,host:port]`.
    """

    model_config = SettingsConfigDict(env_prefix="LIVRET_", extra="ignore", frozen=True)

    def __init__(self, **told: Any) -> None:
        """Raises SettingUnfit."""
        try:
            super().__init__(**told)
        except ValidationError as unfit:
            faults = (f"LIVRET_{one['loc'][0]}".upper() + f": {one['msg']}" for one in unfit.errors())
            raise SettingUnfit("; ".join(faults)) from None

    service: str = "livret"
    database_url: str = "postgresql://livret_app@127.0.0.1:5432/livret"
    owner_database_url: str | None = None
    bus: str = "postgres"
    bus_database_url: str | None = None
    pool_size: int = Field(default=8, ge=1, le=100)

    origin: str = "http://127.0.0.1:8080"
    jwks_url: str | None = None
    token_audience: str = "livret"  # noqa: S105 - a name, no secret

    program_quota: int = Field(default=600, ge=1)
    """Requests that one program may make at one API process in `program_quota_seconds`."""
    program_quota_seconds: int = Field(default=60, ge=1, le=86_400)

    mail: str = "file:///tmp/livret-mail"
    mail_from: str = "Livret <no-reply@livret.example>"
    mail_reply_to: str | None = None
    """Where answers go. What a mail is about stands in that address, after a `+`."""

    otlp_endpoint: str | None = None
    log_level: str = "INFO"

    def revised(self, **changes: object) -> Self:
        """A copy with the given settings changed (validated like the original)."""
        return type(self).model_validate(self.model_dump() | changes)
