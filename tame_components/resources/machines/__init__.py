"""A virtual machine for a stack on Proxmox VE or libvirt; the providers' SDKs are extras."""

from dataclasses import dataclass

import pulumi

from tame_components.domain.virtual_machine import MachineSettings


@dataclass(frozen=True, slots=True)
class Made:
    """What a program needs to know of the machine."""

    id: pulumi.Output[str]
    """The hypervisor's: what `qm` or `virsh` call it by."""
    engine: pulumi.Output[str]
    """For `tame:engine`: its address is known as soon as it has one."""


def create(settings: MachineSettings, opts: pulumi.ResourceOptions | None = None) -> Made:
    """Make the machine of *settings* where they say.

    Raises:
        ImportError: the provider's SDK is not installed: `pip install tame-media[proxmox]`, or
            `tame-media[libvirt]`.
    """
    if settings.proxmox is not None:
        from tame_components.resources.machines import (  # noqa: PLC0415 - an extra
            on_proxmox,
        )

        return on_proxmox.create(settings.machine, settings.proxmox, opts)
    if settings.libvirt is not None:
        from tame_components.resources.machines import (  # noqa: PLC0415 - an extra
            on_libvirt,
        )

        return on_libvirt.create(settings.machine, settings.libvirt, opts)
    raise ValueError("exactly one of `proxmox` and `libvirt`")
