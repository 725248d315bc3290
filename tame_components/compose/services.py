"""From a service of a Compose file to the container that the doctrine judges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tame_components.compose import dotenv, ports, volumes, worlds
from tame_components.compose.documents import text_of
from tame_components.compose.errors import ComposeInvalid, ComposeUnreadable
from tame_components.compose.loading import Project
from tame_components.compose.merging import as_pairs
from tame_components.compose.nodes import Node
from tame_components.compose.worlds import World


_FIELDS = {
    "network_mode": ("network_mode",),
    "restart": ("restart",),
    "pid": ("pid_mode",),
    "ipc": ("ipc_mode",),
}
"""Keys whose text is a field; where it is not known, a rule that reads it cannot judge."""


@dataclass(frozen=True, slots=True)
class Read:
    """One service, ready to become a container in any world."""

    name: str
    node: Node
    environment: Mapping[str, Node]
    """Of `env_file` and `environment`, the latter on top."""
    mounts: tuple[volumes.Mounted, ...]
    ports: tuple[ports.Publication, ...]
    blind: Mapping[str, str] = field(default_factory=dict)
    """Fields about which nothing, or not all, is known: field -> why."""

    @property
    def unset(self) -> dict[str, tuple[str, ...]]:
        """Variables that nobody set, by the key of the service that they stand in."""
        found = {key: tuple(unset_in(one)) for key, one in self.node.keys.items()}
        found["environment"] = tuple(n for one in self.environment.values() for n in one.unknown)
        return {key: names for key, names in found.items() if names}


def unset_in(node: Node) -> Iterable[str]:
    """The variables below *node* that nobody set."""
    yield from node.unknown
    for one in (*node.keys.values(), *(node.value if isinstance(node.value, list) else ())):
        yield from unset_in(one)


def read_services(project: Project) -> tuple[Read, ...]:
    """The services of *project*, in its order.

    Raises:
        ComposeInvalid: a value has a shape that Compose refuses; every mistake at once.
    """
    mistakes: list[str] = []
    found = []
    for name, node in project.services.items():
        try:
            found.append(_read(project, name, node))
        except ValueError as error:
            mistakes.append(f"{node.place.file}:{node.place.line}: service `{name}`: {error}")
    if mistakes:
        raise ComposeInvalid(project.file, mistakes)
    return tuple(found)


def _read(project: Project, name: str, node: Node) -> Read:
    blind: dict[str, str] = {}
    environment = _environment(project, node, blind)
    image = node.get("image")
    if image is None or not image.text:
        if node.get("build") is None and node.get("provider") is None:
            raise ValueError("it has neither `image` nor `build`")
        blind["image"] = "the image is built here (`build`), so nobody knows what it is"
    elif worlds.image(image, World.WRITTEN) is None:
        blind["image"] = f"`{image.text}` is not known"
    for key, fields in _FIELDS.items():
        if (one := node.get(key)) and one.unknown:
            blind |= dict.fromkeys(fields, f"`{one.text}` is not known")
    return Read(
        name=name,
        node=node,
        environment=environment,
        mounts=tuple(volumes.mounted(node, project.section("volumes"))),
        ports=tuple(ports.publications(node.get("ports"))),
        blind=blind,
    )


def _environment(project: Project, node: Node, blind: dict[str, str]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    files = node.get("env_file")
    for one in files.items if files and not files.keys else [files] if files else []:
        found |= _from_file(project, one, found, blind)
    own = node.get("environment")
    for name, value in (as_pairs(own).keys if own else {}).items():
        if value.value is None and not value.unknown:  # from `.env`, else from the shell
            found[name] = (
                Node(project.variables[name], value.place)
                if name in project.variables
                else Node(f"${{{name}}}", value.place, unknown=(name,))
            )
        else:
            found[name] = value
    return found


def _from_file(
    project: Project, one: Node, known: Mapping[str, Node], blind: dict[str, str]
) -> dict[str, Node]:
    path, kind = (one.get("path") or one), one.get("format")
    required = one.get("required")
    file = project.directory / Path(path.text).expanduser()
    try:
        text = text_of(file)
    except ComposeUnreadable:
        if required is None or required.text != "false":
            blind["environment"] = f"the file `{path.text}` of `env_file` is not here"
        return {}
    before = {name: node.text for name, node in known.items() if not node.unknown}
    before |= project.variables
    raw = kind is not None and kind.text == "raw"
    place = path.place
    return {
        name: Node(value.text, place, unknown=value.unknown)
        for name, value in dotenv.parse(text, before, raw=raw).items()
    }
