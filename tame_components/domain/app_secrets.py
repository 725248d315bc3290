"""The secrets that an application takes, and how they enter its container."""

from enum import StrEnum
from typing import Literal

from tame_components.domain.base import Sourced
from tame_components.domain.secrets import Kind


class SecretEntry(StrEnum):
    """How a secret gets into the container."""

    FILE = "file"
    """The application reads the file itself; `variable`, where given, holds its path."""
    FILE_VARIABLE = "file-variable"
    """linuxserver's `FILE__NAME`: the init reads the file into the variable NAME."""
    VARIABLE = "variable"
    """Plain environment: the image knows nothing better. Readable through the Docker socket."""
    SEED = "seed"
    """A script of `[seed]` writes it into the application's own file at each start."""


class Secret(Sourced):
    """A secret that the application takes from outside."""

    name: str
    """`api-key` for the key that other services use."""
    derive: Literal["hex32", "password", "pbkdf2-qbittorrent", "given", "borrowed"]
    """How it comes from the root secret; `given`: a person has to supply it; `borrowed`: it is
    the secret `lent` of each service that is called for `offer` (`*`: for anything)."""
    offer: str | None = None
    """For `borrowed` alone. `{service}` in `path` and `variable` is the lender's name."""
    lent: str = "api-key"
    enters: SecretEntry
    variable: str | None = None
    path: str | None = None
    """Where the file lies in the container. Default: `/run/secrets/<name>`."""
    template: str = "{value}"
    """What is written, with `{value}` for the secret: some programs want it inside JSON."""
    optional: bool = False
    """Whether the application also starts without it."""

    @property
    def kind(self) -> Kind | None:
        """How it is derived; None where it is not."""
        match self.derive:
            case "given" | "borrowed":
                return None
            case kind:
                return kind

    @property
    def file(self) -> str:
        """Where the file lies in the container."""
        return self.path or f"/run/secrets/{self.name}"


class Seed(Sourced):
    """A script that linuxserver's init runs as root before the application starts.

    It makes sure that settings which exist only in the application's own file have the wanted
    value; it must be idempotent, keep everything else in the file, and use only `programs`.
    """

    script: str
