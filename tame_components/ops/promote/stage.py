"""What a promotion works with, and the few things that both directions do."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tame_components.domain.analysis import Verdict
from tame_components.domain.evidence import CheckResult, Evidence
from tame_components.domain.topology import Topology
from tame_components.ops import recover, situation
from tame_components.ops.deployer import Deployer, Outcome, Progress
from tame_components.ops.errors import StackBusy
from tame_components.ops.evidence_files import folder_of, keep
from tame_components.ops.gate.model import Scene
from tame_components.ops.gate.run import examine
from tame_components.ops.project import StackFile
from tame_components.ops.promote.places import Places
from tame_components.ops.revision import revision_of
from tame_components.ops.snapshots.core import Snapshots
from tame_components.ops.snapshots.errors import PasswordMissing
from tame_components.ops.snapshots.password import repository_password


if TYPE_CHECKING:
    import docker


ROOT_SECRET = "tame:root_secret"  # noqa: S105 - a key's name
_TRIES = 3
"""Times that an inconclusive gate is asked again: an engine that is slow for once is no failure."""
_BUSY_SECONDS = 600.0
_PAUSE = 1.0


@dataclass(frozen=True)
class Stage:
    """One stack, and everything that moves it."""

    project: Path
    stack: StackFile
    """As it is wanted."""
    deployer: Deployer
    engine: "docker.APIClient"
    places: Places
    soak: int
    """Seconds that the gate watches the new release."""
    tell: Callable[[str], None]
    policies: Path | None = None

    @property
    def topology(self) -> Topology:
        """What is wanted."""
        return self.stack.topology

    def hear(self, progress: Progress) -> None:
        """The deployment's own progress."""
        if progress.kind in {"begun", "failed"}:
            self.tell(f"{progress.text}{' failed' if progress.kind == 'failed' else ''}")

    def snapshots(self, topology: Topology) -> Snapshots:
        """The snapshots of the stack, for services of *topology*."""
        return Snapshots(topology, lambda: cast("Any", self.engine), self._password, say=self.tell)

    def _password(self) -> str:
        root = self.deployer.config(ROOT_SECRET)
        if root is None:
            raise PasswordMissing(ROOT_SECRET, "it is not set")
        return repository_password(root, self.stack.stack)

    def gate(self) -> tuple[Evidence, Path]:
        """The gate's verdict on what runs now, and the file that holds it."""
        evidence = self._examined()
        for attempt in range(2, _TRIES + 1):
            if evidence.verdict is not Verdict.INCONCLUSIVE:
                break
            self.tell(f"gate inconclusive, asked again ({attempt} of {_TRIES})")
            self.keep(evidence)
            evidence = self._examined()
        return evidence, self.keep(evidence)

    def keep(self, evidence: Evidence) -> Path:
        """Write a run of the gate down; the file beside the records, which outlives a checkout.

        A copy goes where `tame gate` leaves its own: a job of CI keeps that as an artifact.
        """
        shown = keep(folder_of(self.project, evidence.stack), evidence)
        try:
            return keep(self.places.evidence, evidence)
        except OSError:  # a full disk must not keep a rollback from its end
            return shown

    def _examined(self) -> Evidence:
        scene = self.scene(self.topology, self.deployer.preview(policies=self.policies), self.soak)
        return examine(scene, self._heard)

    def scene(self, topology: Topology, preview: Outcome, soak: int) -> Scene:
        """What the gate looks at."""
        return Scene(
            topology=topology,
            engine=self.engine,
            deployer=self.deployer,
            preview=preview,
            soak=soak,
            tell=lambda _: None,
            program=revision_of(self.project),
        )

    def _heard(self, result: CheckResult) -> None:
        if result.verdict in {Verdict.FAILED, Verdict.INCONCLUSIVE} and result.required:
            self.tell(f"gate: {result.name} {result.verdict}: {result.said}")

    def put_right(self) -> None:
        """After a kill: wait for a Pulumi that still works, then mend what a dead one left.

        Raises:
            StackBusy: it works for longer than ten minutes.
            RecoveryStopped, StackUnreadable: see `tame recover`.
        """
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            with contextlib.suppress(StackBusy):
                seen = situation.look(self.stack, self.engine)
                break
            if time.monotonic() > deadline:
                seen = situation.look(self.stack, self.engine)
                break
            self.tell("waiting for the Pulumi of the interrupted promotion")
            time.sleep(_PAUSE)
        steps = recover.plan(seen)
        recover.execute(steps, self.stack, self.engine, lambda step: self.tell(str(step)))
