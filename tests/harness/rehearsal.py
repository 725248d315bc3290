"""A small stack on a real Docker engine, deployed by the real Pulumi."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import docker.errors
from docker.models.containers import Container

from testbed.project import Project, lay_out


ROOT = Path(__file__).parents[2]

PATIENCE = 600
"""Seconds after which a Pulumi command that should be quick is given up."""


@dataclass(frozen=True)
class Outcome:
    """What a Pulumi command did."""

    code: int
    text: str
    """Everything it printed, both streams."""
    steps: tuple[tuple[str, str], ...]
    """`(operation, name)` of each resource that it changed or would change, in order."""
    seconds: float

    @property
    def changes(self) -> Counter[str]:
        """How many of each operation."""
        return Counter(operation for operation, _ in self.steps)

    def of(self, operation: str) -> set[str]:
        """The names of the resources to which *operation* was done."""
        return {name for op, name in self.steps if op == operation}


def environment(directory: Path) -> dict[str, str]:
    """An environment in which `pulumi` is this checkout's and its state is below *directory*."""
    state = directory / "state"
    state.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join([str(ROOT / ".tame/bin"), str(ROOT / ".venv/bin"), os.environ["PATH"]])
    return {
        **os.environ,
        "PATH": path,
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
        "PULUMI_HOME": os.environ.get("PULUMI_HOME", str(ROOT / ".tame/pulumi-home")),
        "PULUMI_DEBUG_COMMANDS": "true",  # or `--event-log` is hidden
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


@dataclass
class Rehearsal:
    """One stack, its project, and the engine that it lives on."""

    project: Project
    client: docker.DockerClient
    env: dict[str, str]
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.project.stack

    def change(self, **settings: Any) -> None:
        """Change settings of the stack; a change to None removes the key."""
        merged = {**self.settings, **settings}
        self.settings = {key: value for key, value in merged.items() if value is not None}
        self._lay_out({})

    def _lay_out(self, given: Mapping[str, str]) -> None:
        with _environ(self.env):
            lay_out(self.project.directory, self.stack, self.settings, given)

    def run(self, *arguments: str, program: str = "pulumi") -> subprocess.CompletedProcess[str]:
        """Run *program* in the project; both streams come back as one."""
        return subprocess.run(
            [program, *arguments],
            cwd=self.project.directory,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )

    def up(self, *flags: str) -> Outcome:
        """`pulumi up`, without asking."""
        return self._watched("up", "--yes", "--skip-preview", "--parallel", "32", *flags)

    def preview(self, *flags: str) -> Outcome:
        """`pulumi preview`."""
        return self._watched("preview", *flags)

    def refresh(self, *flags: str) -> Outcome:
        """`pulumi refresh`, without asking."""
        return self._watched("refresh", "--yes", "--skip-preview", *flags)

    def destroy(self, *flags: str) -> Outcome:
        """`pulumi destroy`, without asking."""
        return self._watched("destroy", "--yes", "--skip-preview", "--parallel", "32", *flags)

    @contextlib.contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A Pulumi command in a session of its own; nothing of it is left when the block ends."""
        with subprocess.Popen(
            ["pulumi", *arguments, "--stack", self.stack, "--non-interactive"],
            cwd=self.project.directory,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def _watched(self, verb: str, *flags: str) -> Outcome:
        log = self.project.directory / f"events-{secrets.token_hex(4)}.json"
        begun = time.monotonic()
        done = self.run(
            verb, "--stack", self.stack, "--non-interactive", "--event-log", str(log), *flags
        )
        seconds = time.monotonic() - begun
        steps = tuple(_steps(log)) if log.exists() else ()
        log.unlink(missing_ok=True)
        return Outcome(done.returncode, done.stdout, steps, seconds)

    def state(self) -> dict[str, Any]:
        """`pulumi stack export`."""
        exported: dict[str, Any] = json.loads(
            self.run("stack", "export", "--stack", self.stack).stdout
        )
        return exported

    def container(self, service: str) -> Container:
        """The container of *service*."""
        return self.client.containers.get(f"{self.stack}-{service}")

    def containers(self) -> list[Container]:
        """Every container with the stack's label, running or not."""
        found: list[Container] = self.client.containers.list(
            all=True, filters={"label": f"tame.stack={self.stack}"}
        )
        return found

    def healths(self) -> set[str]:
        """What Docker says of the health of the stack's containers, without repetition."""
        return {container.attrs["State"]["Health"]["Status"] for container in self.containers()}

    def networks(self) -> list[str]:
        """The name of every network with the stack's label."""
        found = self.client.networks.list(filters={"label": f"tame.stack={self.stack}"})
        return sorted(network.name or "" for network in found)

    def volumes(self) -> list[str]:
        """The name of every volume with the stack's label."""
        found = self.client.volumes.list(filters={"label": f"tame.stack={self.stack}"})
        return sorted(volume.name for volume in found)

    def python(self, service: str, program: str, *, user: str | None = None) -> str:
        """What *program* prints inside the container of *service*.

        It runs with the stand-in's own interpreter, as the service's user by default.
        """
        facts = self.container(service).attrs["Config"]
        ids = dict(line.split("=", 1) for line in facts["Env"])
        service_user = f"{ids['PUID']}:{ids['PGID']}" if "PUID" in ids else facts["User"]
        code, output = self.container(service).exec_run(
            ["/opt/stand-in/bin/python3", "-c", program], user=user or service_user
        )
        text = b"".join([output] if isinstance(output, bytes) else output).decode()
        assert code == 0, text
        return text.strip()

    def remove(self) -> None:
        """Take away whatever the stack left on the engine."""
        for container in self.containers():
            with contextlib.suppress(docker.errors.APIError):
                container.remove(force=True, v=True)
        for name in self.networks():
            with contextlib.suppress(docker.errors.APIError):
                self.client.networks.get(name).remove()


def make(
    directory: Path,
    client: docker.DockerClient,
    engine: str,
    services: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, str] | None = None,
    **settings: Any,
) -> Rehearsal:
    """Lay out the project of a rehearsal stack of *services*; nothing is deployed yet."""
    stack = f"t{secrets.token_hex(3)}"
    values = {
        "environment": "dev",
        "rehearsal": True,
        "engine": engine,
        "data": {"root": str(directory / "data")},
        "config_root": str(directory / "config"),
        "identity": {"docker_gid": _socket_group(engine)},
        "services": {name: dict(one) for name, one in services.items()},
        "probe_interval": 1,
        "wait_timeout": 180,
        **settings,
    }
    project = Project(directory / "project", stack)
    rehearsal = Rehearsal(project, client, environment(directory), values)
    rehearsal._lay_out(given or {})
    return rehearsal


def _socket_group(engine: str) -> int:
    return Path(engine.removeprefix("unix://")).stat().st_gid


@contextlib.contextmanager
def _environ(wanted: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _steps(log: Path) -> Iterator[tuple[str, str]]:
    for line in log.read_text().splitlines():
        event = json.loads(line)
        for key in ("resourcePreEvent",):
            if key in event:
                metadata = event[key]["metadata"]
                if metadata["op"] not in {"same", "read"}:
                    yield metadata["op"], metadata["urn"].rsplit("::", 1)[1]
