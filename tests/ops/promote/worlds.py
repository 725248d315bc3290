"""A host with one service and its database, small enough to kill a promotion at every step."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from typing_extensions import override

from tame_components.domain.analysis import Verdict
from tame_components.domain.evidence import CheckResult, Evidence
from tame_components.domain.release import Release
from tame_components.domain.topology import Topology
from tame_components.ops.deployer import Listener, Outcome, Step, silent
from tame_components.ops.deployment_errors import DeploymentFailed
from tame_components.ops.errors import CannotWrite
from tame_components.ops.project import StackFile
from tame_components.ops.promote.phases import Journal
from tame_components.ops.promote.places import Held, Places, Record
from tame_components.ops.promote.stage import Stage
from tests.harness import stacks


CONTAINER = "docker:index/container:Container"


class Killed(BaseException):
    """SIGKILL: nothing of the process runs any more, no `finally` either."""


class World:
    """What survives a kill: what runs, and the database. Operations are counted, and may kill."""

    def __init__(self) -> None:
        self.running: str | None = None
        """The tag of the image; None: nothing is deployed."""
        self.schema = "none"
        """Which release's tables the database has; a container migrates it when it starts."""
        self.row_of = "nobody"
        self.saved: dict[str, tuple[str, str]] = {}
        self.operations = 0
        self.kill_at: int | None = None
        self.bad: set[str] = set()
        """Tags that the gate refuses."""
        self.broken: set[str] = set()
        """Tags that migrate and then do not start."""
        self.full = False
        """Whether the disk takes no journal any more."""
        self.fills: set[str] = set()
        """Tags whose start fills the disk."""
        self.doubts = 0
        """How often the gate is inconclusive before it decides."""

    def step(self) -> None:
        """One operation begins; the process may have died before."""
        self.operations += 1
        if self.kill_at is not None and self.operations >= self.kill_at:
            raise Killed

    def start(self, tag: str) -> None:
        """A container of *tag* starts on the database."""
        if self.schema not in {"none", tag} and self.schema > tag:
            raise DeploymentFailed("up", "test", [f"{tag} cannot read the schema of {self.schema}"])
        self.running, self.schema = tag, tag
        self.full = self.full or tag in self.fills
        if tag in self.broken:
            raise DeploymentFailed("up", "test", [f"{tag} ended with code 1"])


class FakeDeployer:
    """Deploys by saying so."""

    stack = "test"

    def __init__(self, world: World, tag: Callable[[], str]) -> None:
        self.world, self.tag = world, tag

    def preview(self, *, policies: Path | None = None) -> Outcome:  # noqa: ARG002 - Deployer's
        """Whether the container would be replaced."""
        self.world.step()
        if self.world.running == self.tag():
            return Outcome("preview")
        what = "create" if self.world.running is None else "replace"
        step = Step(what, "urn::radarr-container", CONTAINER, ("image!",))
        return Outcome("preview", (step,), {what: 1})

    def up(self, *, settings: Path | None = None, listener: Listener = silent) -> Outcome:  # noqa: ARG002 - Deployer's
        """Stops what runs, and starts what is asked for."""
        self.world.step()
        tag = self.tag() if settings is None else settings.read_text().strip()
        self.world.running = ""  # deleted before it is replaced
        self.world.step()
        self.world.start(tag)
        self.world.step()
        return Outcome("up")


class FakeSnapshots:
    """One service's database, by id."""

    def __init__(self, world: World) -> None:
        self.world = world

    def snapshot(self, service: str, *, why: str) -> Any:  # noqa: ARG002 - Snapshots'
        """Keep schema and row."""
        self.world.step()
        name = f"s{len(self.world.saved)}"
        self.world.saved[name] = (self.world.schema, self.world.row_of)
        return type("Snapshot", (), {"id": name})

    def find(self, service: str, name: str) -> str:  # noqa: ARG002 - Snapshots'
        """It is there."""
        return name

    def restore(self, service: str, snapshot: str, *, start: bool, force: bool) -> None:
        """Bring them back, and leave the service stopped."""
        assert (start, force) == (False, True), service
        self.world.step()
        self.world.schema, self.world.row_of = self.world.saved[snapshot]
        self.world.step()


class FakeEngine:
    """Shows what runs."""

    def __init__(self, world: World) -> None:
        self.world = world

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002, ARG002 - docker's
        """One container, or none."""
        if self.world.running is None:
            return []
        return [{"Id": "x", "Labels": {"tame.service": "radarr"}, "Image": self.world.running}]

    def images(self) -> list[dict[str, Any]]:
        """All that anybody asks for."""
        return [{"Id": "i", "RepoTags": [f"example.org/radarr:1.0.{n}" for n in range(9)]}]


class MortalPlaces(Places):
    """Files that a dead process does not write."""

    world: World

    @override
    def write(self, journal: Journal) -> Journal:
        self.world.step()
        if self.world.full:
            raise CannotWrite("journal.json", "No space left on device")
        return super().write(journal)

    @override
    def finish(self) -> None:
        self.world.step()
        super().finish()

    @override
    def hold(self, held: Held) -> None:
        self.world.step()
        super().hold(held)

    @override
    def promoted(self, record: Record, settings: Path) -> None:
        self.world.step()
        super().promoted(record, settings)


class FakeStage(Stage):
    """A stage on a world."""

    world: World

    @override
    def snapshots(self, topology: Topology) -> Any:
        return FakeSnapshots(self.world)

    @override
    def put_right(self) -> None:
        self.world.step()

    @override
    def gate(self) -> tuple[Evidence, Path]:
        self.world.step()
        tag = str(self.world.running)
        verdict = Verdict.FAILED if tag in self.world.bad else Verdict.PASSED
        if self.world.doubts:
            verdict = Verdict.INCONCLUSIVE
        check = CheckResult(name="soak", title="soak", verdict=verdict, said=tag)
        release = Release.model_validate(self.topology.release)
        ended = "2026-11-21T10:00:00+00:00"
        record = Evidence(
            stack="test",
            environment="prod",
            rehearsal=False,
            release=release,
            checks=(check,),
            started=ended,
            ended=ended,
            soak_seconds=0,
        )
        return record, self.project / "evidence.json"


def stage(world: World, root: Path, tag: str) -> FakeStage:
    """A promotion of `example.org/radarr:<tag>`; a new process with the same disk."""
    image = f"example.org/radarr:{tag}"
    wanted = stacks.topology(
        vpn=None, services={"radarr": {"image": image}}, config_root=str(root / "config")
    )
    file = root / "Pulumi.test.yaml"
    file.write_text(tag)
    stack = StackFile("test", file, {}, frozenset())
    stack.__dict__["topology"] = wanted  # what the property would compute
    stack.__dict__["settings"] = wanted.settings
    places = MortalPlaces(root / "promotions", "test")
    object.__setattr__(places, "world", world)
    deployer: Any = FakeDeployer(world, lambda: tag)
    engine: Any = FakeEngine(world)
    made = FakeStage(root, stack, deployer, engine, places, 0, lambda _: None)
    object.__setattr__(made, "world", world)
    return made
