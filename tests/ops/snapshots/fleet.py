"""Stand-ins of Radarr and Sonarr in real containers, and `tame` run on them as a person does.

Pulumi's part, keeping the root secret, is played by a script: everything else is real.
"""

import contextlib
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import docker.errors
import yaml
from docker.models.containers import Container

from tame_components.domain.rendering import container_of
from tame_components.ops.project import Project, StackFile
from tame_components.ops.snapshots.password import repository_password
from tame_components.ops.snapshots.repository import Repository
from testbed.images import build
from tests.harness.waiting import eventually
from tests.ops.snapshots.stage import table_of
from tests.ops.snapshots.weak_key import weaken


SERVICES = ("radarr", "sonarr")
_PULUMI = """#!/bin/sh
[ "$1 $2" = "config get" ] || exit 2
echo {secret}
"""
_SECOND = 1_000_000_000


class Fleet:
    """One stack of two services, in a directory of its own."""

    def __init__(self, root: Path, host: str, client: docker.DockerClient) -> None:
        self.root, self.host, self.client = root, host, client
        self.stack = f"t{secrets.token_hex(3)}"
        self.secret = secrets.token_hex(24)
        (root / "data").mkdir(parents=True)
        self._write_project()
        build(host, SERVICES)
        self.topology = self.file.topology
        self._launch()
        self._make_repository()

    @property
    def file(self) -> StackFile:
        """The settings."""
        return Project(self.root).stack_file(self.stack)

    @property
    def environment(self) -> dict[str, str]:
        """Where `pulumi` is ours."""
        path = os.pathsep.join([str(self.root / "bin"), os.environ["PATH"]])
        return {**os.environ, "PATH": path}

    @property
    def password(self) -> str:
        """Of the repository."""
        return repository_password(self.secret, self.stack)

    @property
    def repository(self) -> Repository:
        """The stack's."""
        place = self.root / "config/.backups" / self.stack
        return Repository(str(place), self.password, host=self.stack)

    @property
    def journal(self) -> Path:
        """What is owed."""
        return self.root / "config/.snapshots/journal.json"

    def state(self, service: str) -> Path:
        """The state directory."""
        return self.root / "config" / service

    def tame(self, *arguments: str) -> subprocess.Popen[str]:
        """`tame`, started."""
        return subprocess.Popen(
            [sys.executable, "-c", "from tame_components.cli import main; main()", *arguments],
            cwd=self.root,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def done(self, *arguments: str) -> str:
        """What `tame` says; it ends well."""
        with self.tame(*arguments) as running:
            said, complaint = running.communicate(timeout=600)
        assert running.returncode == 0, complaint
        return said

    def container(self, service: str) -> Container:
        """As it is now."""
        return self.client.containers.get(f"{self.stack}-{service}")

    def runs(self) -> bool:
        """Whether every service runs and nothing is owed."""
        running = all(self.container(one).status == "running" for one in SERVICES)
        return running and not self.journal.exists()

    def rows(self, service: str) -> int:
        """Titles, counted from outside."""
        database = f"file:{self.state(service)}/{service}.db?mode=ro"
        with closing(sqlite3.connect(database, uri=True, timeout=10)) as one:
            (count,) = one.execute(f"SELECT count(*) FROM {table_of(service)}").fetchone()  # noqa: S608 - a name of the tests
        return int(count)

    def add(self, service: str, rows: int, size: int = 200) -> None:
        """Titles of *size* bytes each, committed while the service runs."""
        table = table_of(service)
        with closing(sqlite3.connect(self.state(service) / f"{service}.db", timeout=30)) as one:
            (last,) = one.execute(f"SELECT coalesce(max(Id), 0) FROM {table}").fetchone()  # noqa: S608 - same
            values = (
                (secrets.token_hex(size // 2), "/data", last + number)
                for number in range(1, rows + 1)
            )
            with one:
                one.executemany(
                    f"INSERT INTO {table} (Title, Path, ForeignId) VALUES (?, ?, ?)",  # noqa: S608 - same
                    values,
                )
            one.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def remove(self) -> None:
        """Take the containers away."""
        for one in self.client.containers.list(
            all=True, filters={"label": f"tame.stack={self.stack}"}
        ):
            with contextlib.suppress(docker.errors.APIError):
                one.remove(force=True, v=True)

    def _write_project(self) -> None:
        (self.root / "bin").mkdir()
        pulumi = self.root / "bin/pulumi"
        pulumi.write_text(_PULUMI.format(secret=self.secret))
        pulumi.chmod(0o755)
        (self.root / "Pulumi.yaml").write_text("name: tame\nruntime: python\n")
        values: dict[str, Any] = {
            "environment": "dev",
            "rehearsal": True,
            "engine": self.host,
            "data": {"root": str(self.root / "data")},
            "config_root": str(self.root / "config"),
            "services": {name: {} for name in SERVICES},
            "probe_interval": 1,
            "wait_timeout": 180,
        }
        config = {f"tame:{key}": value for key, value in values.items()}
        (self.root / f"Pulumi.{self.stack}.yaml").write_text(yaml.safe_dump({"config": config}))

    def _launch(self) -> None:
        for name in SERVICES:
            fact = container_of(self.topology, self.topology.service(name))
            self.state(name).mkdir(parents=True)
            assert fact.probe is not None
            self.client.containers.run(
                fact.image,
                name=fact.name,
                labels=fact.labels,
                environment=fact.environment,
                volumes=[f"{self.state(name)}:/config"],
                healthcheck={
                    "test": list(fact.probe.test),
                    "interval": _SECOND,
                    "timeout": 5 * _SECOND,
                    "retries": 5,
                },
                detach=True,
            )
        for name in SERVICES:
            eventually(lambda name=name: self._healthy(name), within=120)  # type: ignore[misc]

    def _healthy(self, service: str) -> bool:
        return bool(self.container(service).attrs["State"]["Health"]["Status"] == "healthy")

    def _make_repository(self) -> None:
        self.repository.ensure()
        weaken(Path(self.repository.place), self.password)


@contextlib.contextmanager
def fleet(root: Path, host: str) -> Iterator[Fleet]:
    """A fleet, and nothing of it afterwards."""
    with closing(docker.DockerClient(host, timeout=60)) as client:
        one = Fleet(root, host, client)
        try:
            yield one
        finally:
            one.remove()
            shutil.rmtree(root, ignore_errors=True)
