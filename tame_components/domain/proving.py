"""Settings of evidence: who proves a release, for how long, and who may go round it."""

import base64
import binascii
import datetime as dt
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from tame_components.domain.base import Frozen
from tame_components.domain.setting_types import Day


_KEY_BYTES = 32
"""Of an Ed25519 public key (RFC 8032)."""
PRIVATE_KEY = "tame:secrets.evidence.private_key"
"""Where the sandbox keeps the key that signs; `tame gate --new-key` puts it there."""


def _public_key(text: str) -> str:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise ValueError("the 44 characters that `tame gate --new-key` printed")
    return text


class BreakGlass(Frozen):
    """Leave to deploy what no evidence covers, for a while. Everybody sees it."""

    owner: str = Field(min_length=1)
    """Who answers for it."""
    reason: str = Field(min_length=10)
    """Why, in ten characters or more."""
    expires: Day
    """The last day, UTC."""

    def holds(self) -> bool:
        """Whether the leave has not expired."""
        return self.expires >= dt.datetime.now(tz=dt.UTC).date().isoformat()


class EvidenceSettings(Frozen):
    """What has to be proved before this stack may run it."""

    required: bool = False
    """Whether `up` refuses a release that the sandbox has not proved."""
    sandbox: str | None = None
    """The stack whose output `evidence` is read, e.g. `organization/tame/sandbox`."""
    public_key: Annotated[str, AfterValidator(_public_key)] | None = None
    """Whose signature counts. `tame gate --new-key` prints it."""
    max_age_days: int = Field(default=7, ge=1, le=90)
    """Days that evidence stays fresh."""
    soak_seconds: int = Field(default=60, ge=0, le=86_400)
    """How long `tame gate` watches the services before it believes them."""
    break_glass: BreakGlass | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [name for name in ("sandbox", "public_key") if getattr(self, name) is None]
        if self.required and missing:
            raise ValueError(f"`required` needs {' and '.join(f'`{name}`' for name in missing)}")
        return self
