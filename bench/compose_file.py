"""The same containers for `docker compose`: what `tame render compose` writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tame_components.compose.render import render
from tame_components.compose.writing import write as put
from tame_components.domain.topology import Topology


NAME = "docker-compose.yml"


def write(
    directory: Path, topology: Topology, keys: Mapping[str, str], *, old: bool = False
) -> Path:
    """Write the compose file of *topology* and its secrets below *directory*.

    Args:
        directory: where.
        topology: the stack.
        keys: the text of every secret.
        old: for the Compose of before 2, which refuses keys that it does not know.
    """
    put(directory, render(topology, keys), force=True)
    file = directory / NAME
    if old:
        _for_the_old_one(file)
    return file


def _for_the_old_one(file: Path) -> None:
    import yaml  # noqa: PLC0415 - one of two needs it

    model: dict[str, Any] = yaml.safe_load(file.read_text())
    services = model["services"]
    for service in services.values():
        for how in service.get("depends_on", {}).values():
            del how["restart"]
    file.write_text(yaml.safe_dump({"services": services, "networks": model["networks"]}))
