"""Whether the processor runs the machine, or QEMU plays the processor."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final


VARIABLE: Final = "TAME_VM_ACCELERATION"
"""Takes the choice: `kvm` or `tcg`."""


class Way(StrEnum):
    """QEMU's own names."""

    KVM = "kvm"
    TCG = "tcg"


@dataclass(frozen=True, slots=True)
class Acceleration:
    """The choice, and why."""

    way: Way
    why: str

    @property
    def patience(self) -> float:
        """Seconds in which a machine boots on two busy cores. Measured: TCG 211 s at load 30."""
        return 120.0 if self.way is Way.KVM else 600.0


def choose(
    environment: Mapping[str, str],
    device: Path = Path("/dev/kvm"),
    cpuinfo: Path = Path("/proc/cpuinfo"),
) -> Acceleration:
    """KVM where it is there, may be used, and has a processor under it; else TCG.

    `/dev/kvm` alone proves nothing: inside some virtual machines it is there without `vmx` or
    `svm`, makes a machine, and then interprets its instructions one by one, slower than TCG.
    """
    told = environment.get(VARIABLE)
    if told in set(Way):
        return Acceleration(Way(told), f"`{VARIABLE}` says so")
    if not device.exists():
        return Acceleration(Way.TCG, f"there is no `{device}`")
    if not os.access(device, os.R_OK | os.W_OK):
        return Acceleration(Way.TCG, f"`{device}` may not be used by this user")
    if not _has_extensions(cpuinfo):
        return Acceleration(Way.TCG, f"`{device}` is there, but the processor has no vmx or svm")
    return Acceleration(Way.KVM, f"`{device}`, and a processor with vmx or svm")


def _has_extensions(cpuinfo: Path) -> bool:
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not {"vmx", "svm"}.isdisjoint(flags.split())
