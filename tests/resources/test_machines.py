"""A sandbox's machine on Proxmox and libvirt: what the providers are asked for, on mocks."""

import json
import warnings
from typing import Any

import pytest
from pydantic import ValidationError

from tame_components.domain.virtual_machine import MachineSettings, VirtualMachineSettings
from tame_components.resources.machines import create
from tests.harness.recorder import Recorder, deploy


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOneOneOneOneOneOneOneOneOneOneOneOne me@home"
MACHINE = {"name": "box", "cpus": 3, "memory_mib": 2048, "disk_gib": 20, "ssh_public_key": KEY}


def _made(sdk: str, **place: Any) -> Recorder:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK's own
        pytest.importorskip(sdk, reason=f"`{sdk}` is an extra, and not installed here")
    settings = MachineSettings.model_validate({"machine": MACHINE, **place})
    return deploy(lambda: create(settings))


def test_proxmox_is_asked_for_the_machine_that_the_settings_size() -> None:
    """Size, place, disk from Debian's image, and the first start with Docker: one resource each."""
    place = {"node": "pve", "datastore": "tank", "bridge": "vmbr1", "vm_id": 120}
    made = _made("pulumi_proxmoxve", proxmox=place)
    asked = made.inputs_of("box")

    assert (asked["nodeName"], asked["vmId"]) == ("pve", 120)
    assert (asked["cpu"]["cores"], asked["memory"]["dedicated"]) == (3, 2048)
    (disk,) = asked["disks"]
    assert (disk["size"], disk["datastoreId"], disk["importFrom"]) == (20, "tank", "box-image-id")
    assert asked["networkDevices"] == [{"bridge": "vmbr1", "model": "virtio"}]
    assert asked["initialization"]["userDataFileId"] == "box-cloud-init-id"
    assert "debian-12-genericcloud" in made.inputs_of("box-image")["url"]
    assert KEY in made.inputs_of("box-cloud-init")["sourceRaw"]["data"]


def test_libvirt_is_asked_for_the_same_machine() -> None:
    """The one settings model: MiB and GiB become what libvirt counts in."""
    made = _made("pulumi_libvirt", libvirt={"pool": "vms", "network": "lab"})
    asked, disk = made.inputs_of("box"), made.inputs_of("box-disk")

    assert (asked["vcpu"], asked["memory"]) == (3, 2048)
    assert (disk["size"], disk["pool"], disk["baseVolumeId"]) == (20 * 2**30, "vms", "box-image-id")
    assert asked["disks"] == [{"volumeId": "box-disk-id"}]
    assert asked["networkInterfaces"] == [{"networkName": "lab", "waitForLease": True}]
    assert KEY in made.inputs_of("box-cloud-init")["userData"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"machine": MACHINE},
        {"machine": MACHINE, "proxmox": {"node": "a"}, "libvirt": {}},
        {"machine": {"name": "box"}, "libvirt": {}},
        {"machine": {**MACHINE, "name": "box; rm"}, "libvirt": {}},
        {"machine": MACHINE, "proxmox": {"node": "a b"}},
    ],
    ids=["nowhere", "twice", "no key", "name", "node"],
)
def test_a_machine_that_nobody_could_make_or_enter_is_refused(wrong: dict[str, Any]) -> None:
    """Before a hypervisor is asked, and with the key that is wrong."""
    with pytest.raises(ValidationError):
        MachineSettings.model_validate(wrong)


def test_the_first_start_brings_what_a_deployment_needs() -> None:
    """cloud-init's file is YAML by being JSON, and lets in the one key and no password."""
    text = VirtualMachineSettings.model_validate(MACHINE).cloud_config()
    head, _, body = text.partition("\n")
    content = json.loads(body)

    assert head == "#cloud-config"
    assert content["users"] == [{"name": "root", "ssh_authorized_keys": [KEY]}]
    assert {"docker.io", "acl", "python3"} <= set(content["packages"])
    assert (content["ssh_pwauth"], content["disable_root"]) == (False, False)
