"""A virtual machine for a stack, as plain facts: the same for QEMU, libvirt and Proxmox."""

import json
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from tame_components.domain.base import Frozen


_NUMBERS: Final = {"bookworm": 12, "trixie": 13}
"""Of Debian's releases that carry a cloud image and Docker (debian.org/releases)."""
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class VirtualMachineSettings(Frozen):
    """The size of a machine, and how it is reached."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "tame-sandbox"
    """Of the machine, and its host name."""
    cpus: int = Field(default=2, ge=1, le=128)
    """Virtual CPUs."""
    memory_mib: int = Field(default=4096, ge=512, le=1_048_576)
    """Memory, MiB."""
    disk_gib: int = Field(default=32, ge=4, le=16_384)
    """Its disk, GiB; it takes only what is written."""
    release: Literal["bookworm", "trixie"] = "bookworm"
    """Debian's code name."""
    user: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")] = "root"
    """Who deploys; HostPreparation must be able to give directories away."""
    ssh_public_key: Annotated[
        str | None, Field(pattern=r"^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$")
    ] = None
    """Who may log in. `make vm` makes a key for each machine."""
    start_on_boot: bool = False
    """Whether the hypervisor starts it when it starts itself."""

    @property
    def cloud_image(self) -> str:
        """Debian's own image for machines with cloud-init (cloud.debian.org)."""
        number = _NUMBERS[self.release]
        name = f"debian-{number}-genericcloud-amd64.qcow2"
        return f"https://cloud.debian.org/images/cloud/{self.release}/latest/{name}"

    def cloud_config(self) -> str:
        """What cloud-init does at the first start: Docker, and the key of the one who deploys.

        The interpreter and the programs are what HostPreparation and `tame gate` need there.
        """
        keys = [self.ssh_public_key] if self.ssh_public_key else []
        content = {
            "hostname": self.name,
            "disable_root": self.user != "root",
            "ssh_pwauth": False,
            "users": [{"name": self.user, "ssh_authorized_keys": keys}],
            "package_update": True,
            "packages": ["docker.io", "acl", "iproute2", "python3", "qemu-guest-agent"],
            "runcmd": [["systemctl", "enable", "--now", "docker", "qemu-guest-agent"]],
        }
        return f"#cloud-config\n{json.dumps(content, indent=2)}\n"  # JSON is YAML


class ProxmoxPlace(Frozen):
    """Where on a Proxmox VE the machine lies."""

    node: Name
    """Of the cluster."""
    datastore: Name = "local-lvm"
    """For its disk; one that can take snapshots: LVM-thin, ZFS, or qcow2 in a directory."""
    files: Name = "local"
    """For the image and the cloud-init snippet; its content types `import` and `snippets`."""
    bridge: Name = "vmbr0"
    """Its network."""
    vm_id: int | None = Field(default=None, ge=100, le=999_999_999)
    """Its number. Default: the next one that is free."""


class LibvirtPlace(Frozen):
    """Where on a libvirt host the machine lies."""

    pool: Name = "default"
    """For its disk."""
    network: Name = "default"
    """A libvirt network; its NAT lets nobody in from outside."""


class MachineSettings(Frozen):
    """One machine and where it is to be: what the program `stacks/vm` reads below `vm:`."""

    machine: VirtualMachineSettings = VirtualMachineSettings()
    proxmox: ProxmoxPlace | None = None
    libvirt: LibvirtPlace | None = None
    """Exactly one of the two."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.proxmox is None) == (self.libvirt is None):
            raise ValueError("exactly one of `proxmox` and `libvirt`")
        if self.machine.ssh_public_key is None:
            raise ValueError("`machine.ssh_public_key`: nobody could log in without one")
        return self
