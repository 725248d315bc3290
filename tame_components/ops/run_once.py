"""A service that runs on demand: started once, followed, and stopped by whoever gives up."""

import datetime as dt
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tame_components.domain.lifecycle import State
from tame_components.domain.topology import Topology
from tame_components.ops.errors import RunsAlways, ServiceNotRunning
from tame_components.ops.observe import containers_of, label, name_of, state_of


if TYPE_CHECKING:
    import docker


Write = Callable[[bytes | None, bytes | None], None]
"""Gets what was printed on standard output and on standard error, as it comes."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a service."""

    container: str
    """Docker's id."""
    name: str
    stop_grace: int
    """Seconds between the stop signal and SIGKILL."""
    ours: bool
    """Whether it is this call that starts it. Else it runs already, and is only watched."""


def prepare(topology: Topology, service: str, engine: "docker.APIClient") -> Run:
    """What running *service* once means; nothing is started yet.

    Raises:
        UnknownService: the stack lacks it.
        RunsAlways: it is not for that.
        ServiceNotRunning: nobody has made its container.
        EngineUnreachable: the engine went away.
    """
    fact = topology.service(service, asked_by="tame run")
    if fact.app.runs == "always":
        others = [one.name for one in topology.services if one.app.runs == "on-demand"]
        raise RunsAlways(service, others)
    found = {label(one, "tame.service"): one for one in containers_of(topology, engine)}
    if service not in found:
        raise ServiceNotRunning(service, topology.container_name(service), State.MISSING)
    container = found[service]
    runs = state_of(container) in {State.RUNNING, State.STARTING, State.HEALTHY, State.UNHEALTHY}
    return Run(container["Id"], name_of(container), fact.app.stop_grace, ours=not runs)


def run_once(run: Run, engine: "docker.APIClient", write: Write) -> int:
    """Start it, hand on what it prints, and wait for its end.

    Whoever interrupts stops it, with its grace, unless somebody else started it.

    Returns:
        Its exit code.
    """
    try:
        with closing(_output(run, engine)) as output:
            for out, error in output:
                write(out, error)
        return int(engine.wait(run.container, timeout=None)["StatusCode"])
    except BaseException:
        if run.ours:
            engine.stop(run.container, timeout=run.stop_grace)
        raise


def _output(
    run: Run, engine: "docker.APIClient"
) -> Generator[tuple[bytes | None, bytes | None], None, None]:
    if not run.ours:
        stream = engine.logs(run.container, stream=True, follow=True, since=_since(run, engine))
        with closing(stream):
            yield from ((line, None) for line in stream)
        return
    from docker.utils.socket import STDERR, frames_iter  # noqa: PLC0415 - as in `engine.connect`

    # Attached before the start, so that not a line is lost, and none of an earlier run comes.
    attached = engine.attach_socket(run.container, {"stream": 1, "stdout": 1, "stderr": 1})
    with closing(attached), closing(attached._response):  # noqa: SLF001 - docker-py closes but the half
        engine.start(run.container)
        for kind, text in frames_iter(attached, tty=False):  # type: ignore[no-untyped-call] # theirs
            yield (None, text) if kind == STDERR else (text, None)


def _since(run: Run, engine: "docker.APIClient") -> int:
    """When the present run began, in whole seconds: the API takes no fraction everywhere."""
    started = str(engine.inspect_container(run.container)["State"]["StartedAt"])
    return int(dt.datetime.fromisoformat(f"{started[:19]}+00:00").timestamp())
