"""Installing packages on Debian, Ubuntu and their children."""

import fcntl
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final


_OTHERS_MAY_TAKE: Final = 300
"""Seconds that somebody else's apt (unattended-upgrades on a new machine) is waited for."""
_ONE_AT_A_TIME: Final = threading.Lock()


def can_install(release: Path = Path("/etc/os-release")) -> bool:
    """Whether this process is root on a system of Debian's family (as *release* tells it)."""
    if os.geteuid() != 0:
        return False
    try:
        lines = release.read_text().splitlines()
    except OSError:
        return False
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    family = f"{values.get('ID', '')} {values.get('ID_LIKE', '')}".replace('"', "").split()
    return not {"debian", "ubuntu"}.isdisjoint(family)


def install_packages(packages: Sequence[str]) -> str | None:
    """Installs *packages*; None if that went well, else what failed and what it said."""
    install = ["install", "-y", "-qq", "--no-install-recommends", *packages]
    with _alone():
        # The lists may be fresh already: getting them takes longer than most installs.
        failure = _apt(install)
        if failure is not None:
            failure = _apt(["update", "-qq"]) or _apt(install)
    return failure


@contextmanager
def _alone() -> Iterator[None]:
    """One apt at a time, of this process and of the others of the test bed."""
    place = Path(tempfile.gettempdir()) / "tame-testbed-apt.lock"
    with _ONE_AT_A_TIME, place.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _apt(arguments: list[str]) -> str | None:
    command = ["apt-get", "-o", f"DPkg::Lock::Timeout={_OTHERS_MAY_TAKE}", *arguments]
    done = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == 0:
        return None
    return f"`{' '.join(command)}` failed: {done.stderr.strip()[-600:] or 'it said nothing'}"
