"""Getting `dockerd` where the operating system has it one command away."""

import os
import shutil
import sys
from collections.abc import Callable
from typing import Final

from testbed.engine.apt import can_install, install_packages
from testbed.engine.errors import EngineNotInstallable


_PACKAGES: Final = {"dockerd": "docker.io", "iptables": "iptables"}
"""Program that must be there: Debian's and Ubuntu's package that brings it."""
_START: Final = "start a Docker engine, or point `DOCKER_HOST` at one, and run this again"


def install(say: Callable[[str], None]) -> None:
    """Makes `dockerd` and `iptables` available; as root on Debian or Ubuntu by installing them.

    Raises:
        EngineNotInstallable: This is another system, or another user; the hint says what to do.
    """
    if sys.platform != "linux":
        raise EngineNotInstallable(
            f"the test bed starts one on Linux only, and this is `{sys.platform}`",
            f"start Docker Desktop, colima or another engine; {_START}",
        )
    if os.geteuid() != 0:
        raise EngineNotInstallable("only root can start a private one", f"as a user: {_START}")
    missing = [package for program, package in _PACKAGES.items() if not shutil.which(program)]
    if not missing:
        return
    if not can_install():
        raise EngineNotInstallable(
            "it is not installed, and this is neither Debian nor Ubuntu",
            "install the Docker engine with your system's package manager, "
            f"or see https://docs.docker.com/engine/install; then {_START}",
        )
    say(f"installing {', '.join(missing)} (about 10 s)")
    failure = install_packages(missing)
    if failure is not None:
        raise EngineNotInstallable(
            failure, f"run `apt-get install {' '.join(missing)}` yourself, or {_START}"
        )
