"""The machine on Proxmox VE, by pulumi-proxmoxve: Debian's cloud image, cloud-init, no template."""

from collections.abc import Sequence

import pulumi
import pulumi_proxmoxve as pve  # type: ignore[import-not-found, unused-ignore] # an extra

from tame_components.domain.virtual_machine import ProxmoxPlace, VirtualMachineSettings
from tame_components.resources.machines import Made


_LOOPBACK = "127."


def create(
    machine: VirtualMachineSettings, place: ProxmoxPlace, opts: pulumi.ResourceOptions | None = None
) -> Made:
    """Make *machine* on the node of *place*.

    The image is downloaded once and imported into the disk; the snippet installs Docker and the
    guest agent, by which the machine's address is learnt.
    """
    image = pve.download.File(
        f"{machine.name}-image",
        content_type="import",
        datastore_id=place.files,
        node_name=place.node,
        url=machine.cloud_image,
        overwrite=False,
        opts=opts,
    )
    snippet = pve.FileLegacy(
        f"{machine.name}-cloud-init",
        content_type="snippets",
        datastore_id=place.files,
        node_name=place.node,
        source_raw={"data": machine.cloud_config(), "file_name": f"{machine.name}.yaml"},
        opts=opts,
    )
    made = pve.VmLegacy(
        machine.name,
        name=machine.name,
        node_name=place.node,
        vm_id=place.vm_id,
        agent={"enabled": True},
        cpu={"cores": machine.cpus, "type": "host"},
        memory={"dedicated": machine.memory_mib},
        disks=[
            {
                "datastore_id": place.datastore,
                "import_from": image.id,
                "interface": "virtio0",
                "size": machine.disk_gib,
                "discard": "on",
            }
        ],
        network_devices=[{"bridge": place.bridge, "model": "virtio"}],
        initialization={
            "datastore_id": place.datastore,
            "ip_configs": [{"ipv4": {"address": "dhcp"}}],
            "user_data_file_id": snippet.id,
        },
        operating_system={"type": "l26"},
        serial_devices=[{}],  # Debian's cloud image waits for a console without one
        on_boot=machine.start_on_boot,
        stop_on_destroy=True,
        tags=["tame"],
        opts=opts,
    )
    address = made.ipv4_addresses.apply(_first)
    return Made(made.id, pulumi.Output.concat("ssh://", machine.user, "@", address))


def _first(found: Sequence[Sequence[str]] | None) -> str:
    """The first address that is not loopback's; the agent lists them by interface."""
    each = [address for interface in found or () for address in interface]
    outside = [address for address in each if not address.startswith(_LOOPBACK)]
    return outside[0] if outside else ""
