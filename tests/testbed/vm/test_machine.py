"""The sandbox's machine: what QEMU and ssh are told, and what is on its disks."""

import io
import os
import stat
import tarfile
from pathlib import Path

import pytest

from tame_components.domain.virtual_machine import VirtualMachineSettings
from testbed.vm import access, image
from testbed.vm.acceleration import Way, choose
from testbed.vm.image import Image
from testbed.vm.machine import free_port, qemu, strays


SETTINGS = VirtualMachineSettings(name="box", cpus=3, memory_mib=1024)


@pytest.fixture
def way_in(tmp_path: Path) -> access.Access:
    """Keys and configuration of one machine."""
    try:
        return access.make(tmp_path / "access", free_port(), SETTINGS)
    except FileNotFoundError:
        pytest.skip("needs `ssh-keygen`")


@pytest.mark.parametrize(
    ("environment", "there", "flags", "expected"),
    [
        ({}, True, "fpu vmx", Way.KVM),
        ({}, True, "fpu svm", Way.KVM),
        ({}, True, "fpu vmmcall", Way.TCG),
        ({}, False, "vmx", Way.TCG),
        ({"TAME_VM_ACCELERATION": "tcg"}, True, "vmx", Way.TCG),
        ({"TAME_VM_ACCELERATION": "kvm"}, False, "", Way.KVM),
        ({"TAME_VM_ACCELERATION": "fast"}, True, "vmx", Way.KVM),
    ],
)
def test_kvm_is_taken_where_a_processor_is_under_it(
    tmp_path: Path, environment: dict[str, str], *, there: bool, flags: str, expected: Way
) -> None:
    """A device alone is no promise; the reason is told, and a person's word wins."""
    device, info = tmp_path / "kvm", tmp_path / "cpuinfo"
    info.write_text(f"model name\t: one\nflags\t\t: {flags}\n")
    if there:
        device.touch()
    found = choose(environment, device, info)

    assert found.way is expected
    assert found.why
    assert choose({}, tmp_path / "none").patience > choose({"TAME_VM_ACCELERATION": "kvm"}).patience


@pytest.mark.parametrize("way", list(Way))
def test_nothing_but_ssh_on_loopback_leads_into_the_machine(
    tmp_path: Path, way_in: access.Access, way: Way
) -> None:
    """One forwarded port, bound to loopback; the built disk is only read; size as asked."""
    built = Image(tmp_path / "built")
    command = qemu(SETTINGS, built, tmp_path, way_in, way)
    told = " ".join(command)

    assert told.count("hostfwd=") == 1
    assert f"hostfwd=tcp:127.0.0.1:{way_in.port}-:22" in told
    assert f"-accel {way}" in told
    assert ("-smp 3" in told, "-m 1024" in told) == (True, True)
    assert f"file={built.disk}" not in told
    assert "vnc" not in told


def test_the_server_is_checked_from_the_first_connection_on(way_in: access.Access) -> None:
    """The key that the machine gets is the one that is known; nothing is learnt on the way."""
    text = (way_in.directory / "config").read_text()
    known = (way_in.directory / "known_hosts").read_text()

    assert "StrictHostKeyChecking yes" in text
    assert known == f"[127.0.0.1]:{way_in.port} {way_in.host_key}\n"
    assert "~" not in text
    assert stat.S_IMODE((way_in.directory / "client").stat().st_mode) == 0o600


def test_the_seed_holds_the_keys_of_this_machine_alone(way_in: access.Access) -> None:
    """What the machine unpacks: the server's key for root alone, the client's public half."""
    given = SETTINGS.model_copy(update={"ssh_public_key": "ssh-ed25519 AAAA me"})
    with tarfile.open(fileobj=io.BytesIO(access.seed(way_in, given))) as archive:
        found = {one.name: one for one in archive}
        read = {name: archive.extractfile(one) for name, one in found.items()}
        text = {name: one.read().decode() for name, one in read.items() if one is not None}

    assert text["etc/ssh/ssh_host_ed25519_key"] == (way_in.directory / "server").read_text()
    assert found["etc/ssh/ssh_host_ed25519_key"].mode == 0o600
    assert "ssh-ed25519 AAAA me" in text["root/.ssh/authorized_keys"]
    assert way_in.private_key not in "".join(text.values())
    assert text["etc/hostname"] == "box\n"


def test_another_recipe_is_another_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk is found again by what it is made of: release, packages, files."""
    first = image.key("bookworm")
    assert first == image.key("bookworm")
    assert first != image.key("trixie")
    monkeypatch.setattr(image, "PACKAGES", (*image.PACKAGES, "jq"))
    assert first != image.key("bookworm")


def test_the_disk_is_built_without_keys_or_recommendations(tmp_path: Path) -> None:
    """Every machine gets keys of its own, so the image has none; only what is named is in it."""
    command = image.bootstrap("bookworm", tmp_path / "root", tmp_path / "overlay")

    assert any("ssh_host_" in one and "rm -f" in one for one in command)
    assert any("Install-Recommends" in one for one in command)
    assert command[-2:] == ["bookworm", str(tmp_path / "root")]


def test_only_a_machine_of_that_place_is_a_stray(tmp_path: Path) -> None:
    """A number that another process has by now is not one of ours: it is never ended."""
    for name, pid in (("1", os.getpid()), ("2", 2**22 + 1)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pid").write_text(str(pid))

    assert strays(tmp_path) == []
