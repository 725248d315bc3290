"""MediaNetwork: where the services of a stack meet, and the tree they share."""

import datetime as dt
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_docker as docker
from pulumi_command import local

from tame_components.domain.paths import MARKER
from tame_components.domain.rendering import container_of, owner_of, state_directory
from tame_components.domain.service import Service
from tame_components.domain.topology import Network, Topology
from tame_components.resources import _container
from tame_components.resources._component import token
from tame_components.resources.host_preparation import HostPreparation, HostPreparationArgs
from tame_components.resources.secrets import StackSecrets
from tame_components.rules import enforce_stack, scope_of


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

    Refuses a topology that breaks the doctrine, every violation at once, before anything is made.

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
        enforce_stack(scope_of(args.topology, list(containers.values()), today=today))
        super().__init__(token(MediaNetwork), name, {}, opts)
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
        if not self.topology.settings.engine.startswith("unix://"):
            return None
        script = tree_script(self.topology)
        return local.Command(
            f"{name}-tree",
            create=script,
            update=script,
            logging=local.Logging.STDERR,
            opts=pulumi.ResourceOptions(parent=self),
        )


def tree_script(topology: Topology) -> str:
    """A POSIX script that makes what is missing below the data and the config root.

    Running it twice changes nothing. Folders that exist keep their owner and mode: they are the
    user's. New ones of the data tree belong to the one group, which every service writes as (umask
    002), and hand the group on to what is made below; a new state directory is its service's.
    """
    data, gid = topology.data, topology.settings.identity.gid
    marker = shlex.quote(f"{data.root}/{MARKER}")
    missing = shlex.quote(
        f"the data root {data.root} has no marker file {MARKER}: is its disk mounted? [TAME503]"
    )
    lines = [
        "set -eu",
        f"[ -e {marker} ] || {{ echo {missing} >&2; exit 1; }}",
        "shared() {",
        '  [ -d "$1" ] && return',
        '  shared "$(dirname "$1")"',
        f'  mkdir "$1" && chgrp {gid} "$1" && chmod 2775 "$1"',
        "}",
        'own() { [ -d "$1" ] || { mkdir -p "$1" && chown "$2" "$1" && chmod 0750 "$1"; }; }',
        *(f"shared {shlex.quote(f'{data.root}/{folder}')}" for folder in data.folders),
        *(
            f"own {shlex.quote(directory)} {owner_of(topology, service)}"
            for service in topology.services
            if not service.host and (directory := state_directory(topology, service))
        ),
    ]
    return "\n".join(lines) + "\n"
