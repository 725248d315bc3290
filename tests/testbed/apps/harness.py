"""Stand-ins as plain processes on a loopback port: no container, so that a test takes a blink."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tame_components.catalog import catalog
from testbed.images.recipe import Recipe
from tests.harness.waiting import eventually


PATIENCE = 60.0
"""Seconds after which a process or an answer that should be quick is given up."""


@dataclass
class Running:
    """A stand-in that answers."""

    process: subprocess.Popen[str]
    http: httpx.Client
    state: Path
    log: Path

    def worked(self) -> float:
        """Seconds of processor that it used so far: what a busy machine does not change."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in stat[11:13]) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Ends it with SIGTERM. Fails unless it ends with 0: as one that took the signal does."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.log.read_text()


class Bench:
    """Starts stand-ins below one directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[str]] = []
        self._clients: list[httpx.Client] = []

    def facts(self, app: str, **changes: Any) -> tuple[Path, Path]:
        """The facts file of *app* and its state directory."""
        state = self._folder / app
        state.mkdir(exist_ok=True)
        entry = catalog()[app]
        told = {**Recipe(entry, entry.image.tag, "").facts(), "state": str(state), "port": 0}
        path = self._folder / f"{app}.json"
        path.write_text(json.dumps({**told, **changes}))
        return path, state

    def launch(
        self, app: str, *arguments: str, env: dict[str, str] | None = None, **changes: Any
    ) -> tuple[subprocess.Popen[str], Path, Path, Path]:
        """Starts *app* and waits for nothing: process, port file, state, log."""
        facts, state = self.facts(app, **changes)
        port_file = self._folder / f"{app}.port"
        port_file.unlink(missing_ok=True)
        log = self._folder / f"{app}.log"
        command = [sys.executable, "-m", "testbed.apps", str(facts)]
        command += ["--port-file", str(port_file), *arguments]
        with log.open("w") as output:
            process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **(env or {})},
                text=True,
            )
        self._processes.append(process)
        return process, port_file, state, log

    def start(
        self, app: str, *arguments: str, env: dict[str, str] | None = None, **changes: Any
    ) -> Running:
        """Starts *app* and waits until it listens."""
        process, port_file, state, log = self.launch(app, *arguments, env=env, **changes)
        eventually(lambda: port_file.exists() or process.poll() is not None, every=0.02)
        assert process.poll() is None, log.read_text()
        base = f"http://127.0.0.1:{port_file.read_text()}"
        self._clients.append(httpx.Client(base_url=base, timeout=PATIENCE))
        return Running(process, self._clients[-1], state, log)

    def close(self) -> None:
        """Ends what a test left."""
        for client in self._clients:
            client.close()
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database *path*, committed and closed afterwards."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        yield database
