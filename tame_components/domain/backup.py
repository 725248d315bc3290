"""What of a stack is backed up, when, where to, and how long it is kept."""

from enum import StrEnum

from pydantic import Field

from tame_components.domain.base import Frozen
from tame_components.domain.paths import HostPath
from tame_components.domain.setting_types import Schedule


class BackupTool(StrEnum):
    """Who runs the backups."""

    TAME = "tame"
    """`tame backup`, by the agent or a timer of the host; restic is the repository."""
    BACKREST = "backrest"
    """Its first settings are seeded, later ones are its own; needs `restart-proxy`, too."""
    BORGMATIC = "borgmatic"
    OFFEN = "offen"


class Retention(Frozen):
    """How many snapshots of each kind are kept."""

    daily: int = Field(default=7, ge=1)
    """The last one of each of so many days."""
    weekly: int = Field(default=5, ge=0)
    """The last one of each of so many weeks."""
    monthly: int = Field(default=6, ge=0)
    """The last one of each of so many months."""


class BackupSettings(Frozen):
    """The backups of a stack."""

    tool: BackupTool = BackupTool.TAME
    """Who runs the backups."""
    schedule: Schedule = "30 3 * * *"
    """When, in the stack's time zone."""
    repository: HostPath = "/srv/backups"
    """A directory of the host. Another disk than the config root's is wise."""
    remote: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]+:.*$")
    """A remote of rclone, e.g. `gdrive:tame`, to which the repository is copied. Default: none."""
    remote_schedule: Schedule = "10 4 * * *"
    """When the copy is made."""
    keep: Retention = Retention()
    """How many snapshots are kept; the rest is removed after each backup."""
    excludes: tuple[str, ...] = ()
    """Globs that no snapshot holds, beside the catalog's."""
    rpo_hours: int = Field(default=24, ge=1)
    """How much work may be lost, at most: older than this is an alert."""
    rto_minutes: int = Field(default=30, ge=1)
    """How long a restore of one service may take."""
    drill_days: int = Field(default=30, ge=1)
    """Each so many days a restore is rehearsed; a missing drill is an alert."""
