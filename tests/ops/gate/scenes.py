"""A stack as the gate would meet it, without an engine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tame_components.domain.topology import Topology
from tame_components.ops.deployer import Outcome
from tame_components.ops.gate.model import Scene


class FakeEngine:
    """Answers what it is told to; `lists` is used up call by call, the last one stays."""

    def __init__(self, *lists: list[dict[str, Any]] | OSError, restarts: int = 0) -> None:
        self.lists = list(lists)
        self.restarts = restarts

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002, ARG002 - docker's words
        """Docker's list."""
        now = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
        if isinstance(now, OSError):
            raise now
        return now

    def images(self) -> list[dict[str, Any]]:
        """None."""
        return []

    def inspect_container(self, container: str) -> dict[str, Any]:
        """One life of *container*."""
        state = {"StartedAt": "2026-11-21T10:00:00Z", "Pid": 1}
        return {"Id": container, "RestartCount": self.restarts, "State": state}


class FakeDeployer:
    """Knows a few keys."""

    stack = "test"

    def __init__(self, **config: str) -> None:
        self.known = config

    def config(self, key: str) -> str | None:
        """The value of *key*."""
        return self.known.get(key)


def container(service: str, status: str = "Up 2 minutes (healthy)", **more: Any) -> dict[str, Any]:
    """An entry of Docker's list."""
    labels = {"tame.stack": "test", "tame.service": service}
    return {
        "Id": f"id-{service}",
        "Names": [f"/test-{service}"],
        "State": "running",
        "Status": status,
        "Labels": labels,
        **more,
    }


def scene(topology: Topology, engine: FakeEngine, *, soak: int = 0) -> Scene:
    """What a check is given."""
    deployer: Any = FakeDeployer()
    return Scene(
        topology=topology,
        engine=engine,
        deployer=deployer,
        preview=Outcome("preview"),
        soak=soak,
        tell=lambda _: None,
    )


def folder(root: Path) -> dict[str, Any]:
    """Settings of a stack whose files lie below *root*."""
    return {"config_root": str(root), "data": {"root": str(root / "data")}}
