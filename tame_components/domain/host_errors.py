"""What stops the preparation of a host. The scripts that run there print the same texts."""

from tame_components.domain.errors import HostError, SettingsError


class PreparationElsewhere(SettingsError):
    """The engine is on another machine, and nobody said how to get there."""

    code = "TAME881"

    def __init__(self, engine: str) -> None:
        super().__init__(
            f"`preparation` without `over`, and the engine is not on this machine: `{engine}`",
            hint="name the host in `preparation.over`, or remove `preparation`",
        )


class FileSystemMissing(HostError):
    """A file system of `preparation.file_systems` is not mounted."""

    code = "TAME882"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"nothing is mounted at `{path}`; nothing was changed",
            hint=f"mount it (`findmnt {path}` shows nothing now), or correct "
            "`preparation.file_systems`",
        )


class ConfigOnNetworkShare(HostError):
    """The services' databases would lie on a network file system."""

    code = "TAME883"

    def __init__(self, config_root: str) -> None:
        super().__init__(
            f"the config root `{config_root}` lies on a network share; nothing was changed",
            hint="choose a directory of a local disk: SQLite loses data on a share",
        )


class PruningImpossible(HostError):
    """The host has no scheduler that could remove images."""

    code = "TAME884"

    def __init__(self, why: str, arguments: str) -> None:
        super().__init__(
            f"images cannot be pruned by schedule on this host: {why}",
            hint="remove `preparation.prune_images`, and let the host's own scheduler run "
            f"`docker {arguments}`",
        )


class HostNotOurs(HostError):
    """The user that prepares the host may not give directories to others."""

    code = "TAME885"

    def __init__(self, root: str) -> None:
        super().__init__(
            f"owner and mode of what is below `{root}` cannot be set",
            hint="run as root, or name a user in `preparation.over` who may: a directory is given "
            "to the service that writes it",
        )


class NoTimer(HostError):
    """The host has no scheduler that TAME can use for snapshots."""

    code = "TAME887"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"`{key}` needs systemd on the host, which does not run there",
            hint=f"set `{key}: null`, and let the host's own scheduler take snapshots",
        )


class SnapshotHookFailed(HostError):
    """The snapshot that comes before a promotion could not be taken."""

    code = "TAME888"

    def __init__(self, kind: str, of: str, why: str) -> None:
        super().__init__(
            f"the {kind} snapshot of `{of}` failed, so nothing was changed: {why}",
            hint="run the command by hand on the host that has it; `preparation.snapshot_hook` with"
            " `before_promotion: false` promotes without one",
        )
