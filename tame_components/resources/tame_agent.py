"""TameAgent: the control loop that keeps the stack healthy."""

from dataclasses import dataclass

import pulumi

from tame_components.domain.grouping import Part
from tame_components.resources._component import token
from tame_components.resources._group import services_of, urls_of
from tame_components.resources.media_network import MediaNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class TameAgentArgs:
    """What a TameAgent needs."""

    network: MediaNetwork
    """Where it lives. Its topology says which services belong here."""


class TameAgent(pulumi.ComponentResource):
    """The agent, and the filtering proxy through which alone it touches the Docker engine.

    Declared here; `up` never needs it, and it never needs the command line.
    """

    urls: pulumi.Output[dict[str, str]]
    """Where each of its services is found from the bridge. Empty text: it has no UI."""

    def __init__(
        self, name: str, args: TameAgentArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(token(TameAgent), name, {}, opts)
        self.services = services_of(self, args.network, Part.AGENT)
        self.urls = urls_of(self.services)
        self.register_outputs({"urls": self.urls})
