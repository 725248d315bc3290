"""What the engine has of a Compose project: its containers, and where they keep their state.

Compose marks what it makes with labels (docker/compose, pkg/api/labels.go).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tame_components.domain.adoption import OldStack, OldState
from tame_components.domain.base import Frozen
from tame_components.ops.adopt.errors import OldProjectUnclear


if TYPE_CHECKING:
    import docker


PROJECT = "com.docker.compose.project"
_SERVICE = "com.docker.compose.service"
_FILES = "com.docker.compose.project.config_files"
_ONE_OFF = "com.docker.compose.oneoff"
_VERSION = "org.opencontainers.image.version"


class Mounted(Frozen):
    """Something that a container mounts."""

    kind: str
    """`bind`, `volume` or another word of the engine's."""
    source: str
    """A path of the host; a volume's name."""


class OldContainer(Frozen):
    """A container that Compose made."""

    id: str
    name: str
    service: str
    """Compose's name."""
    running: bool
    ended: str
    """When it ended last, ISO 8601 in UTC; year 1: it never did."""
    restart: str
    """Its restart policy."""
    grace: int | None
    """Seconds that it asks for between SIGTERM and SIGKILL."""
    image: str
    """The image's id."""
    version: str
    """Of the application, as the image says; empty: it does not."""
    joins: bool
    """Whether it lives in another container's network namespace."""
    mounts: dict[str, Mounted]
    """By where the container sees it."""

    def state(self, directories: Iterable[str]) -> OldState:
        """What holds its state, at the first of *directories* that is mounted."""
        wanted = list(directories)
        for directory in wanted:
            mount = self.mounts.get(directory)
            if mount is not None and mount.kind in {"bind", "volume"}:
                kind: Any = mount.kind
                return OldState(kind=kind, source=mount.source, directory=directory)
        return OldState(kind="container", source=self.name, directory=wanted[0])


class Found(Frozen):
    """The Compose project on the engine."""

    project: str
    containers: tuple[OldContainer, ...]

    def of(self, service: str) -> tuple[OldContainer, ...]:
        """The containers of a Compose service, the running ones first."""
        mine = [one for one in self.containers if one.service == service]
        return tuple(sorted(mine, key=lambda one: not one.running))


def look(old: OldStack, engine: "docker.APIClient") -> Found:
    """What *engine* has of *old*; asks and changes nothing.

    Raises:
        OldProjectUnclear: its files run under several names, none of which they say.
    """
    listed: Sequence[Mapping[str, Any]] = engine.containers(
        all=True, filters={"label": [f"{PROJECT}"]}
    )
    project = _project(old, listed)
    mine = [
        one["Id"]
        for one in listed
        if one["Labels"].get(PROJECT) == project and one["Labels"].get(_ONE_OFF) != "True"
    ]
    return Found(
        project=project,
        containers=tuple(_container(engine.inspect_container(one), engine) for one in mine),
    )


def _project(old: OldStack, listed: Sequence[Mapping[str, Any]]) -> str:
    """What Compose was told to call the project, with `-p` for example."""
    if any(one["Labels"].get(PROJECT) == old.project for one in listed):
        return old.project
    names = {
        one["Labels"][PROJECT]
        for one in listed
        if old.files[0] in one["Labels"].get(_FILES, "").split(",")
    }
    if len(names) > 1:
        raise OldProjectUnclear(old.files[0], sorted(names))
    return names.pop() if names else old.project


def _container(said: Mapping[str, Any], engine: "docker.APIClient") -> OldContainer:
    config, host = said["Config"], said["HostConfig"]
    return OldContainer(
        id=said["Id"],
        name=said["Name"].removeprefix("/"),
        service=config["Labels"].get(_SERVICE, ""),
        running=bool(said["State"]["Running"]),
        ended=str(said["State"].get("FinishedAt", "")),
        restart=(host.get("RestartPolicy") or {}).get("Name", ""),
        grace=config.get("StopTimeout"),
        image=said["Image"],
        version=_version(said["Image"], config, engine),
        joins=str(host.get("NetworkMode", "")).startswith("container:"),
        mounts={
            one["Destination"]: Mounted(
                kind=one["Type"],
                source=one["Name"] if one["Type"] == "volume" else one["Source"],
            )
            for one in said["Mounts"]
        },
    )


def _version(image: str, config: Mapping[str, Any], engine: "docker.APIClient") -> str:
    """The label of opencontainers/image-spec (annotations.md); containers inherit it."""
    import docker  # noqa: PLC0415 - see ops.engine

    found = str((config.get("Labels") or {}).get(_VERSION, ""))
    if found:
        return found
    try:
        said = engine.inspect_image(image)  # type: ignore[no-untyped-call] # stubs lack it
        labels = (said.get("Config") or {}).get("Labels") or {}
    except docker.errors.NotFound:  # the container outlives its image
        return ""
    return str(labels.get(_VERSION, ""))


def environment_of(container: str, engine: "docker.APIClient") -> Mapping[str, str]:
    """The variables of *container*; secrets are among them, so they are kept nowhere."""
    pairs = (
        one.partition("=")[::2] for one in engine.inspect_container(container)["Config"]["Env"]
    )
    return dict(pairs)
