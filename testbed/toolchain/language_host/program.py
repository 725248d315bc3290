"""The program of a stack, as a child process."""

import contextlib
import json
import subprocess
import threading
from pathlib import Path
from typing import Final

from pulumi.runtime.proto import language_pb2

from testbed.toolchain.language_host.interpreter import Interpreter
from testbed.toolchain.language_host.runner import SAID


_RUNNER: Final = Path(__file__).with_name("runner.py")
_GRACE_SECONDS: Final = 5.0
"""Between asking a process to end and ending it."""


class Program:
    """One run of a program; `cancel` may come from any thread, at any time."""

    def __init__(self, request: language_pb2.RunRequest, engine: str) -> None:
        self._line = json.dumps(_asked(request, engine)).encode() + b"\n"
        self._interpreter = Interpreter.of(request.info)
        self._cancelled = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()

    def run(self) -> language_pb2.RunResponse:
        """Runs the program to its end; its output goes where this process's output goes."""
        with self._starting:
            if self._cancelled.is_set():
                return _cancelled()
            # The child stays in this process's group: what ends the group ends the child too.
            self._process = process = subprocess.Popen(
                [self._interpreter.python, "-u", _RUNNER],
                stdin=subprocess.PIPE,
                env=self._interpreter.environment(),
            )
        assert process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        try:
            with contextlib.suppress(BrokenPipeError):  # it ended at once; its exit code says why
                process.stdin.write(self._line)
                process.stdin.flush()
            code = process.wait()
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        if self._cancelled.is_set():
            return _cancelled()
        if code == 0:
            return language_pb2.RunResponse()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return language_pb2.RunResponse(error=f"the program {how}", bail=code == SAID)

    def cancel(self) -> None:
        """Ends the program, if it still runs."""
        with self._starting:
            self._cancelled.set()
        if self._process is not None:
            end(self._process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Asks *process* to end and, after 5 s, ends it."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _cancelled() -> language_pb2.RunResponse:
    return language_pb2.RunResponse(error="the program was cancelled", bail=True)


def _asked(request: language_pb2.RunRequest, engine: str) -> dict[str, object]:
    """What `runner.py` reads. Not on the command line: configuration holds secrets."""
    info = request.info
    return {
        "program": str(Path(info.program_directory or request.pwd, info.entry_point or ".")),
        "directory": request.pwd,
        "args": list(request.args),
        "parallel": request.parallel,
        "config": dict(request.config),
        "secret_keys": list(request.configSecretKeys),
        "settings": {
            "monitor": request.monitor_address,
            "engine": engine,
            "project": request.project,
            "stack": request.stack,
            "parallel": request.parallel,
            "dry_run": request.dryRun,
            "organization": request.organization or "organization",
            "root_directory": info.root_directory,
        },
    }
