"""How image registries are reached."""

from pydantic import Field

from tame_components.domain.base import Frozen


class RegistrySettings(Frozen):
    """Where images come from, where that is not simply their own registry."""

    mirrors: dict[str, str] = Field(default_factory=dict)
    """The URL that is asked in place of a registry, e.g. `docker.io: https://mirror.lan`. The
    Docker engine has settings of its own for what it pulls."""
    login_file: str = "~/.docker/config.json"
    """Where `docker login` keeps names and tokens. Only what it holds itself is used, no helper."""
