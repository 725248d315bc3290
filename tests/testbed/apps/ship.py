"""Containers of stand-ins for one test, and how to look into them."""

import io
import tarfile
import uuid
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container

from tame_components.catalog import catalog
from testbed.images import build


PYTHON = "/opt/stand-in/bin/python3"
"""The interpreter that every image has and no PATH names."""


class Ship:
    """Containers of one test, on a network of their own."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.client = docker.DockerClient(base_url=host)
        self.name = f"tame-test-images-{uuid.uuid4().hex[:8]}"
        self.network = self.client.networks.create(self.name, labels={"tame.test": self.name})

    def run(
        self,
        app: str,
        *command: str,
        files: dict[str, bytes] | None = None,
        image: str | None = None,
        environment: dict[str, str] | None = None,
        volumes: list[str] | None = None,
        user: str | None = None,
        labels: dict[str, str] | None = None,
    ) -> Container:
        """A running container of *app*; *files* lie in it before it starts."""
        name = image or build(self.host, [app])[0]
        container = self.client.containers.create(
            name,
            list(command) or None,
            name=f"{self.name}-{app}-{uuid.uuid4().hex[:4]}",
            network=self.name,
            environment=environment,
            volumes=volumes,
            user=user,
            labels={**(labels or {}), "tame.test": self.name},
        )
        for path, content in (files or {}).items():
            container.put_archive("/", _packed(path, content))
        container.start()
        return container

    def close(self) -> None:
        """Removes all of it."""
        for container in self.client.containers.list(
            all=True, filters={"label": f"tame.test={self.name}"}
        ):
            container.remove(force=True, v=True)
        self.network.remove()
        self.client.close()


def _packed(path: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for parent in reversed(Path(path).parents[:-1]):
            folder = tarfile.TarInfo(str(parent).lstrip("/"))
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        info = tarfile.TarInfo(path.lstrip("/"))
        info.size = len(content)
        info.mode = 0o755
        tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def run_in(container: Container, *command: str) -> tuple[int, str]:
    """Exit code and output of *command* inside *container*."""
    answer: Any = container.exec_run(list(command))
    return answer.exit_code, answer.output.decode()


def owners(container: Container) -> dict[str, str]:
    """Process id -> numeric user id, for all that runs in *container*."""
    top = container.top(ps_args="-eo pid,uid")
    return dict(row[:2] for row in top["Processes"])


def stop(container: Container, code: int = 0) -> None:
    """Stops it. Fails unless it ends with *code*, as one does that took the signal: killed, 137."""
    container.stop(timeout=30)
    assert container.wait()["StatusCode"] == code, container.logs().decode()


def seeds(app: str, **secrets: str) -> dict[str, bytes]:
    """The catalog's seed script and secrets, as a stack would put them into a container."""
    seed = catalog()[app].seed
    assert seed is not None
    told = {"api-key": "seeded", "password": "adminadmin", **secrets}
    files = {f"/run/secrets/{name}": value.encode() for name, value in told.items()}
    return {**files, "/custom-cont-init.d/50-seed": seed.script.lstrip().encode()}
