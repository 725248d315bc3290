"""One `docker-registry` process with its own configuration, data and port."""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import yaml

from testbed.engine.apt import can_install, install_packages
from testbed.engine.processes import ended, process_with, spawn_detached
from testbed.registry.errors import RegistryCrashed, RegistryNotInstallable
from testbed.registry.push import push


_PROGRAM: Final = "docker-registry"
_PATIENCE_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.02


class Registry:
    """A registry whose images lie in a directory; one process per directory.

    As a context manager it stops at the end what it started, and leaves running what ran before.
    """

    def __init__(self, path: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self._path = path.resolve()
        self._say = say
        self._started_here = False

    @property
    def address(self) -> str:
        """`127.0.0.1:<port>`, the first part of the names of its images.

        Raises:
            RegistryCrashed: It does not run.
        """
        found = re.search(r"listening on (127\.0\.0\.1:\d+)", self._log_text())
        if found is None or self.pid() is None:
            raise RegistryCrashed(self.log, "it was not started, or has ended")
        return found[1]

    @property
    def log(self) -> Path:
        """What the process said since it was started last."""
        return self._path / "registry.log"

    def pid(self) -> int | None:
        """The id of this directory's registry process, or None if it does not run."""
        return process_with(_PROGRAM, str(self._configuration))

    def start(self) -> bool:
        """Starts the registry and returns when it listens; False if it ran already.

        Raises:
            RegistryNotInstallable: Its program is missing, and only root on Debian can get it.
            RegistryCrashed: It ended, or does not listen within 15 s.
        """
        self._path.mkdir(parents=True, exist_ok=True)
        with self._locked():
            pid = self.pid()
            started = pid is None
            if pid is None:
                self._install()
                pid = self._spawn()
            self._wait_until_it_listens(pid)
        return started

    def stop(self) -> bool:
        """Ends the registry; False if it did not run. Its images stay."""
        self._path.mkdir(parents=True, exist_ok=True)
        with self._locked():
            pid = self.pid()
            if pid is None:
                return False
            os.kill(pid, signal.SIGTERM)
            begun = time.monotonic()
            while not ended(pid):
                if time.monotonic() - begun > _PATIENCE_SECONDS:
                    os.kill(pid, signal.SIGKILL)
                time.sleep(_POLL_SECONDS)
        return True

    def push(self, host: str, image: str, repository: str, tag: str) -> str:
        """Pushes *image* of the engine at *host*; returns the digest (`sha256:...`) to pull it by.

        Raises:
            PushFailed: The engine says no.
        """
        return push(host, image, f"{self.address}/{repository}", tag)

    def __enter__(self) -> Self:
        self._started_here = self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._started_here:
            self.stop()

    @property
    def _configuration(self) -> Path:
        return self._path / "registry.yml"

    def _log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._path / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _install(self) -> None:
        if shutil.which(_PROGRAM):
            return
        if not can_install():
            raise RegistryNotInstallable("only root on Debian or Ubuntu can install it from here")
        self._say("installing docker-registry (about 10 s)")
        failure = install_packages([_PROGRAM])
        if failure is not None:
            raise RegistryNotInstallable(failure)

    def _spawn(self) -> int:
        configuration = {
            "version": "0.1",
            "log": {"level": "info", "accesslog": {"disabled": True}},
            "storage": {
                "filesystem": {"rootdirectory": str(self._path / "data")},
                "delete": {"enabled": True},
            },
            "http": {"addr": "127.0.0.1:0"},  # a free port; the log says which
        }
        self._configuration.write_text(yaml.safe_dump(configuration))
        return spawn_detached([_PROGRAM, "serve", str(self._configuration)], self.log)

    def _wait_until_it_listens(self, pid: int) -> None:
        begun = time.monotonic()
        while "listening on" not in self._log_text():
            if ended(pid):
                raise RegistryCrashed(self.log, f"it ended: {self._log_text().strip()[-300:]}")
            if time.monotonic() - begun > _PATIENCE_SECONDS:
                raise RegistryCrashed(self.log, f"it does not listen in {_PATIENCE_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)
