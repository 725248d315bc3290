"""A private `dockerd`, with its own socket, data and containerd."""

import contextlib
import fcntl
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testbed.engine.errors import EngineCrashed, EngineNotInstallable
from testbed.engine.processes import ended, process_with, processes, same_network, spawn_detached


_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 60.0
"""Containers get their own stop grace; `--shutdown-timeout` below is what bounds it."""
_POLL_SECONDS: Final = 0.1
_LOG_LINES: Final = 5


@dataclass(frozen=True, slots=True)
class Daemon:
    """Where one private engine lives. It is told from other engines by its command line."""

    run: Path
    """Socket, pid files, log. Lost at a reboot, like the engine itself."""
    data: Path
    """Images, containers and volumes. Survives `stop`."""
    options: tuple[str, ...] = ()
    """More options of `dockerd`. A second engine must keep its hands off the first one's firewall
    chains and bridge: `--iptables=false`, and a `--bridge` of its own. (`--bridge=none` removes
    docker0, whoever made it: moby, daemon_unix.go, removeDefaultBridgeInterface.)"""

    @property
    def host(self) -> str:
        """Its address as `DOCKER_HOST` takes it."""
        return f"unix://{self.run / 'docker.sock'}"

    @property
    def log(self) -> Path:
        """What `dockerd` said since it was started last."""
        return self.run / "dockerd.log"

    @property
    def _pid_file(self) -> Path:
        return self.run / "docker.pid"

    @property
    def _containerd(self) -> Path:
        return self.run / "exec" / "containerd"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other processes from starting or stopping this engine meanwhile."""
        self.run.mkdir(parents=True, exist_ok=True)
        with (self.run / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def pid(self) -> int | None:
        """The process id of this engine's `dockerd`, or None if it does not run."""
        return process_with("dockerd", f"--pidfile={self._pid_file}")

    def start(self, say: Callable[[str], None]) -> None:
        """Starts `dockerd` in a session of its own and returns when it answers.

        Raises:
            EngineCrashed: It ended, or did not answer within 60 s.
            EngineNotInstallable: Another `dockerd` has this machine's firewall; see `options`.
        """
        pid = self.pid()
        if pid is None:
            self._refuse_beside_another()
            self._remove_stale_pid_files()
            self.data.mkdir(parents=True, exist_ok=True)
            say(f"starting a private Docker engine at {self.host}")
            pid = self._spawn()
        self._wait_until_it_answers(pid, say)

    def _refuse_beside_another(self) -> None:
        """Measured: a second `dockerd` flushes the firewall chains of the first as it starts."""
        if "--iptables=false" in self.options:
            return
        for pid, argv in processes():
            if Path(argv[0]).name == "dockerd" and same_network(pid):
                raise EngineNotInstallable(
                    f"another `dockerd` runs (process {pid}) and a second one would break its"
                    " containers' network",
                    "point `DOCKER_HOST` at the one that runs",
                )

    def _spawn(self) -> int:
        command = [
            "dockerd",
            f"--host={self.host}",
            f"--data-root={self.data}",
            f"--exec-root={self.run / 'exec'}",
            f"--pidfile={self._pid_file}",
            "--shutdown-timeout=20",
            *self.options,
        ]
        return spawn_detached(command, self.log)

    def _wait_until_it_answers(self, pid: int, say: Callable[[str], None]) -> None:
        from testbed.engine.find import server_version  # noqa: PLC0415 - find imports this module

        begun = time.monotonic()
        told = begun
        while server_version(self.host) is None:
            now = time.monotonic()
            if ended(pid):
                raise EngineCrashed(self.log, self._last_words())
            if now - begun > _START_SECONDS:
                raise EngineCrashed(self.log, f"no answer within {_START_SECONDS:.0f} s")
            if now - told > 2:  # noqa: PLR2004 - seconds a person waits without a sign of life
                say(f"waiting for the Docker engine ({now - begun:.0f} s)")
                told = now
            time.sleep(_POLL_SECONDS)

    def stop(self, say: Callable[[str], None]) -> bool:
        """Stops this engine, its containers and its containerd; False if it did not run.

        Raises:
            EngineCrashed: It does not end within 60 s.
        """
        pid = self.pid()
        if pid is None and self._leftovers():
            # `dockerd` was killed and its containers live on. Only `dockerd` can end them in
            # order, so it is started once more.
            self.start(say)
            pid = self.pid()
        if pid is None:
            self._remove_stale_pid_files()
            return False
        say(f"stopping the private Docker engine (process {pid})")
        os.kill(pid, signal.SIGTERM)
        self._wait_until_gone(lambda: not ended(pid))
        for leftover in self._leftovers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(leftover, signal.SIGTERM)
        self._wait_until_gone(self._leftovers)
        self._remove_stale_pid_files()
        return True

    def _wait_until_gone(self, alive: Callable[[], object]) -> None:
        begun = time.monotonic()
        while alive():
            if time.monotonic() - begun > _STOP_SECONDS:
                raise EngineCrashed(self.log, f"it does not stop within {_STOP_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)

    def _leftovers(self) -> list[int]:
        """This engine's containerd and its shims: each names this engine's own paths."""
        return [
            pid
            for pid, argv in processes()
            if Path(argv[0]).name.startswith("containerd")
            and any(str(self._containerd) in argument for argument in argv)
        ]

    def _remove_stale_pid_files(self) -> None:
        """A pid file whose number another process has by now keeps `dockerd` from starting."""
        self._pid_file.unlink(missing_ok=True)
        if not self._leftovers():
            shutil.rmtree(self._containerd, ignore_errors=True)

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return "it ended; its last words:" + "".join(f"\n  {line}" for line in lines)


PRIVATE: Final = Daemon(run=Path("/run/tame-engine"), data=Path("/var/lib/tame-engine"))
"""The one private engine of this machine, shared by all checkouts."""
