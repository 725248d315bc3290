"""The one place of a benchmark on this machine, and its removal however the benchmark ends."""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docker

from bench.engine import sweep
from bench.errors import AlreadyMeasuring
from testbed.project import ROOT


_HOME = ROOT / ".tame" / "bench"


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a benchmark keeps its projects, state and data."""

    run: str
    """Begins the name of each of its stacks, and of no other."""
    directory: Path
    host: str
    client: docker.DockerClient
    say: Callable[[str], None]


@contextlib.contextmanager
def workplace(host: str, say: Callable[[str], None]) -> Iterator[Workplace]:
    """A fresh place; what an earlier run left there because it was killed goes first.

    Raises:
        AlreadyMeasuring: another benchmark of this checkout is running.
    """
    _HOME.mkdir(parents=True, exist_ok=True)
    client = docker.DockerClient(host, timeout=60)
    with contextlib.closing(client), _alone():
        for left in _HOME.glob("bench-*"):
            say(f"removing what {left.name} left")
            _remove(client, left)
        run = f"bench-{secrets.token_hex(2)}"
        directory = _HOME / run
        directory.mkdir(mode=0o700)
        before = dict(os.environ)
        os.environ.update(_environment(directory, host))
        try:
            yield Workplace(run, directory, host, client, say)
        finally:
            os.environ.clear()
            os.environ.update(before)
            say("removing everything that was made")
            _remove(client, directory)


def _remove(client: docker.DockerClient, directory: Path) -> None:
    sweep(client, directory.name)  # before its name is forgotten
    shutil.rmtree(directory)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with (_HOME / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyMeasuring from None
        yield


def _environment(directory: Path, host: str) -> dict[str, str]:
    """`pulumi` is this checkout's, its state is in *directory*, and Compose finds *host*."""
    path = [str(ROOT / ".tame/bin"), str(ROOT / ".venv/bin"), os.environ["PATH"]]
    state = directory / "state"
    state.mkdir()
    return {
        "DOCKER_HOST": host,
        "PATH": os.pathsep.join(path),
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "bench",
        "PULUMI_HOME": str(ROOT / ".tame/pulumi-home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
