"""How people reach the user plane from outside."""

from typing import Literal

from pydantic import Field

from tame_components.domain.base import Frozen
from tame_components.domain.setting_types import HostName, Name


class RemoteAccessSettings(Frozen):
    """The tunnel, the reverse proxy, and the names in front of them.

    The services themselves (cloudflared, the proxy, Authelia) are in `services`.
    """

    domain: HostName
    """The zone that all names below belong to, e.g. `example.org`."""
    hosts: dict[Name, HostName] = Field(default_factory=dict)
    """The public name of a service. Default: `<service>.<domain>` for the user plane; a service of
    the operator plane is reachable only if it is named here, and only behind `sign_on`."""
    tunnel: str | None = Field(default=None, pattern=r"^[0-9a-f-]{36}$")
    """The id of the Cloudflare tunnel; its token is a secret. Default: the token's own."""
    sign_on: Literal["authelia"] | None = None
    """Who asks for a login before the operator plane. Default: it is not reachable."""
