"""What an import keeps, loses and leaves to a person."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Lost:
    """Something of the Compose file that the settings do not hold."""

    service: str
    """Empty: it concerns the stack."""
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that a person has to decide or look up before `pulumi up`."""

    key: str
    """The setting, e.g. `tame:data.root`."""
    what: str


@dataclass(frozen=True, slots=True)
class SecretToSet:
    """A secret that the Compose file holds in plain text, and the settings must not."""

    key: str
    """`tame:secrets.<service>.<name>`; empty where TAME has no place for it."""
    service: str
    source: str
    """Where it stands now, by name; never its value."""
    command: str = ""


@dataclass(slots=True)
class Notes:
    """What is collected on the way."""

    lost: list[Lost] = field(default_factory=list)
    todo: list[Todo] = field(default_factory=list)
    secrets: list[SecretToSet] = field(default_factory=list)

    def lose(self, service: str, what: str, why: str) -> None:
        """Note something that is not carried, once."""
        one = Lost(service, what, why)
        if one not in self.lost:
            self.lost.append(one)

    def ask(self, key: str, what: str) -> None:
        """Note something that a person has to do, once."""
        one = Todo(key, what)
        if one not in self.todo:
            self.todo.append(one)


STATE = ": state"
"""How the key of a to-do about a service's state ends; `--adopt` does what it asks for."""

Settings = dict[str, Any]
"""The `tame:` keys without their prefix."""
