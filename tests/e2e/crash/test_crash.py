"""An `up` that dies in the middle."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Make
from tests.harness.rehearsal import Rehearsal, eventually


SERVICES = ("flaresolverr", "prowlarr", "radarr", "sonarr")


@pytest.mark.parametrize("kill_after", range(1, 13))
def test_an_up_that_is_killed_is_finished_by_the_next(make: Make, kill_after: int) -> None:
    """SIGKILL after each resource: the next `up` converges, nothing is doubled or left over."""
    stack = make(*SERVICES)
    _kill_after(stack, kill_after)
    recover(stack)
    finished = stack.up("--refresh")

    assert finished.code == 0, finished.text
    assert sorted(c.name or "" for c in stack.containers()) == sorted(
        f"{stack.stack}-{service}" for service in SERVICES
    )
    eventually(lambda: stack.healths() == {"healthy"}, within=60)
    assert stack.networks() == [f"{stack.stack}-net"]
    assert stack.up("--expect-no-changes").code == 0


def _kill_after(stack: Rehearsal, count: int) -> None:
    """Start an `up` and kill all of it when *count* resources are made."""
    log = stack.project.directory / "killed.json"
    process = stack.start("up", "--yes", "--skip-preview", "--event-log", str(log))
    try:
        eventually(lambda: _made(log) >= count or process.poll() is not None, within=60, every=0.01)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()


def _made(log: Path) -> int:
    return log.read_text().count('"resOutputsEvent"') if log.exists() else 0


def recover(stack: Rehearsal) -> None:
    """What `docs/troubleshooting.md` says to do after a killed `up`, step by step."""
    _put_back_checkpoint(stack)
    stack.run("cancel", "--yes", stack.stack)  # after it: Pulumi loads the checkpoint to unlock
    known = {resource["id"] for resource in _resources(stack) if "id" in resource}
    for container in stack.containers():
        if container.id not in known:
            container.remove(force=True)
    for name in stack.networks():
        network = stack.client.networks.get(name)
        if network.id not in known:
            network.remove()
    stack.run("refresh", "--yes", "--clear-pending-creates", "--stack", stack.stack)


def _put_back_checkpoint(stack: Rehearsal) -> None:
    """Pulumi's file backend can be killed while it writes; the checkpoint before lies beside it."""
    state = Path(stack.env["PULUMI_BACKEND_URL"].removeprefix("file://"))
    checkpoint = state / f".pulumi/stacks/tame/{stack.stack}.json"
    backup = checkpoint.with_suffix(".json.bak")
    if not _readable(stack):  # the file of attributes beside it may be half written, and may go
        checkpoint.with_suffix(".json.attrs").unlink(missing_ok=True)
    if not _readable(stack) and backup.exists():
        checkpoint.write_bytes(backup.read_bytes())
    if not _readable(stack):  # it died before there was anything to go back to
        for file in checkpoint.parent.glob(f"{stack.stack}.json*"):
            file.unlink()
        stack.run("stack", "init", stack.stack)


def test_a_half_written_index_of_the_checkpoint_is_recovered(make: Make) -> None:
    """Pulumi writes two files, and reads "EOF" where the second is empty (seen with 3.255)."""
    stack = make("radarr")
    assert stack.up().code == 0
    state = Path(stack.env["PULUMI_BACKEND_URL"].removeprefix("file://"))
    (state / f".pulumi/stacks/tame/{stack.stack}.json.attrs").write_text("")
    assert not _readable(stack)
    recover(stack)

    assert stack.up("--expect-no-changes").code == 0


def _readable(stack: Rehearsal) -> bool:
    return stack.run("stack", "export", "--stack", stack.stack).returncode == 0


def _resources(stack: Rehearsal) -> list[dict[str, str]]:
    resources: list[dict[str, str]] = stack.state()["deployment"].get("resources") or []
    return resources


@contextlib.contextmanager
def _doorway(engine: str, door: Path) -> Iterator[threading.Event]:
    """A socket in front of the engine; once the event is set nobody gets through any more."""
    shut = threading.Event()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(door))
    listener.listen(64)
    open_ends: list[socket.socket] = []

    def carry(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if shut.is_set():
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                guest, _ = listener.accept()
                if shut.is_set():
                    guest.close()
                    continue
                house = socket.socket(socket.AF_UNIX)
                house.connect(engine.removeprefix("unix://"))
                open_ends.extend([guest, house])
                for pair in ((guest, house), (house, guest)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

    keeper = threading.Thread(target=accept, daemon=True)
    keeper.start()
    try:
        yield shut
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        keeper.join(5)
        for end in open_ends:
            end.close()


def test_an_engine_that_goes_away_in_the_middle(make: Make, engine: str, tmp_path: Path) -> None:
    """The `up` fails in words; with the engine back, the next one converges."""
    door = tmp_path / "door.sock"
    stack = make("prowlarr", "radarr")
    group = Path(engine.removeprefix("unix://")).stat().st_gid
    with _doorway(engine, door) as shut:
        os.chown(door, -1, group)
        stack.change(engine=f"unix://{door}")
        process = stack.start("up", "--yes", "--skip-preview")
        eventually(lambda: stack.networks() or process.poll() is not None, within=30, every=0.01)
        shut.set()
        text, _ = process.communicate(timeout=120)
        assert process.returncode != 0, text
        assert "Traceback" not in text
    door.unlink()
    with _doorway(engine, door):
        os.chown(door, -1, group)
        recover(stack)
        finished = stack.up("--refresh")

        assert finished.code == 0, finished.text
        assert len(stack.containers()) == 2
        assert stack.destroy().code == 0


def test_ctrl_c_stops_cleanly(make: Make) -> None:
    """One interrupt ends the `up` without a trace of Python, and the next one goes on."""
    stack = make("prowlarr", "radarr")
    process = stack.start("up", "--yes", "--skip-preview")
    eventually(lambda: stack.networks() or process.poll() is not None, within=30, every=0.01)
    os.killpg(process.pid, signal.SIGINT)
    try:
        text, _ = process.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise

    assert "Traceback" not in text
    recover(stack)
    assert stack.up("--refresh").code == 0
