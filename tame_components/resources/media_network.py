"""MediaNetwork: where the services of a stack meet, and the tree they share."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_docker as docker
from pulumi_command import local

from tame_components.domain.rendering import container_of
from tame_components.domain.service import Service
from tame_components.domain.topology import Network, Topology
from tame_components.generated.host import missing_folders
from tame_components.resources import _container
from tame_components.resources._component import token
from tame_components.resources.host_preparation import HostPreparation, HostPreparationArgs
from tame_components.resources.secrets import StackSecrets
from tame_components.rules import enforce_stack, exempted, scope_of


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaNetworkArgs:
    """What a MediaNetwork needs."""

    topology: Topology
    """The stack, as plain facts."""
    secrets: StackSecrets
    """Where the services' keys and passwords come from."""
    engines: Mapping[str, docker.Provider] = field(default_factory=dict)
    """The Docker engines of the stack's other hosts, by their names in the settings."""


class MediaNetwork(pulumi.ComponentResource):
    """The stack's own bridge, its hidden networks, and its one data tree.

    Refuses a topology that breaks the doctrine, every violation at once, before anything is made;
    what an exemption allows is logged, one line each.

    Makes the folders of the tree and the services' state directories where they are missing, on
    an engine of this machine; with `preparation`, HostPreparation does that and more. Never removes
    a folder, and never makes the data root itself: without its marker the deployment stops.
    """

    networks: pulumi.Output[dict[str, str]]
    """Docker's id of each network, by name."""
    data_root: pulumi.Output[str]
    """The data tree on the host. Known once its folders are there."""

    def __init__(
        self, name: str, args: MediaNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        containers = {one.name: container_of(args.topology, one) for one in args.topology.services}
        today = dt.datetime.now(tz=dt.UTC).date().isoformat()  # exemptions expire
        scope = scope_of(args.topology, list(containers.values()), today=today)
        enforce_stack(scope)
        super().__init__(token(MediaNetwork), name, {}, opts)
        for line in exempted(scope):  # with and without the policy pack
            pulumi.log.warn(f"an exemption from the doctrine is in force: {line}", self)
        self.topology, self.secrets, self.containers = args.topology, args.secrets, containers
        self._engines = args.engines
        made = {
            f"{fact.name}{fact.host}": self._network(name, fact) for fact in args.topology.networks
        }
        prepared = self._prepared(name)
        tree = None if prepared else self._tree(name)
        first: list[pulumi.Resource | None] = [prepared, tree]
        self.ready = [*made.values(), *(one for one in first if one is not None)]
        self.networks = pulumi.Output.all(**{key: one.id for key, one in made.items()})
        root = pulumi.Output.from_input(args.topology.data.root)
        self.data_root = tree.stdout.apply(lambda _: args.topology.data.root) if tree else root
        if prepared:
            self.data_root = prepared.data_root
        self.register_outputs({"networks": self.networks, "data_root": self.data_root})

    def engine_of(self, service: Service) -> docker.Provider | None:
        """The engine that *service* runs on; None: the one that the stack is given."""
        return self._engines[service.host] if service.host else None

    def _network(self, name: str, fact: Network) -> docker.Network:
        short = fact.name.removeprefix(f"{self.topology.stack}-")
        return _container.network(
            f"{name}-{short}-{fact.host}" if fact.host else f"{name}-{short}",
            fact,
            self.topology.stack,
            pulumi.ResourceOptions(
                parent=self,
                provider=self._engines[fact.host] if fact.host else None,
                delete_before_replace=True,
                protect=self.topology.settings.protect or None,
            ),
        )

    def _prepared(self, name: str) -> HostPreparation | None:
        """The host, looked after; only where the settings ask for it."""
        if self.topology.settings.preparation is None:
            return None
        return HostPreparation(
            f"{name}-host",
            HostPreparationArgs(topology=self.topology, secrets=self.secrets),
            pulumi.ResourceOptions(parent=self),
        )

    def _tree(self, name: str) -> local.Command | None:
        """Makes the folders, where the engine is this machine's and nothing else was asked for."""
        if not self.topology.settings.local:
            return None
        script = missing_folders(self.topology)
        return local.Command(
            f"{name}-tree",
            create=script,
            update=script,
            logging=local.Logging.STDERR,
            opts=pulumi.ResourceOptions(parent=self),
        )
