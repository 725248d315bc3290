"""ObservabilityStack: who watches the stack, and tells people."""

from dataclasses import dataclass

import pulumi

from tame_components.domain.grouping import Part
from tame_components.resources._component import token
from tame_components.resources._group import services_of, urls_of
from tame_components.resources.media_network import MediaNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservabilityStackArgs:
    """What an ObservabilityStack needs."""

    network: MediaNetwork
    """Where it lives. Its topology says which services belong here."""


class ObservabilityStack(pulumi.ComponentResource):
    """The services of kind `observability`, with configuration that follows from the topology.

    What Prometheus asks, what is alerted on, which dashboards and links there are: nobody types it,
    `tame_components.generated` derives it from the same topology that the stack is made of.
    """

    urls: pulumi.Output[dict[str, str]]
    """Where each of its services is found from the bridge. Empty text: it has no UI."""

    def __init__(
        self, name: str, args: ObservabilityStackArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(token(ObservabilityStack), name, {}, opts)
        self.services = services_of(self, args.network, Part.OBSERVABILITY)
        self.urls = urls_of(self.services)
        self.register_outputs({"urls": self.urls})
