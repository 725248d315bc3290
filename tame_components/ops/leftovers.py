"""Containers and networks that carry a stack's label, and that Pulumi knows nothing of."""

from collections.abc import Collection, Mapping
from enum import Enum, auto
from pathlib import PurePosixPath
from typing import Any, Literal, Protocol

from tame_components.domain.base import Frozen
from tame_components.domain.errors import EngineUnreachable
from tame_components.domain.settings import StackSettings
from tame_components.ops.observe import label, name_of


class Engine(Protocol):
    """The part of docker.APIClient that is used here."""

    def containers(self, *, all: bool, filters: Mapping[str, Any]) -> list[dict[str, Any]]:  # noqa: A002 - docker's word
        """Docker's `GET /containers/json`."""
        ...

    def networks(self, *, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Docker's `GET /networks`."""
        ...

    def inspect_network(self, net_id: str) -> dict[str, Any]:
        """Docker's `GET /networks/ID`."""
        ...


class Leftover(Frozen):
    """One thing that only its label ties to the stack."""

    kind: Literal["container", "network"]
    name: str
    id: str
    keep: str = ""
    """Why it must not be removed; empty where it may be."""


class _Owner(Enum):
    """Judged by the directories of the host that a container keeps things in."""

    OURS = auto()
    ANOTHER = auto()
    UNCLEAR = auto()
    """It keeps nothing."""


def leftovers(
    stack: str, settings: StackSettings, engine: Engine, known: Collection[str]
) -> tuple[Leftover, ...]:
    """What *engine* has under the stack's label, less what is *known*.

    Two checkouts may deploy stacks of one name to one engine. A container whose state lies below
    other directories than this stack's is the other's; once one is seen, nothing is taken for this
    stack's that does not prove it.

    Args:
        stack: the stack's name.
        settings: where its directories are.
        engine: what to ask.
        known: the ids in Pulumi's state.

    Raises:
        EngineUnreachable: the engine went away.
    """
    filters = {"label": [f"tame.stack={stack}"]}
    try:
        containers = engine.containers(all=True, filters=filters)
        networks = engine.networks(filters=filters)
        # A network's list entry does not say who is on it.
        guests = {
            one["Id"]: frozenset(engine.inspect_network(one["Id"]).get("Containers") or ())
            for one in networks
            if one["Id"] not in known
        }
    except OSError as error:  # docker's errors are requests' errors, which are OSErrors
        raise EngineUnreachable(settings.engine, type(error).__name__) from error
    unknown = sorted((one for one in containers if one["Id"] not in known), key=name_of)
    owners = {one["Id"]: _owner(one, settings) for one in unknown}
    twin = _Owner.ANOTHER in owners.values()
    found = [
        Leftover(
            kind="container", name=name_of(one), id=one["Id"], keep=_kept(owners[one["Id"]], twin)
        )
        for one in unknown
    ]
    going = {one.id for one in found if not one.keep}
    for one in sorted(networks, key=lambda network: str(network["Name"])):
        if one["Id"] in guests:
            stay = "containers that stay are on it" if guests[one["Id"]] - going else ""
            keep = stay or _kept(_Owner.UNCLEAR, twin)
            found.append(Leftover(kind="network", name=one["Name"], id=one["Id"], keep=keep))
    return tuple(found)


def _kept(owner: _Owner, twin: bool) -> str:  # noqa: FBT001 - one caller, two lines above
    if owner is _Owner.ANOTHER:
        return "its directories are not this stack's: another stack has the same name"
    if twin and owner is _Owner.UNCLEAR:
        return "it may belong to another stack of the same name on this engine"
    return ""


def _owner(container: Mapping[str, Any], settings: StackSettings) -> _Owner:
    data, config = PurePosixPath(settings.data.root), PurePosixPath(settings.config_root)
    service = label(container, "tame.service")
    wanted = found = 0
    for mount in container.get("Mounts") or ():
        source = PurePosixPath(str(mount.get("Source", "")))
        if mount.get("Destination") == "/data":
            wanted, found = wanted + 1, found + (source == data)
        elif service and source.name == service:
            wanted, found = wanted + 1, found + (source.parent == config)
    if wanted == 0:
        return _Owner.UNCLEAR
    return _Owner.OURS if found == wanted else _Owner.ANOTHER
