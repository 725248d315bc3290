"""Machines that a stack runs on, and what is looked after there."""

from typing import Annotated, Literal

from pydantic import Field

from tame_components.domain.base import Frozen
from tame_components.domain.paths import HostPath
from tame_components.domain.setting_types import Address, PortNumber, Schedule
from tame_components.domain.snapshot_hook import SnapshotHook


_SOCKET = "unix://"


def socket_of(engine: str) -> str | None:
    """The path of the socket of *engine*; None: it is another machine's."""
    return engine.removeprefix(_SOCKET) if is_local(engine) else None


def is_local(engine: str) -> bool:
    """Whether *engine* runs on this machine: its files, processes and addresses can be met here."""
    return engine.startswith(_SOCKET)


class HostSettings(Frozen):
    """Another machine with a Docker engine, e.g. one with the GPU."""

    engine: str = Field(pattern=r"^(unix:///|tcp://|ssh://).+")
    """Its Docker engine, e.g. `ssh://root@gpu-box`."""
    address: Address
    """Under which the other machines of the stack reach it."""
    data_root: HostPath | None = None
    """Where it sees the one data tree, e.g. over NFS. Default: the stack's own path."""
    config_root: HostPath | None = None
    """A local directory of it. Default: the stack's own path."""


class SshSettings(Frozen):
    """How the host of the engine is reached; the key is `tame:secrets.host.ssh-key`."""

    host: str = Field(min_length=1)
    """Its name or address."""
    port: PortNumber = 22
    """Of its SSH server."""
    user: str = Field(default="root", pattern=r"^[a-z_][a-z0-9_-]{0,31}$")
    """Who may write below the data root and the config root."""
    host_key: str | None = Field(default=None, pattern=r"^(ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/]+=*$")
    """What the server must prove to be: a line of `ssh-keyscan HOST` without the host's name.
    Default: nobody checks, so use it on a network that you trust alone."""


class PreparationSettings(Frozen):
    """What TAME looks after on the host."""

    over: SshSettings | None = None
    """Default: this machine is the host."""
    prune_images: Schedule | None = None
    """When images that nothing uses, older than two weeks, go. Default: never."""
    log_rotation: bool = True
    """Whether the engine's own default is to keep 3 logs of 10 MB of each container."""
    umask: Literal["002", "007"] = "002"
    """Of what a person makes below the data root by hand: a default access list is set."""
    snapshot_hook: SnapshotHook | None = None
    """A snapshot of the whole machine or file system, weekly and before each promotion."""
    file_systems: Annotated[tuple[HostPath, ...], Field(max_length=16)] = ()
    """Further mount points that must be mounted before anything starts."""
