"""A plugin written in Python, such as a policy pack, as a child process."""

import queue
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from pulumi.runtime.proto import language_pb2

from testbed.toolchain.language_host.interpreter import Interpreter
from testbed.toolchain.language_host.program import end


_CHUNK: Final = 64 * 1024
_Response = language_pb2.RunPluginResponse


class Plugin:
    """One run of a plugin; `cancel` may come from any thread, at any time."""

    def __init__(self, request: language_pb2.RunPluginRequest) -> None:
        interpreter = Interpreter.of(request.info)
        directory = Path(request.info.program_directory or request.pwd)
        program = str(directory / (request.info.entry_point or "."))
        # A policy pack is started through the SDK, which gives it the stack's configuration.
        what = (
            ["-m", "pulumi.policy", *request.args[:1], program, *request.args[1:]]
            if request.kind == "analyzer"
            else [program, *request.args]
        )
        self._process = subprocess.Popen(
            [interpreter.python, "-u", *what],
            cwd=request.pwd,
            env=interpreter.environment(*request.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self) -> Iterator[_Response]:
        """What the plugin prints, as it prints it, and at last its exit code."""
        printed: queue.Queue[_Response | None] = queue.Queue()
        process = self._process
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - pipes
        pumps = [
            threading.Thread(target=_pump, args=(process.stdout, "stdout", printed), daemon=True),
            threading.Thread(target=_pump, args=(process.stderr, "stderr", printed), daemon=True),
        ]
        for pump in pumps:
            pump.start()
        open_streams = len(pumps)
        while open_streams:
            response = printed.get()
            if response is None:
                open_streams -= 1
            else:
                yield response
        yield _Response(exitcode=process.wait())

    def cancel(self) -> None:
        """Ends the plugin, if it still runs."""
        end(self._process)


def _pump(stream: IO[bytes], name: str, printed: "queue.Queue[_Response | None]") -> None:
    with stream:
        while chunk := stream.read1(_CHUNK):  # type: ignore[attr-defined] # a pipe is a BufferedReader
            printed.put(_Response(**{name: chunk}))
    printed.put(None)
