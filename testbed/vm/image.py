"""The machine's disk: Debian with a kernel, an SSH server and Docker, built once per recipe.

`mmdebstrap` lays the packages out, `mke2fs -d` makes a file system of them; no mount, no loop
device, no boot loader: QEMU loads the kernel itself. The machine's own keys are not in it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testbed.engine.apt import can_install, install_packages
from testbed.vm.errors import VmImageFailed, VmProgramsMissing


PACKAGES: Final = (
    *("linux-image-cloud-amd64", "initramfs-tools", "systemd-sysv", "udev", "dbus"),
    *("openssh-server", "docker.io", "apparmor", "iproute2", "iptables", "ca-certificates", "acl"),
    "python3",  # `tame gate` looks into namespaces and databases with it
)
NEEDED: Final[Mapping[str, str]] = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
"""Program: the package that has it."""
SEED_UNIT: Final = """\
[Unit]
Description=This machine's keys and name, from its second disk
DefaultDependencies=no
After=local-fs.target
Before=ssh.service sysinit.target
ConditionPathExists=/dev/vdb
[Service]
Type=oneshot
ExecStart=tar --extract --file /dev/vdb --directory / --no-same-owner
[Install]
WantedBy=sysinit.target
"""
_NETWORK: Final = "[Match]\nName=e*\n[Network]\nDHCP=yes\nIPv6AcceptRA=no\n"
_SSHD: Final = "MaxSessions 200\nMaxStartups 100\nPasswordAuthentication no\nUseDNS no\n"
_HOOK: Final = """\
set -eu
for unit in %(off)s; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done
chroot "$1" systemctl enable systemd-networkd.service tame-seed.service
rm -f "$1"/etc/ssh/ssh_host_*
"""
_OFF: Final = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer", "fstrim.timer"),
    *("dpkg-db-backup.timer", "systemd-networkd-wait-online.service", "getty@tty1.service"),
)
"""Units that only cost time in a machine that lives for minutes."""
_SPARSE_GIB: Final = 16
_KEPT: Final = 2


@dataclass(frozen=True, slots=True)
class Image:
    """A built disk, never written to by a machine."""

    directory: Path

    @property
    def disk(self) -> Path:
        """A raw ext4 file system."""
        return self.directory / "disk.raw"

    @property
    def kernel(self) -> Path:
        """Of the packages in it."""
        return self.directory / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """Its first root."""
        return self.directory / "initrd"


def files() -> dict[str, str]:
    """What lies in the image beside packages: path and content."""
    return {
        "/etc/initramfs-tools/conf.d/tame": "MODULES=list\n",
        "/etc/initramfs-tools/modules": "virtio_pci\nvirtio_blk\next4\n",
        "/etc/fstab": "/dev/vda / ext4 defaults,noatime 0 0\n",
        "/etc/systemd/network/10-tame.network": _NETWORK,
        "/etc/systemd/system/tame-seed.service": SEED_UNIT,
        "/etc/ssh/sshd_config.d/tame.conf": _SSHD,
    }


def key(release: str) -> str:
    """What the disk is made of, as 16 hexadecimal digits: another recipe is another disk."""
    content = repr((release, PACKAGES, sorted(files().items()), _HOOK, _OFF, _SPARSE_GIB))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def ensure(release: str, cache: Path, say: Callable[[str], None]) -> Image:
    """The disk of *release*; built if it is not there (measured: 40 s on two idle cores).

    Raises:
        VmProgramsMissing: what builds it is not here.
        VmImageFailed: the build failed; nothing of it stays.
    """
    install_programs(say)
    image = Image(cache / key(release))
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache):
        if image.directory.exists():
            os.utime(image.directory)
            return image
        for leftover in cache.glob(".build-*"):  # of a build that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        if os.geteuid() != 0:
            raise VmProgramsMissing(["root"], [], "only root can lay out Debian's files")
        say(f"building a disk of Debian {release} with Docker (once; 1 to 4 min)")
        work = Path(tempfile.mkdtemp(prefix=".build-", dir=cache))
        try:
            _build(release, work)
            work.chmod(0o755)
            work.replace(image.directory)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        _forget_old(cache)
    return image


def install_programs(say: Callable[[str], None]) -> None:
    """Install what is missing, where that can be done from here.

    Raises:
        VmProgramsMissing: it cannot, or apt failed.
    """
    missing = [name for name in NEEDED if shutil.which(name, path=_search()) is None]
    if not missing:
        return
    packages = sorted({NEEDED[name] for name in missing})
    if not can_install():
        raise VmProgramsMissing(missing, packages, "they are not on PATH")
    say(f"installing {' '.join(packages)}")
    failure = install_packages(packages)
    if failure is not None:
        raise VmProgramsMissing(missing, packages, failure)


def bootstrap(release: str, root: Path, overlay: Path) -> list[str]:
    """`mmdebstrap` and its arguments: *release* into *root*, with the files of *overlay*."""
    return [
        *("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase"),
        '--aptopt=Apt::Install-Recommends "false"',
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")),
        f"--include={','.join(PACKAGES)}",
        f"--essential-hook=copy-in {overlay}/etc /",
        "--customize-hook=" + _HOOK % {"off": " ".join(_OFF)},
        *(release, str(root)),
    ]


def _build(release: str, work: Path) -> None:
    overlay, root = work / "overlay", work / "root"
    for path, content in files().items():
        place = overlay / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    for folder in [overlay, *(one for one in overlay.rglob("*") if one.is_dir())]:
        folder.chmod(0o755)
    _run(bootstrap(release, root, overlay))
    image = Image(work)
    for name, target in (("vmlinuz-*", image.kernel), ("initrd.img-*", image.initrd)):
        shutil.copyfile(next((root / "boot").glob(name)), target)
    _run(["mke2fs", "-q", "-t", "ext4", "-d", str(root), "-F", str(image.disk), f"{_SPARSE_GIB}G"])
    shutil.rmtree(root)
    shutil.rmtree(overlay)


def _run(command: list[str]) -> None:
    environment = {**os.environ, "PATH": _search(), "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise VmImageFailed(command[0], done.stderr or done.stdout)


def _search() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_old(cache: Path) -> None:
    """Disks of earlier recipes go; the newest few stay, for another checkout."""
    built = [one for one in cache.iterdir() if (one / "disk.raw").exists()]
    built.sort(key=lambda one: one.stat().st_mtime, reverse=True)
    now = time.time()
    for old in built[_KEPT:]:
        if now - old.stat().st_mtime > 0:
            shutil.rmtree(old, ignore_errors=True)
