"""LiveTv: tuners, guides and the files that players read of them."""

from dataclasses import dataclass

import pulumi

from tame_components.domain.grouping import Part
from tame_components.resources._component import token
from tame_components.resources._group import services_of, urls_of
from tame_components.resources.media_network import MediaNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveTvArgs:
    """What a LiveTv needs."""

    network: MediaNetwork
    """Where it lives. Its topology says which services belong here."""


class LiveTv(pulumi.ComponentResource):
    """Tuner proxies (as many as there are services), guide grabbers, and their file server.

    Each is an ordinary service; players find them by the wires that the catalog declares.
    """

    urls: pulumi.Output[dict[str, str]]
    """Where each of its services is found from the bridge. Empty text: it has no UI."""

    def __init__(
        self, name: str, args: LiveTvArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(token(LiveTv), name, {}, opts)
        self.services = services_of(self, args.network, Part.LIVE_TV)
        self.urls = urls_of(self.services)
        self.register_outputs({"urls": self.urls})
