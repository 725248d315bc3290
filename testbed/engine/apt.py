"""Installing packages on Debian, Ubuntu and their children."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


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
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            return f"`{' '.join(command)}` failed: {done.stderr.strip()[-600:]}"
    return None
