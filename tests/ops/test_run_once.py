"""A service that runs on demand is started, followed and stopped as `tame run` says."""

import gc
import io
import os
import tarfile
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import docker
import pytest

from tame_components.domain.topology import Topology
from tame_components.ops.errors import RunsAlways, ServiceNotRunning
from tame_components.ops.observe import observe
from tame_components.ops.run_once import prepare, run_once
from testbed.engine import PRIVATE, find
from tests.harness.stacks import topology
from tests.ops.answers import NOW, Engine


IMAGE = f"tame.invalid/run-once-test:{os.environ.get('PYTEST_XDIST_WORKER', '1')}"
CREATED = {"State": "created", "Status": "Created"}


def stack(name: str = "test") -> Topology:
    return topology(name, services={"recyclarr": {}, "radarr": {}}, vpn=None)


@pytest.mark.parametrize(
    ("status", "well"),
    [
        (CREATED, True),
        ({"State": "exited", "Status": "Exited (0) 2 days ago"}, True),
        ({"State": "running", "Status": "Up 3 seconds"}, True),
        ({"State": "exited", "Status": "Exited (1) 2 days ago"}, False),
        ({"State": "dead", "Status": "Dead"}, True),
        (None, False),
    ],
)
def test_a_service_on_demand_is_well_unless_it_failed(
    status: dict[str, str] | None, *, well: bool
) -> None:
    """It is no fault that it does not run; a bad end, or no container, is one."""
    seen = observe(stack(), Engine(stack(), recyclarr=status), NOW)

    assert seen.healthy is well


def test_a_service_that_runs_always_is_not_well_when_it_stops() -> None:
    """The same words mean something else for a server."""
    seen = observe(stack(), Engine(stack(), recyclarr=CREATED, radarr=CREATED), NOW)

    assert [one.service for one in seen.waiting_for] == ["radarr"]


def test_what_runs_always_is_refused() -> None:
    """The error names the services that it could have been."""
    with pytest.raises(RunsAlways, match="on demand: `recyclarr`"):
        prepare(stack(), "radarr", Engine(stack()))  # type: ignore[arg-type] # recorded answers


def test_what_nobody_made_is_refused() -> None:
    """`tame run` makes no container: that is Pulumi's."""
    engine = Engine(stack(), recyclarr=None)
    with pytest.raises(ServiceNotRunning, match="pulumi up"):
        prepare(stack(), "recyclarr", engine)  # type: ignore[arg-type] # recorded answers


@dataclass
class Made:
    """A container of a service on demand, and its engine."""

    client: docker.APIClient
    topology: Topology
    id: str


@pytest.fixture(scope="module")
def client() -> Iterator[docker.APIClient]:
    engine = find(PRIVATE)
    if engine is None:
        pytest.skip("needs a Docker engine: `python -m testbed.engine ensure`")
    client = docker.APIClient(base_url=engine.host, version="auto")
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        archive.add("/bin/busybox", "busybox")
        text = b"FROM scratch\nCOPY busybox /bin/busybox\n"
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    sent = io.BytesIO(context.getvalue())
    # A cached step is an image that another test may take away meanwhile.
    list(client.build(fileobj=sent, custom_context=True, tag=IMAGE, nocache=True))
    yield client
    client.remove_image(IMAGE, force=True)
    client.close()


@pytest.fixture
def made(client: docker.APIClient, request: pytest.FixtureRequest) -> Iterator[Made]:
    name = f"once{uuid.uuid4().hex[:8]}"
    labels = {"tame.stack": name, "tame.service": "recyclarr"}
    command = ["/bin/busybox", "sh", "-c", request.param]
    container = client.create_container(IMAGE, command, name=f"{name}-recyclarr", labels=labels)
    yield Made(client, stack(name), container["Id"])
    client.remove_container(container["Id"], force=True)
    with warnings.catch_warnings():  # docker-py's stream of logs cannot be closed before its end
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def run(made: Made, written: list[tuple[bytes, bytes]]) -> int:
    def write(out: bytes | None, error: bytes | None) -> None:
        written.append((out or b"", error or b""))

    return run_once(prepare(made.topology, "recyclarr", made.client), made.client, write)


@pytest.mark.engine
@pytest.mark.parametrize("made", ["echo one; echo two >&2; exit 7"], indirect=True)
def test_the_log_and_the_exit_code_are_those_of_this_run(made: Made) -> None:
    """Not a line is lost, none of the run before comes again, and both streams stay apart."""
    for _ in range(2):
        written: list[tuple[bytes, bytes]] = []

        assert run(made, written) == 7
        assert b"".join(out for out, _ in written) == b"one\n"
        assert b"".join(error for _, error in written) == b"two\n"


@pytest.mark.engine
@pytest.mark.parametrize(
    "made", ["trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.1; done"], indirect=True
)
def test_whoever_interrupts_stops_it_with_its_grace(made: Made) -> None:
    """It gets the stop signal, not SIGKILL, and does not run on by itself."""

    def write(out: bytes | None, _: bytes | None) -> None:
        if out and b"up" in out:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_once(prepare(made.topology, "recyclarr", made.client), made.client, write)

    state = made.client.inspect_container(made.id)["State"]
    assert (state["Running"], state["ExitCode"]) == (False, 3)


@pytest.mark.engine
@pytest.mark.filterwarnings(  # docker-py gives nothing to close a followed log with
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)
@pytest.mark.parametrize("made", ["echo up; while :; do sleep 0.1; done"], indirect=True)
def test_one_that_runs_already_is_watched_and_left(made: Made) -> None:
    """A second call shows the same run from its first line; its Ctrl-C leaves it alone."""
    made.client.start(made.id)
    once = prepare(made.topology, "recyclarr", made.client)

    def write(out: bytes | None, _: bytes | None) -> None:
        if out and b"up" in out:
            raise KeyboardInterrupt

    assert not once.ours
    with pytest.raises(KeyboardInterrupt):
        run_once(once, made.client, write)
    assert made.client.inspect_container(made.id)["State"]["Running"]
