"""A snapshot of a whole machine or file system, by whatever holds the stack."""

import re
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from tame_components.domain.base import Frozen
from tame_components.domain.setting_types import Schedule


class SnapshotKind(StrEnum):
    """Whose command takes it."""

    PROXMOX = "proxmox"
    """`qm snapshot`, of a virtual machine by its number."""
    LIBVIRT = "libvirt"
    """`virsh snapshot-create-as`, of a domain."""
    ZFS = "zfs"
    """`zfs snapshot`, of a dataset."""
    BTRFS = "btrfs"
    """`btrfs subvolume snapshot -r`, of a subvolume, into `.tame-snapshots` below it."""
    QEMU = "qemu"
    """`qemu-img snapshot`, of a qcow2 disk whose machine is off."""


_OF: Final = {
    SnapshotKind.PROXMOX: (r"[1-9][0-9]{2,8}", "the number of a virtual machine, e.g. `120`"),
    SnapshotKind.LIBVIRT: (r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}", "the name of a domain"),
    SnapshotKind.ZFS: (r"[A-Za-z0-9][A-Za-z0-9_.:-]*(/[A-Za-z0-9_.:-]+)*", "a dataset, e.g. `a/b`"),
    SnapshotKind.BTRFS: (r"/[^\0\n]*", "the absolute path of a subvolume"),
    SnapshotKind.QEMU: (r"/[^\0\n]*", "the absolute path of a qcow2 disk"),
}


class SnapshotHook(Frozen):
    """A snapshot of everything at once, weekly and before each promotion."""

    kind: SnapshotKind
    """`proxmox`, `libvirt`, `zfs`, `btrfs` or `qemu`."""
    of: str
    """The machine, dataset, subvolume or disk, as *kind* names it."""
    keep: int = Field(default=4, ge=1, le=52)
    """Snapshots of ours that stay; the oldest go. Others' are never touched."""
    weekly: Schedule | None = "0 3 * * 0"
    """When a timer of systemd takes one; null: never."""
    before_promotion: bool = True
    """Whether `tame promote` takes one first, and changes nothing where that fails."""
    over: (
        Annotated[str, Field(pattern=r"^ssh://([a-z_][a-z0-9_-]*@)?[A-Za-z0-9.-]+(:\d+)?$")] | None
    ) = None
    """The hypervisor, e.g. `ssh://root@pve`, reached as your `ssh` reaches it. Default: the host of
    the engine."""

    @model_validator(mode="after")
    def _matches(self) -> Self:
        pattern, meant = _OF[self.kind]
        if not re.fullmatch(pattern, self.of):
            raise ValueError(f"`of` is no {self.kind} name: `{self.of}`; it takes {meant}")
        if self.over is not None and self.weekly is not None:
            raise ValueError(
                "`weekly` with `over`: TAME installs its timer on the engine's host alone; set"
                " `weekly: null`, and let cron run `tame backup --machine` where `ssh` reaches it"
            )
        return self
