"""What a Docker engine says, as recorded from 20.10 and cut to what is read."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tame_components.domain.topology import Topology


NOW = 1_795_261_879.0
"""Two minutes after the containers were made."""
_CREATED = 1_795_261_759


def image_id(reference: str) -> str:
    """An id that depends on the reference alone."""
    return f"sha256:{hashlib.sha256(reference.encode()).hexdigest()}"


def container(topology: Topology, service: str, **changes: Any) -> dict[str, Any]:
    """One entry of `GET /containers/json`: the service runs and is healthy."""
    reference = str(topology.service(service).image)
    through = topology.service(service).through
    entry: dict[str, Any] = {
        "Id": service.encode().hex().ljust(64, "0"),
        "Names": [f"/{topology.container_name(service)}"],
        "Image": reference,
        "ImageID": image_id(reference),
        "Created": _CREATED,
        "Labels": {"tame.stack": topology.stack, "tame.service": service},
        "State": "running",
        "Status": "Up 2 minutes (healthy)",
        "HostConfig": {
            "NetworkMode": f"container:{through.encode().hex().ljust(64, '0')}"
            if through
            else f"{topology.stack}-net"
        },
        "NetworkSettings": {
            "Networks": {} if through else {f"{topology.stack}-net": {"IPAddress": "172.18.0.2"}}
        },
    }
    return entry | changes


class Engine:
    """A Docker engine that gives recorded answers, and counts the questions."""

    def __init__(self, topology: Topology, **changes: Mapping[str, Any] | None) -> None:
        self.asked: list[str] = []
        self.log = b""
        self.state: dict[str, Any] = {}
        self._containers = [
            container(topology, one.name, **(changes.get(one.name.replace("-", "_")) or {}))
            for one in topology.services
            if changes.get(one.name.replace("-", "_"), {}) is not None
        ]
        self._images = {
            str(one.image): [str(one.image)]
            for one in topology.services
            if one.image.digest is None
        }
        self._digests: dict[str, list[str]] = {}

    def add(self, entry: dict[str, Any]) -> None:
        """One container more."""
        self._containers.append(entry)

    def move_tag(self, reference: str) -> None:
        """Let *reference* name another image from now on."""
        self._images[reference] = []
        self._images[f"{reference}-rebuilt"] = [reference]

    def lists(self, image: str, *, tags: Sequence[str] = (), digests: Sequence[str] = ()) -> None:
        """Let the engine have *image* under these names, and no other name for it."""
        self._images[image] = [*tags]
        self._digests[image] = [*digests]

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002 - docker's word
        """The stack's containers, stopped ones too, as the caller has to ask."""
        assert all
        assert len(filters["label"]) == 1
        self.asked.append("containers")
        return self._containers

    def images(self) -> list[dict[str, Any]]:
        """With names as Docker lists them: without the default registry."""
        self.asked.append("images")
        return [
            {
                "Id": image_id(reference),
                "RepoTags": [name.removeprefix("docker.io/") for name in names] or None,
                "RepoDigests": self._digests.get(reference),
            }
            for reference, names in self._images.items()
        ]

    def inspect_container(self, _container: str) -> dict[str, Any]:
        """`GET /containers/ID/json`."""
        self.asked.append("inspect")
        return {"State": self.state}

    def logs(self, _container: str, *, tail: int) -> bytes:
        """The end of the log."""
        assert tail > 0
        return self.log
