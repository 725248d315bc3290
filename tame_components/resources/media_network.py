"""MediaNetwork: where the services of a stack meet, and the tree they share."""

import shlex
from dataclasses import dataclass

import pulumi
from pulumi_command import local

from tame_components.domain.paths import MARKER
from tame_components.domain.topology import Topology
from tame_components.resources import _container
from tame_components.resources._component import token
from tame_components.resources.secrets import StackSecrets


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaNetworkArgs:
    """What a MediaNetwork needs."""

    topology: Topology
    """The stack, as plain facts."""
    secrets: StackSecrets
    """Where the services' keys and passwords come from."""


class MediaNetwork(pulumi.ComponentResource):
    """The stack's own bridge, its hidden networks, and its one data tree.

    Makes the folders below the data root that are not there, on an engine of this machine. Never
    removes a folder, never makes the root itself: without its marker file the deployment stops.
    """

    networks: pulumi.Output[dict[str, str]]
    """Docker's id of each network, by name."""
    data_root: pulumi.Output[str]
    """The data tree on the host. Known once its folders are there."""

    def __init__(
        self, name: str, args: MediaNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(token(MediaNetwork), name, {}, opts)
        self.topology = args.topology
        self.secrets = args.secrets
        ours = pulumi.ResourceOptions(
            parent=self, delete_before_replace=True, protect=args.topology.settings.protect or None
        )
        made = {
            fact.name: _container.network(
                f"{name}-{fact.name.removeprefix(f'{args.topology.stack}-')}",
                fact,
                args.topology.stack,
                ours,
            )
            for fact in args.topology.networks
        }
        tree = self._tree(name)
        self.ready: list[pulumi.Resource] = [*made.values(), *([tree] if tree else [])]
        self.networks = pulumi.Output.all(**{key: one.id for key, one in made.items()})
        root = pulumi.Output.from_input(args.topology.data.root)
        self.data_root = tree.stdout.apply(lambda _: args.topology.data.root) if tree else root
        self.register_outputs({"networks": self.networks, "data_root": self.data_root})

    def _tree(self, name: str) -> local.Command | None:
        """Makes the folders, where the engine is this machine's."""
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
    """A POSIX script that makes the folders of the data tree; running it twice changes nothing.

    Folders that exist keep their owner and mode: they are the user's. New ones belong to the one
    group, which every service writes as (umask 002), and hand the group on to what is made below.
    """
    data, gid = topology.data, topology.settings.identity.gid
    marker = shlex.quote(f"{data.root}/{MARKER}")
    missing = shlex.quote(
        f"the data root {data.root} has no marker file {MARKER}: is its disk mounted? [TAME503]"
    )
    folders = " ".join(shlex.quote(f"{data.root}/{folder}") for folder in data.folders)
    return (
        f"set -eu\n"
        f"[ -e {marker} ] || {{ echo {missing} >&2; exit 1; }}\n"
        f"make() {{\n"
        f'  [ -d "$1" ] && return\n'
        f'  make "$(dirname "$1")"\n'
        f'  mkdir "$1" && chgrp {gid} "$1" && chmod 2775 "$1"\n'
        f"}}\n"
        f'for folder in {folders}; do make "$folder"; done\n'
    )
