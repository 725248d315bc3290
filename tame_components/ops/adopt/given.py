"""What a plan of an adoption follows from."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tame_components.domain.adoption import OldService, OldStack
from tame_components.domain.hosts import is_local
from tame_components.ops.adopt.looking import Found


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What a plan follows from."""

    old: OldStack
    found: Found
    file: Path
    """The settings file."""
    becomes: Literal["write", "same", "kept", "replace"]
    settings: Mapping[str, Any]
    """What it says, or will say: the `tame:` keys without prefix."""
    differs: tuple[str, ...]
    """Keys in which a file that is kept differs from the Compose files."""
    stored: frozenset[str]
    """Paths of the secrets that it holds already."""

    @property
    def local(self) -> bool:
        """Whether the engine's host is this machine."""
        return is_local(str(self.settings["engine"]))

    @property
    def services(self) -> list[OldService]:
        """Those that the settings have, on the stack's own engine."""
        wanted = self.settings["services"]
        return [
            one
            for one in self.old.services
            if one.name in wanted and not (wanted[one.name] or {}).get("host")
        ]

    def own(self, service: str) -> Mapping[str, Any]:
        """The settings of *service* alone."""
        found: Mapping[str, Any] = self.settings["services"][service] or {}
        return found

    def target_of(self, service: str) -> str:
        """The state directory of *service* in the new stack."""
        return posixpath.join(str(self.settings["config_root"]), service)
