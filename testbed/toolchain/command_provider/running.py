"""Commands as child processes, each in a process group of its own."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any, Final

from testbed.toolchain.command_provider.command import LOGGED
from testbed.toolchain.command_provider.errors import CommandFailed


_SHELL: Final = ["/bin/sh", "-c"]
_GRACE_SECONDS: Final = 2.0
STDOUT: Final = "PULUMI_COMMAND_STDOUT"
STDERR: Final = "PULUMI_COMMAND_STDERR"

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command printed, each without its last line end."""

    stdout: str = ""
    stderr: str = ""


@dataclass(slots=True)
class _Capture:
    """Both streams as they come."""

    log: Log
    logged: frozenset[str]
    streams: dict[str, list[bytes]] = field(default_factory=dict)
    together: list[bytes] = field(default_factory=list)

    def pump(self, name: str, pipe: IO[bytes]) -> None:
        kept = self.streams.setdefault(name, [])
        with pipe:
            for line in pipe:
                kept.append(line)
                self.together.append(line)
                if name in self.logged:
                    self.log(line.decode(errors="replace").rstrip("\n"))

    def text(self, name: str) -> str:
        return b"".join(self.streams.get(name, ())).decode(errors="replace").removesuffix("\n")

    def everything(self) -> str:
        return b"".join(self.together).decode(errors="replace")


class Runner:
    """Runs commands, and ends all of them at once when cancelled; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._cancelled = False

    def run(self, command: str, inputs: Mapping[str, Any], before: Printed, log: Log) -> Printed:
        """Run *command* as *inputs* say, and wait for its end.

        Args:
            command: The text for the interpreter.
            inputs: `interpreter`, `dir`, `environment`, `stdin`, `logging` and
                `addPreviousOutputInEnv`, without marks of secrets.
            before: What the previous run printed; it goes into the environment.
            log: Gets the lines that `logging` shows.

        Raises:
            CommandFailed: It could not start, ended with an error or was cancelled.
        """
        capture = _Capture(log, LOGGED[inputs.get("logging") or "stdoutAndStderr"])
        process = self._start(command, inputs, before)
        try:
            _feed(process, capture, inputs.get("stdin") or "")
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            ended = _ended(process.returncode, cancelled=self._cancelled)
            quoted = json.dumps(command, ensure_ascii=False)
            raise CommandFailed(f"{ended}: running {quoted}:\n{capture.everything()}")
        return Printed(capture.text("stdout"), capture.text("stderr"))

    def cancel(self) -> None:
        """End every running command with all its children, and start no other one."""
        with self._lock:
            self._cancelled = True
            running = tuple(self._running)
        for process in running:
            _signal(process, signal.SIGTERM)
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)
            _signal(process, signal.SIGKILL)  # children that outlived the shell

    def _start(
        self, command: str, inputs: Mapping[str, Any], before: Printed
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._cancelled:
                raise CommandFailed(f"cancelled: running {json.dumps(command)}:\n")
            try:
                process = subprocess.Popen(
                    [*(inputs.get("interpreter") or _SHELL), command],
                    cwd=inputs.get("dir"),
                    env=_environment(inputs, before),
                    stdin=subprocess.PIPE if inputs.get("stdin") else subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                quoted = json.dumps(command, ensure_ascii=False)
                raise CommandFailed(f"{error}: running {quoted}:\n") from error
            self._running.add(process)
            return process


def _environment(inputs: Mapping[str, Any], before: Printed) -> dict[str, str]:
    environment = {**os.environ, **(inputs.get("environment") or {})}
    if inputs.get("addPreviousOutputInEnv") is not False:
        environment |= {STDOUT: before.stdout} if before.stdout else {}
        environment |= {STDERR: before.stderr} if before.stderr else {}
    return environment


def _feed(process: subprocess.Popen[bytes], capture: _Capture, stdin: str) -> None:
    """Give the command its input, and take its output until it ends."""
    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - pipes
    pumps = [
        threading.Thread(target=capture.pump, args=("stdout", process.stdout), daemon=True),
        threading.Thread(target=capture.pump, args=("stderr", process.stderr), daemon=True),
    ]
    for pump in pumps:
        pump.start()
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin:  # a command need not read its input
            process.stdin.write(stdin.encode())
    for pump in pumps:
        pump.join()
    process.wait()


def _ended(code: int, *, cancelled: bool) -> str:
    if cancelled:
        return "cancelled"
    if code < 0:
        return f"signal: {signal.strsignal(-code) or -code}".lower()
    return f"exit status {code}"


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
