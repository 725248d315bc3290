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
from tests.harness.rehearsal import PATIENCE, Rehearsal
from tests.harness.waiting import eventually


SERVICES = ("flaresolverr", "prowlarr", "radarr", "sonarr")
UP = ("up", "--yes", "--skip-preview")


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
    eventually(lambda: stack.healths() == {"healthy"}, within=120)
    assert stack.networks() == [f"{stack.stack}-net"]
    assert stack.up("--expect-no-changes").code == 0


def _kill_after(stack: Rehearsal, count: int) -> None:
    """Start an `up` and kill all of it when *count* resources are made."""
    log = stack.project.directory / "killed.json"
    with stack.started(*UP, "--event-log", str(log)) as process:
        eventually(
            lambda: _made(log) >= count or process.poll() is not None, within=120, every=0.01
        )


def _made(log: Path) -> int:
    return log.read_text().count('"resOutputsEvent"') if log.exists() else 0


def recover(stack: Rehearsal) -> None:
    """What `docs/troubleshooting.md` says to do after a killed `up`."""
    done = stack.run("recover", stack.stack, "--yes", program="tame")
    assert done.returncode == 0, done.stdout
    again = stack.run("recover", stack.stack, "--plan", program="tame")
    assert (again.returncode, "nothing to recover" in again.stdout) == (0, True), again.stdout


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({".json.attrs": ""}, id="index"),
        pytest.param({".json": '{"version": 3, "ch', ".json.attrs": ""}, id="checkpoint"),
        pytest.param({".json": "", ".json.bak": ""}, id="both"),
    ],
)
def test_half_written_files_of_the_backend_are_recovered(
    make: Make, broken: dict[str, str]
) -> None:
    """Pulumi reads "EOF" where one of its files is half written (seen with 3.255)."""
    stack = make("radarr")
    assert stack.up().code == 0
    state = Path(stack.env["PULUMI_BACKEND_URL"].removeprefix("file://"))
    for ending, text in broken.items():
        (state / f".pulumi/stacks/tame/{stack.stack}{ending}").write_text(text)
    assert not _readable(stack)
    recover(stack)
    finished = stack.up("--refresh")

    assert finished.code == 0, finished.text
    assert [one.name for one in stack.containers()] == [f"{stack.stack}-radarr"]
    assert stack.up("--expect-no-changes").code == 0


def _readable(stack: Rehearsal) -> bool:
    return stack.run("stack", "export", "--stack", stack.stack).returncode == 0


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


def _begun(stack: Rehearsal, process: subprocess.Popen[str]) -> None:
    """Until the `up` has made something, or is done."""
    eventually(lambda: stack.networks() or process.poll() is not None, within=120, every=0.1)


def test_an_engine_that_goes_away_in_the_middle(make: Make, engine: str, tmp_path: Path) -> None:
    """The `up` fails in words; with the engine back, the next one converges."""
    door = tmp_path / "door.sock"
    stack = make("prowlarr", "radarr")
    group = Path(engine.removeprefix("unix://")).stat().st_gid
    with _doorway(engine, door) as shut:
        os.chown(door, -1, group)
        stack.change(engine=f"unix://{door}")
        with stack.started(*UP) as process:
            _begun(stack, process)
            shut.set()
            text, _ = process.communicate(timeout=PATIENCE)
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
    with stack.started(*UP) as process:
        _begun(stack, process)
        os.killpg(process.pid, signal.SIGINT)
        text, _ = process.communicate(timeout=PATIENCE)

    assert "Traceback" not in text
    recover(stack)
    assert stack.up("--refresh").code == 0


def test_a_working_up_is_not_recovered(make: Make) -> None:
    """TAME614 while a Pulumi works on the stack; it is not unlocked, and nothing is removed."""
    stack = make("prowlarr", "radarr")
    with stack.started(*UP) as process:
        _begun(stack, process)
        os.kill(process.pid, signal.SIGSTOP)  # or it might be done before it is looked at
        refused = stack.run("recover", stack.stack, "--yes", program="tame")
        os.kill(process.pid, signal.SIGCONT)
        text, _ = process.communicate(timeout=PATIENCE)

    assert refused.returncode == 1, refused.stdout
    assert "[TAME614]" in refused.stdout
    assert process.returncode == 0, text
    assert len(stack.containers()) == 2
