"""A host with one service and its database, small enough to kill a promotion at every step."""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from typing_extensions import override

from tame_components.domain.analysis import Verdict
from tame_components.domain.errors import TameError
from tame_components.domain.evidence import CheckResult, Evidence
from tame_components.domain.release import Release
from tame_components.domain.topology import Topology
from tame_components.ops.deployer import Listener, Outcome, Step, silent
from tame_components.ops.deployment_errors import DeploymentFailed
from tame_components.ops.errors import CannotWrite
from tame_components.ops.project import StackFile
from tame_components.ops.promote.history import Verb
from tame_components.ops.promote.phases import Journal
from tame_components.ops.promote.places import Held, Places, Record
from tame_components.ops.promote.run import promote
from tame_components.ops.promote.stage import Stage
from tame_components.ops.snapshots import catalogue
from tame_components.ops.snapshots.catalogue import Snapshot
from tame_components.ops.snapshots.errors import SnapshotIncomplete
from tame_components.ops.snapshots.plan import RestorePlan
from tame_components.ops.snapshots.planning import plan_restore
from tests.harness import stacks


OLD, NEW, NEXT = "1.0.1", "1.0.2", "1.0.3"
CONTAINER = "docker:index/container:Container"


class Killed(BaseException):
    """SIGKILL: nothing of the process runs any more, no `finally` either."""


class World:
    """What survives a kill: what runs, and the database. Operations are counted, and may kill."""

    def __init__(self) -> None:
        self.running: str | None = None
        """The tag of the image; None: nothing is deployed."""
        self.still = False
        """Whether its container stands still, as a restore leaves it."""
        self.schema = "none"
        """Which release's tables the database has; a container migrates it when it starts."""
        self.row_of = "nobody"
        self.saved: dict[str, tuple[str, str]] = {}
        self.damaged: set[str] = set()
        """Snapshots that cannot be read any more."""
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
        self.crashing: set[str] = set()
        """Tags on which the gate has a fault of its own."""
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
        self.running, self.schema, self.still = tag, tag, False
        self.full = self.full or tag in self.fills
        if tag in self.broken:
            raise DeploymentFailed("up", "test", [f"{tag} ended with code 1"])


class FakeDeployer:
    """Deploys by saying so."""

    stack = "test"

    def __init__(self, world: World, tag: Callable[[], str]) -> None:
        self.world, self.tag = world, tag

    def preview(
        self,
        *,
        policies: Path | None = None,  # noqa: ARG002 - Deployer's
        settings: Path | None = None,
    ) -> Outcome:
        """Whether the container would be replaced."""
        self.world.step()
        tag = self.tag() if settings is None else settings.read_text().strip()
        if self.world.running == tag:
            return Outcome("preview")
        what = "create" if self.world.running is None else "replace"
        step = Step(what, "urn::radarr-container", CONTAINER, ("image!",))
        return Outcome("preview", (step,), {what: 1})

    def up(self, *, settings: Path | None = None, listener: Listener = silent) -> Outcome:  # noqa: ARG002 - Deployer's
        """Stops what runs, and starts what is asked for; what stands still is as it should be."""
        self.world.step()
        tag = self.tag() if settings is None else settings.read_text().strip()
        if self.world.running == tag and tag not in self.world.broken:
            return Outcome("up")
        self.world.running = ""  # deleted before it is replaced
        self.world.step()
        self.world.start(tag)
        self.world.step()
        return Outcome("up")


class FakeSnapshots:
    """One service's database, by id."""

    def __init__(self, world: World, topology: Topology) -> None:
        self.world, self.topology = world, topology

    def snapshot(self, service: str, *, why: str) -> Any:  # noqa: ARG002 - Snapshots'
        """Keep schema and row."""
        self.world.step()
        name = f"s{len(self.world.saved)}"
        self.world.saved[name] = (self.world.schema, self.world.row_of)
        return type("Snapshot", (), {"id": name})

    def entries(self) -> list[Any]:
        """Everything that was kept."""
        image = "example.org/radarr:{}".format
        return [
            type("Entry", (), {"id": name, "image": image(schema)})
            for name, (schema, _) in self.world.saved.items()
        ]

    def find(self, service: str, name: str) -> Snapshot:
        """It is there."""
        record = catalogue.Record(
            stack="test",
            service=service,
            app=service,
            taken=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
            image=f"example.org/radarr:{self.world.saved[name][0]}",
            image_id="i",
            config="0" * 64,
            owner="1000:1000",
            mode=0o700,
            files=1,
            size=1,
        )
        return Snapshot(id=name, record=record)

    def plan_restore(self, _: str, snapshot: Snapshot, *, start: bool, force: bool) -> RestorePlan:
        """The real plan, of a service that no engine shows."""
        return plan_restore(
            self.topology, {}, snapshot, [], quarantine="/q", start=start, force=force
        )

    def prove(self, plan: RestorePlan) -> None:
        """It can be read, or not."""
        self.world.step()
        if plan.snapshot.id in self.world.damaged:
            raise SnapshotIncomplete(plan.service, plan.snapshot.id, ["a row is missing"])

    def restore(self, service: str, snapshot: Snapshot, *, start: bool, force: bool) -> None:
        """Bring them back, and leave the service stopped."""
        assert (start, force) == (False, True), service
        self.world.step()
        self.world.still = True
        self.world.step()
        self.world.schema, self.world.row_of = self.world.saved[snapshot.id]
        self.world.step()


class FakeEngine:
    """Shows what runs."""

    def __init__(self, world: World) -> None:
        self.world = world

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002, ARG002 - docker's
        """One container, or none."""
        if self.world.running is None:
            return []
        image = f"example.org/radarr:{self.world.running}"
        return [{"Id": "x", "Labels": {"tame.service": "radarr"}, "Image": image}]

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
    def promoted(self, record: Record, settings: Path | None, verb: Verb = Verb.PROMOTE) -> None:
        self.world.step()
        super().promoted(record, settings, verb)
        self.world.step()


class FakeStage(Stage):
    """A stage on a world."""

    world: World

    @override
    def snapshots(self, topology: Topology) -> Any:
        return FakeSnapshots(self.world, topology)

    @override
    def put_right(self) -> None:
        self.world.step()

    @override
    def gate(self) -> tuple[Evidence, Path]:
        self.world.step()
        tag = str(self.world.running)
        if tag in self.world.crashing:
            raise ZeroDivisionError
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


def topology(root: Path, tag: str) -> Topology:
    """A stack of `example.org/radarr:<tag>`."""
    services = {"radarr": {"image": f"example.org/radarr:{tag}"}}
    return stacks.topology(vpn=None, services=services, config_root=str(root / "config"))


def stage(world: World, root: Path, tag: str) -> FakeStage:
    """A promotion of `example.org/radarr:<tag>`; a new process with the same disk."""
    wanted = topology(root, tag)
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


def run(world: World, root: Path, tag: str) -> Exception | None:
    """`tame promote --yes` of *tag*; the error that it ends with."""
    at = stage(world, root, tag)
    try:
        with at.places.locked("tame promote", 0):
            promote(at, lambda _: True)
    except TameError as error:
        return error
    return None


def settled(world: World, tag: str) -> bool:
    """Whether *tag* runs on its own schema with the row that was there."""
    return (world.running, world.still, world.schema, world.row_of) == (tag, False, tag, "sam")
