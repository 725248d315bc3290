"""What is compared: TAME's program, a flat one, and Compose, each with the four commands."""

import contextlib
import shutil
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from bench.composer import Composer
from bench.engine import containers, expect, wait_healthy
from bench.errors import MeasurementFailed
from bench.timing import Run, timed
from bench.workplace import Workplace
from tame_components.domain.paths import MARKER
from tame_components.domain.topology import Topology
from tame_components.generated.host import missing_folders


@dataclass
class Subject(ABC):
    """One stack that can come and go."""

    name: str
    place: Workplace
    stack: str
    home: Path
    """Its project, its data and its config root."""
    topology: Topology

    @abstractmethod
    def preview(self) -> Run | None:
        """What would be made; None where there is no such command."""

    @abstractmethod
    def up(self) -> Run:
        """Everything up and healthy."""

    @abstractmethod
    def again(self) -> Run:
        """The same once more, when nothing is to do."""

    @abstractmethod
    def destroy(self) -> Run:
        """Everything away but the data."""

    def fresh(self) -> None:
        """An empty data tree and empty state directories, as on the first day."""
        for name in ("data", "config"):
            shutil.rmtree(self.home / name, ignore_errors=True)
        (self.home / "data").mkdir(parents=True)
        (self.home / "data" / MARKER).touch()

    def check_up(self) -> None:
        """Make sure that all containers are there and healthy."""
        expect(self.place.client, self.stack, len(self.topology.services))

    def check_gone(self) -> None:
        """Make sure that no container is left."""
        left = [one.name or "" for one in containers(self.place.client, self.stack)]
        if left:
            raise MeasurementFailed(["destroy"], "left containers", "\n".join(left))


@dataclass
class PulumiSubject(Subject):
    """A Pulumi project; `flags` go to each command that runs the program."""

    flags: tuple[str, ...] = ()

    @override
    def preview(self, *flags: str, memory: bool = False) -> Run:
        return self._pulumi("preview", *self.flags, *flags, memory=memory)

    @override
    def up(self) -> Run:
        return self._pulumi("up", "--yes", "--skip-preview", "--parallel", "32", *self.flags)

    @override
    def again(self) -> Run:
        flags = ("--parallel", "32", "--expect-no-changes", *self.flags)
        return self._pulumi("up", "--yes", "--skip-preview", *flags)

    @override
    def destroy(self) -> Run:
        return self._pulumi("destroy", "--yes", "--skip-preview", "--parallel", "32")

    def _pulumi(self, verb: str, *flags: str, memory: bool = False) -> Run:
        command = ["pulumi", verb, "--stack", self.stack, "--non-interactive", *flags]
        return timed(command, self.home / "project", memory=memory)


@dataclass
class ComposeSubject(Subject):
    """A Compose file."""

    composer: Composer

    @override
    def preview(self) -> None:
        return None

    @override
    def up(self) -> Run:
        return self._up()

    @override
    def again(self) -> Run:
        return self._up()

    @override
    def destroy(self) -> Run:
        # Docker 20.10 may still count a removed container as an endpoint of its network, and then
        # Compose fails; a person runs it again, and the seconds of both count.
        begun = time.monotonic()
        with contextlib.suppress(MeasurementFailed):
            return self._compose("down")
        done = self._compose("down")
        return Run(time.monotonic() - begun, done.text)

    @override
    def fresh(self) -> None:
        super().fresh()
        # A person makes the folders by hand before Compose is used; it is not timed.
        timed(["sh", "-c", missing_folders(self.topology)], self.home)

    def _up(self) -> Run:
        if self.composer.waits:
            return self._compose("up", "--detach", "--wait")
        begun = time.monotonic()
        done = self._compose("up", "--detach")
        wait_healthy(self.place.client, self.stack, self.topology.settings.wait_timeout)
        return Run(time.monotonic() - begun, done.text)

    def _compose(self, *arguments: str) -> Run:
        file = str(self.home / "docker-compose.yml")
        command = [*self.composer.command, "-p", self.stack, "-f", file, *arguments]
        return timed(command, self.home)
