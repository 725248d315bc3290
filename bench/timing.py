"""Run a command: how long it took, and how much memory it and its children had."""

import contextlib
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bench.errors import MeasurementFailed


PATIENCE = 600
"""Seconds after which a command is given up."""

_GRACE = 20
"""Seconds between asking a command to end and ending it."""

_EVERY = 0.2
"""Seconds between two looks at the processes; a look costs 5 ms."""

_PROGRAMS = ("language_host/runner.py", "pulumi-language-python-exec")
"""How a Pulumi program's process is told from its language host: the stand-in's, the official's."""

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One command that succeeded."""

    seconds: float
    text: str
    """What it printed, both streams."""
    cpu: float = 0.0
    """Seconds of processors, of the command and the children that it waited for: other work on
    the machine disturbs them less than it disturbs `seconds`."""
    program: float | None = None
    """MiB; the largest resident set of the Pulumi program's process (the kernel's own mark)."""
    tree: float | None = None
    """MiB; resident sets of the command and all its children, at the worst moment that was seen.
    Shared pages count once for each process, so this is an upper bound."""


def timed(command: Sequence[str], directory: Path, *, memory: bool = False) -> Run:
    """Run *command* in *directory* to its end.

    Raises:
        MeasurementFailed: it failed, or took longer than `PATIENCE`.
    """
    with tempfile.TemporaryFile("w+") as printed:
        begun, used = time.monotonic(), _used()
        process = subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches this process alone, which ends the others
        )
        watch = _Watch(process.pid) if memory else None
        try:
            code = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise MeasurementFailed(command, f"took over {PATIENCE} s", _read(printed)) from None
        finally:
            seconds = time.monotonic() - begun
            if watch:
                watch.stop()
            _end(process)
        text = _read(printed)
    if code:
        raise MeasurementFailed(command, f"failed with {code}", text)
    cpu = _used() - used
    if watch is None:
        return Run(seconds, text, cpu)
    return Run(seconds, text, cpu, watch.program / _MIB, watch.tree / _MIB)


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End *process* and its children as Ctrl-C would, and then for certain."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass
class _Watch:
    """Looks at a process and its children until it is told to stop."""

    root: int
    program: int = 0
    tree: int = 0
    _done: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            resident = 0
            for pid in _family(self.root):
                now, most = _resident(pid)
                resident += now
                if any(mark in _command(pid) for mark in _PROGRAMS):
                    self.program = max(self.program, most)
            self.tree = max(self.tree, resident)


def _family(root: int) -> list[int]:
    """*root* and everything below it."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            # After the name, which may hold anything but ends with the last parenthesis.
            fields = _text(f"/proc/{entry.name}/stat").rpartition(")")[2].split()
            if len(fields) > 1:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _resident(pid: int) -> tuple[int, int]:
    """Bytes resident now, and the most that ever were."""
    now = most = 0
    for line in _text(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmRSS:"):
            now = int(line.split()[1]) * 1024
        elif line.startswith("VmHWM:"):
            most = int(line.split()[1]) * 1024
    return now, most


def _command(pid: int) -> str:
    return _text(f"/proc/{pid}/cmdline")


def _text(file: str) -> str:
    """The text of a file of /proc; empty where the process has ended meanwhile."""
    try:
        return Path(file).read_text(errors="replace")
    except OSError:
        return ""
