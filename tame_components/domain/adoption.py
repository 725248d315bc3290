"""What a running Compose stack has that TAME takes over, as its files tell it."""

from typing import Literal

from pydantic import Field

from tame_components.domain.base import Frozen


class OldState(Frozen):
    """What holds the state of an old service."""

    kind: Literal["bind", "volume", "container"]
    """`container`: nothing is mounted, it lies in the container itself."""
    source: str
    """A directory of the engine's host; a volume's name; a container's name."""
    directory: str
    """Where the old container sees it."""
    unknown: tuple[str, ...] = ()
    """Variables in `source` that the files do not set."""

    @property
    def words(self) -> str:
        """For a person."""
        if self.kind == "bind":
            return f"`{self.source}`"
        if self.kind == "volume":
            return f"the volume `{self.source}`"
        return f"`{self.directory}` of the container `{self.source}`"


class OldService(Frozen):
    """A service of the Compose files that the new stack goes on with."""

    name: str
    """In the new stack."""
    app: str
    called: str
    """In the Compose files."""
    same_image: bool
    """Whether it ran the image that the catalog names, of whatever version."""
    state: OldState | None
    """None: the files mount nothing there. The running container may know better."""
    variables: dict[str, str] = Field(default_factory=dict)
    """Secrets that the Compose files hold: the variable -> the catalog's name of the secret."""
    says_user: bool
    """Whether it says which user it runs as, so that the settings have it."""


class OldStack(Frozen):
    """A Compose project that becomes the stack `stack`."""

    stack: str
    project: str
    """The Compose project's name, as the engine's labels have it."""
    files: tuple[str, ...]
    """Absolute paths of the Compose files, in order."""
    services: tuple[OldService, ...]
    retired: tuple[str, ...] = ()
    """Compose's names of services that must not run beside the new stack: the catalog refuses
    them."""

    @property
    def compose(self) -> tuple[str, ...]:
        """The Docker Compose command for the project, without its verb."""
        files = (word for file in self.files for word in ("-f", file))
        return ("docker", "compose", *files, "-p", self.project)
