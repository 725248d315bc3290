"""HostPreparation: what the engine's host needs before the first container."""

import shlex
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_command import local

from tame_components.domain.errors import SecretMissing
from tame_components.domain.host_errors import PreparationElsewhere
from tame_components.domain.hosts import SshSettings
from tame_components.domain.topology import Topology
from tame_components.generated import host
from tame_components.resources._component import token
from tame_components.resources.secrets import StackSecrets


if TYPE_CHECKING:
    from pulumi_command import remote

SSH_KEY = "host.ssh-key"
"""The private key, below `tame:secrets`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HostPreparationArgs:
    """What a HostPreparation needs."""

    topology: Topology
    """The stack, as plain facts; `preparation` of its settings says what is wanted."""
    secrets: StackSecrets
    """Where the key comes from, if the host is reached over SSH."""


class HostPreparation(pulumi.ComponentResource):
    """The host of the stack's engine, checked and looked after, here or over SSH.

    Stops before anything is made where the data tree has no marker, a file system is not mounted or
    the config root lies on a network share. Then makes the folders, gives those of the tree to the
    one group with a default access list for the umask, schedules the removal of old images, and
    makes rotation of logs the engine's default. Runs again when what it says changes, not at each
    deployment.

    Never formats or mounts, never changes what lies in a folder, never restarts the engine. Where
    it goes, the schedule goes with it; folders, access lists and the engine's settings stay.
    """

    data_root: pulumi.Output[str]
    """The data tree on the host. Known once its folders are there."""
    notes: pulumi.Output[list[str]]
    """What could not be looked after, and what is left to a person; a line each."""

    def __init__(
        self, name: str, args: HostPreparationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        topology = args.topology
        _refuse(args)
        super().__init__(token(HostPreparation), name, {}, opts)
        self._over = _over(topology)
        self._key = args.secrets.given.get(SSH_KEY)
        checks = self._run(f"{name}-checks", host.checks(topology), [])
        tree = self._run(f"{name}-tree", host.tree(topology), [checks])
        made = [checks, tree]
        if pruning := host.pruning(topology):
            made.append(self._run(f"{name}-prune", pruning.start, [checks], pruning.stop))
        if weekly := host.weekly_snapshots(topology):
            made.append(self._run(f"{name}-snapshots", weekly.start, [checks], weekly.stop))
        if rotation := host.log_rotation(topology):
            made.append(self._run(f"{name}-logs", rotation, [checks]))
        self.data_root = tree.stdout.apply(lambda _: topology.data.root)
        self.notes = pulumi.Output.all(*(one.stdout for one in made)).apply(_lines)
        self.register_outputs({"data_root": self.data_root, "notes": self.notes})

    def _run(
        self, name: str, script: str, after: list[pulumi.Resource], at_the_end: str | None = None
    ) -> "local.Command | remote.Command":
        opts = pulumi.ResourceOptions(parent=self, depends_on=after)
        if self._over is not None:
            return _remote_command(name, script, at_the_end, opts, over=self._over, key=self._key)
        return local.Command(
            name,
            create=script,
            update=script,
            delete=at_the_end,
            logging=local.Logging.STDERR,
            opts=opts,
        )


def _refuse(args: HostPreparationArgs) -> None:
    """A host that cannot be reached as the settings stand."""
    over = _over(args.topology)
    if over is None and not args.topology.settings.local:
        raise PreparationElsewhere(args.topology.settings.engine)
    if over is not None and SSH_KEY not in args.secrets.given:
        raise SecretMissing([f"tame:secrets.{SSH_KEY}"], args.topology.stack)


def _over(topology: Topology) -> SshSettings | None:
    preparation = topology.settings.preparation
    return preparation.over if preparation else None


def _remote_command(
    name: str,
    script: str,
    at_the_end: str | None,
    opts: pulumi.ResourceOptions,
    *,
    over: SshSettings,
    key: pulumi.Input[str] | None,
) -> "remote.Command":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a neighbour in the same package
        from pulumi_command import remote  # noqa: PLC0415 - see above; and most hosts are local

        connection = remote.ConnectionArgs(
            host=over.host,
            port=over.port,
            user=over.user,
            host_key=over.host_key,
            private_key=None if key is None else pulumi.Output.secret(key),
        )
    return remote.Command(
        name,
        connection=connection,
        create=_by_sh(script),
        update=_by_sh(script),
        delete=at_the_end and _by_sh(at_the_end),
        logging=remote.Logging.STDERR,
        opts=opts,
    )


def _by_sh(script: str) -> str:
    """*script* for a POSIX shell, whatever the user's login shell is."""
    return shlex.join(["sh", "-c", script])


def _lines(printed: list[str]) -> list[str]:
    return [line for text in printed for line in (text or "").splitlines()]
