"""An application in a stack."""

from tame_components.domain.app import App
from tame_components.domain.base import Frozen
from tame_components.domain.container import PublishedPort
from tame_components.domain.image import ImageReference
from tame_components.domain.planes import Plane


class Service(Frozen):
    """One application of the catalog, as one stack runs it."""

    name: str
    app: App
    image: ImageReference
    plane: Plane
    uid: int
    through: str | None = None
    """The VPN gateway whose network namespace it lives in."""
    host_network: bool = False
    published: tuple[PublishedPort, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    """Further plain variables that the settings ask for."""
    memory_mb: int
    gpu: bool = False
    """Whether it gets the stack's GPU."""
    host: str = ""
    """The machine of the stack's `hosts` that it runs on. Empty: the stack's own engine."""
    uses: tuple[str, ...] | None = None
    """The services that it calls. None: each that offers what it needs."""
    rotation: int = 0

    @property
    def home(self) -> str:
        """The service whose network namespace it has: its gateway's, or its own."""
        return self.through or self.name

    def may_call(self, other: str) -> bool:
        """Whether the settings let it call the service *other*, if that offers what it needs."""
        return other != self.name and (self.uses is None or other in self.uses)

    @property
    def backed_up(self) -> bool:
        """Whether backups and snapshots take its state; other machines are out of reach."""
        return self.app.keeps and not self.host

    @property
    def url(self) -> str:
        """Its UI on its own bridge. Empty: it has none, or is on the host's network, unnamed."""
        port = None if self.host_network else self.app.port()
        return f"{port.scheme}://{self.home}:{port.number}" if port else ""
