"""A plan to take over a running stack, as plain facts; its JSON is stable."""

from typing import Literal

from tame_components.domain.adoption import OldState
from tame_components.domain.base import Frozen


ADOPTED = ".tame-adopted"
"""The file in a state directory that says: copied, checked, and from now on the new stack's."""

Kind = Literal[
    "settings", "stack", "secret", "mark", "stop", "state", "owner", "deploy", "remove", "note"
]
Old = Literal["keep", "stop", "remove"]
"""What may become of the old containers."""


class Step(Frozen):
    """One step of the plan, for a person."""

    kind: Kind
    service: str
    """Empty: it concerns the stack."""
    what: str
    by: Literal["tame", "old-stop", "old-remove", "you"] = "tame"
    """Who does it: `tame` with the first yes; `old-stop` and `old-remove` with a yes of their own;
    `you`: nobody but a person."""
    command: str = ""
    """What does the same by hand. Empty: nothing has to be run."""
    done: bool = False
    """Whether it is seen to be done already."""


class Key(Frozen):
    """A secret of an old service that the new one goes on with."""

    service: str
    app: str
    secret: str
    path: str
    """Where Pulumi keeps it: `tame:secrets.<service>.<secret>`."""
    variable: str = ""
    """The old container's variable that holds it, or points to its file; wins over *files*."""
    files: tuple[str, ...] = ()
    """Below the state directory; the first that has it counts."""
    stored: bool = False

    @property
    def source(self) -> str:
        """Where it is read, by name."""
        return f"`{self.variable}`" if self.variable else f"`{self.files[0]}`"


class Move(Frozen):
    """The state of one service, on its way to where the new stack expects it."""

    stack: str
    service: str
    app: str
    state: OldState
    target: str
    """A directory of the engine's host."""
    container: str = ""
    """The old container's id. Empty: there is none, so its volume or directory is read itself."""
    image: str = ""
    """An image that is on the engine, of the old container."""
    stays: bool = False
    """Whether the state lies there already, because it always did."""
    copied: bool = False
    """Whether an earlier run has put it there."""
    stale: bool = False
    """Whether the old container ran again after that, so that what it wrote is not in the copy."""

    @property
    def ready(self) -> bool:
        """Whether nothing has to be copied any more."""
        return self.stays or self.copied


class Victim(Frozen):
    """An old container that is stopped, and later removed."""

    id: str
    name: str
    called: str
    """Compose's name of the service."""
    service: str
    """Of the new stack; empty: nothing takes its place."""
    running: bool
    grace: int
    """Seconds that it gets to end."""
    joins: bool
    on_demand: bool = False
    """Whether its successor runs only when it is asked to."""


class Plan(Frozen):
    """Everything that is to be done."""

    stack: str
    engine: str
    file: str
    """The settings file."""
    settings: Literal["write", "same", "kept", "replace"]
    """What becomes of it."""
    root_secret: bool
    """Whether the root secret still has to be made."""
    keys: tuple[Key, ...] = ()
    mark: str = ""
    """The data root that gets its marker; empty: it has one, or nobody knows it."""
    moves: tuple[Move, ...] = ()
    victims: tuple[Victim, ...] = ()
    steps: tuple[Step, ...] = ()
    """All of it in words, in order."""

    @property
    def left(self) -> tuple[Step, ...]:
        """What TAME would do with the first yes."""
        return tuple(one for one in self.steps if one.by == "tame" and not one.done)
