"""The programs that a real image is known to have: each as the real one, or as busybox's."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Final

from testbed.engine.apt import can_install, install_packages
from testbed.images.errors import ProgramsMissing


PACKAGES: Final = {
    "bash": "bash",
    "busybox": "busybox-static",
    "caddy": "caddy",
    "curl": "curl",
    "jq": "jq",
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
    "prometheus-node-exporter": "prometheus-node-exporter",
    "qbittorrent-nox": "qbittorrent-nox",
    "rclone": "rclone",
    "wireguard-go": "wireguard-go",
    "wg": "wireguard-tools",
    "iptables": "iptables",
    "xtables-nft-multi": "iptables",
    "xtables-legacy-multi": "iptables",
    "ip": "iproute2",
    "wget": "wget",
    "sh": "dash",
    "cat": "coreutils",
    "sleep": "coreutils",
}
"""Program of this machine -> Debian's package of it."""
REAL: Final = ("bash", "curl", "jq")
"""Programs that go into images as they are; every other one is busybox's, or missing."""
TUNNEL: Final = ("wireguard-go", "wg", "iptables", "ip", "wget")
"""What the images of the VPN rehearsal are made of, beside an interpreter and a shell."""
INTERPRETERS: Final = ("python", "python3")
"""They are the interpreter that the image has anyway."""
_SEARCH: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"


def ensure(programs: Iterable[str], say: Callable[[str], None]) -> None:
    """Makes *programs* available; as root on Debian or Ubuntu by installing them.

    Raises:
        ProgramsMissing: they are not there and cannot be installed; the hint names packages.
    """
    missing = sorted(name for name in programs if shutil.which(name, path=_SEARCH) is None)
    if not missing:
        return
    packages = sorted({PACKAGES[name] for name in missing})
    if not can_install():
        raise ProgramsMissing(missing, packages, "only root on Debian or Ubuntu can install them")
    say(f"installing {', '.join(packages)}")
    failure = install_packages(packages)
    if failure is not None:
        raise ProgramsMissing(missing, packages, failure)


def find(program: str) -> Path:
    """Where *program* lies on this machine; `ensure` has seen to it."""
    place = shutil.which(program, path=_SEARCH)
    if place is None:
        raise ProgramsMissing([program], [PACKAGES[program]], "it is not installed")
    return Path(place).resolve()


@cache
def applets() -> frozenset[str]:
    """What busybox can be called."""
    told = subprocess.run((find("busybox"), "--list"), capture_output=True, text=True, check=True)
    return frozenset(told.stdout.split())


def identity(program: Path) -> str:
    """Changes when the program is replaced by another one."""
    state = program.stat()
    return f"{program} {state.st_size} {state.st_mtime_ns}"
