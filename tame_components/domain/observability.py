"""How a stack is watched, and who hears of trouble."""

from typing import Literal, Self

from pydantic import Field, model_validator

from tame_components.domain.base import Frozen
from tame_components.domain.setting_types import Name


class Receiver(Frozen):
    """Somebody who hears of trouble. Tokens and webhooks are secrets: `tame:secrets`."""

    kind: Literal["discord", "slack", "telegram", "email", "dead_man"]
    """By which way. `dead_man` hears that somebody still watches, and of nothing else: a monitor on
    another machine, healthchecks.io or Uptime Kuma, that tells people when it hears no more."""
    address: str | None = None
    """E-mail: to whom. Telegram: the chat's id. Slack: the channel."""
    sender: str | None = None
    """E-mail only: from whom."""
    smarthost: str | None = Field(default=None, pattern=r"^[^:]+:\d+$")
    """E-mail only: the mail server, as `host:port`."""
    severities: tuple[Literal["warning", "critical"], ...] = ("warning", "critical")
    """What it hears of."""
    every_minutes: int = Field(default=5, ge=1, le=1440)
    """`dead_man` only: how often it hears."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind in {"email", "telegram"} and not self.address:
            raise ValueError(f"an `address`, which {self.kind} cannot do without")
        if self.kind == "email" and not (self.sender and self.smarthost):
            raise ValueError("a `sender` and a `smarthost`, which e-mail cannot do without")
        return self


class ObservabilitySettings(Frozen):
    """How the services of kind `observability` watch the rest."""

    retention_days: int = Field(default=15, ge=1)
    """How long figures and logs are kept."""
    scrape_seconds: int = Field(default=30, ge=5, le=300)
    """How often each service is asked."""
    exporters: bool = True
    """Whether each *arr gets an exporter beside it."""
    unhealthy_minutes: int = Field(default=5, ge=1)
    """How long a probe fails before somebody hears of it."""
    disk_full_percent: int = Field(default=90, ge=50, le=99)
    """How full a disk may be before somebody hears of it."""
    receivers: dict[Name, Receiver] = Field(default_factory=dict)
    """Who hears of trouble. Nobody: alerts are only shown."""
