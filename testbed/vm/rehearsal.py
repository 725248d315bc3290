"""One run, piece by piece: each phase leaves what the next one needs."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tame_components.domain.virtual_machine import VirtualMachineSettings
from testbed.project import Project
from testbed.vm import image, stack
from testbed.vm.acceleration import Acceleration
from testbed.vm.machine import Machine
from testbed.vm.phases import Phase, Work


SETTINGS: Final = VirtualMachineSettings(memory_mib=3072, disk_gib=16)
"""Enough for a small stack; the machine lives for minutes."""


@dataclass
class Rehearsal:
    """A machine, a stack in it, and what takes both away."""

    directory: Path
    acceleration: Acceleration
    say: Callable[[str], None]
    settings: VirtualMachineSettings = SETTINGS
    _machine: Machine | None = field(default=None, init=False)
    _project: Project | None = field(default=None, init=False)

    def forward(self) -> dict[Phase, Work]:
        """The phases and their work."""
        return {
            Phase.BOOT: self._boot,
            Phase.IMAGES: lambda: stack.load(self.machine, self.say),
            Phase.PROJECT: self._lay,
            Phase.DEPLOY: lambda: stack.up(self.project),
            Phase.GATE: lambda: stack.gate(self.project),
        }

    def undo(self) -> dict[Phase, tuple[Phase, Work]]:
        """What takes a phase back."""
        return {
            Phase.DEPLOY: (Phase.DESTROY, lambda: stack.destroy(self.project)),
            Phase.BOOT: (Phase.OFF, self._off),
        }

    @property
    def machine(self) -> Machine:
        """Once it boots."""
        if self._machine is None:
            raise RuntimeError("the machine boots first")
        return self._machine

    @property
    def project(self) -> Project:
        """Once it is laid out."""
        if self._project is None:
            raise RuntimeError("the project is laid out first")
        return self._project

    def _boot(self) -> None:
        built = image.ensure(self.settings.release, stack.cache(), self.say)
        self._machine = Machine(self.directory, built, self.settings, self.acceleration, self.say)
        self._machine.start()

    def _lay(self) -> None:
        self._project = stack.lay(self.machine)

    def _off(self) -> None:
        if self._machine is not None:
            self._machine.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
