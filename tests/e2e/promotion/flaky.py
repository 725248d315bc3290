"""An engine whose answers get lost, as on a machine that is short of everything."""

import contextlib
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self


_LIST = b"/containers/json"


class FlakyEngine:
    """A socket that passes everything on to *engine*, but for lists of containers, now and then."""

    def __init__(self, engine: str, drops: Callable[[], bool]) -> None:
        self._engine = engine.removeprefix("unix://")
        self._drops = drops
        # Not below the test's own directory: a socket's path has 107 characters at most.
        self._folder = tempfile.TemporaryDirectory(prefix="flaky-")
        self._socket = socket.socket(socket.AF_UNIX)
        self.dropped = 0

    @property
    def host(self) -> str:
        """What the stack takes for its engine."""
        return f"unix://{Path(self._folder.name, 'docker.sock')}"

    def __enter__(self) -> Self:
        self._socket.bind(self.host.removeprefix("unix://"))
        self._socket.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._folder.cleanup()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return  # it was closed
            upstream = socket.socket(socket.AF_UNIX)
            upstream.connect(self._engine)
            for pair in ((client, upstream, True), (upstream, client, False)):
                threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, asks: bool) -> None:  # noqa: FBT001 - a thread's argument
        with contextlib.suppress(OSError):
            while chunk := source.recv(65_536):
                if asks and _LIST in chunk.partition(b"\r\n")[0] and self._drops():
                    self.dropped += 1
                    source.shutdown(socket.SHUT_RDWR)
                    break
                sink.sendall(chunk)
            # Half closed: an answer may still be on its way.
            sink.shutdown(socket.SHUT_WR)
        if not asks:
            source.close()
            sink.close()
