"""The machine on a libvirt host, by pulumi-libvirt: a disk of its own over Debian's image."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_libvirt as libvirt  # type: ignore[import-not-found, unused-ignore] # an extra

from tame_components.domain.virtual_machine import LibvirtPlace, VirtualMachineSettings
from tame_components.resources.machines import Made


_GIB = 1024**3


def create(
    machine: VirtualMachineSettings, place: LibvirtPlace, opts: pulumi.ResourceOptions | None = None
) -> Made:
    """Make *machine* in the pool and network of *place*."""
    image = libvirt.Volume(
        f"{machine.name}-image",
        pool=place.pool,
        source=machine.cloud_image,
        format="qcow2",
        opts=opts,
    )
    disk = libvirt.Volume(
        f"{machine.name}-disk",
        pool=place.pool,
        base_volume_id=image.id,
        format="qcow2",
        size=machine.disk_gib * _GIB,
        opts=opts,
    )
    first_start = libvirt.CloudInitDisk(
        f"{machine.name}-cloud-init",
        pool=place.pool,
        user_data=machine.cloud_config(),
        opts=opts,
    )
    made = libvirt.Domain(
        machine.name,
        name=machine.name,
        vcpu=machine.cpus,
        memory=machine.memory_mib,
        cpu={"mode": "host-passthrough"},
        disks=[{"volume_id": disk.id}],
        cloudinit=first_start.id,
        network_interfaces=[{"network_name": place.network, "wait_for_lease": True}],
        consoles=[{"type": "pty", "target_port": "0", "target_type": "serial"}],
        qemu_agent=True,
        autostart=machine.start_on_boot,
        opts=opts,
    )
    address = made.network_interfaces.apply(_first)
    return Made(made.name, pulumi.Output.concat("ssh://", machine.user, "@", address))


def _first(found: Sequence[Mapping[str, Any] | Any] | None) -> str:
    """The address of the first interface, once its lease is there."""
    for one in found or ():
        addresses = one.get("addresses") if isinstance(one, Mapping) else one.addresses
        if addresses:
            return str(addresses[0])
    return ""
