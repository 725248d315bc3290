"""The programs that a real image is known to have: each as the real one, or as busybox's."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Final

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
    "ip": "iproute2",
}
"""Program of this machine -> Debian's package of it."""
REAL: Final = ("bash", "curl", "jq")
"""Programs that go into images as they are; every other one is busybox's, or missing."""
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
    packages = [PACKAGES[name] for name in missing]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ProgramsMissing(missing, packages, "only root on Debian or Ubuntu can install them")
    say(f"installing {', '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    # The lists may be fresh already: getting them takes longer than most installs.
    why = _apt(install, environment)
    if why:
        _apt(["apt-get", "update", "-qq"], environment)
        why = _apt(install, environment)
    if why:
        raise ProgramsMissing(missing, packages, f"apt-get failed: {why}")


def _apt(command: list[str], environment: dict[str, str]) -> str:
    """Why *command* failed; empty: it did not."""
    done = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.stderr.strip()[-400:] or "no reason given" if done.returncode else ""


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
