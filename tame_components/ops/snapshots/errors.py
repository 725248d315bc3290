"""Errors of snapshots and restores.

SnapshotError   ResticMissing  RepositoryRefused  RepositoryInUse  SnapshotsElsewhere
                NothingToSnapshot  DatabaseUnsound  CopyFailed  SpaceMissing  SnapshotUnknown
                VersionDiffers  RestoreUndone  SnapshotsBusy  ServiceNotBack  SnapshotIncomplete
                RestoreUnconfirmed  PasswordMissing  JournalUnreadable  SnapshotsFailed
"""

from collections.abc import Iterable, Mapping, Sequence

from tame_components.domain.errors import TameError, listed


class SnapshotError(TameError):
    """A snapshot cannot be made, kept or brought back."""


class ResticMissing(SnapshotError):
    """There is no `restic` program."""

    code = "TAME821"

    def __init__(self) -> None:
        super().__init__(
            "no `restic` on PATH; nothing was stopped",
            hint="install it: `apt-get install restic`, `brew install restic`, "
            "or see https://restic.readthedocs.io/en/stable/020_installation.html",
        )


class RepositoryRefused(SnapshotError):
    """restic could not do what it was asked."""

    code = "TAME822"

    def __init__(self, repository: str, verb: str, why: str) -> None:
        self.why = why
        super().__init__(
            f"`restic {verb}` failed on the repository `{repository}`: {why}",
            hint="the message is restic's own; the services run as before",
        )


class RepositoryInUse(SnapshotError):
    """Another restic holds the repository's lock."""

    code = "TAME823"

    def __init__(self, repository: str, why: str) -> None:
        super().__init__(
            f"the repository `{repository}` is locked: {why}",
            hint="wait for the program that uses it; the lock of a dead one on this machine is "
            "taken away by itself, another machine's with `restic unlock` there",
        )


class SnapshotsElsewhere(SnapshotError):
    """The state directories lie on another machine."""

    code = "TAME824"

    def __init__(self, engine: str) -> None:
        super().__init__(
            f"the files of the stack lie where its engine is: `{engine}`, not on this machine",
            hint="run this verb of `tame` there",
        )


class NothingToSnapshot(SnapshotError):
    """A service keeps nothing that a snapshot could hold."""

    code = "TAME825"

    def __init__(self, service: str, why: str, others: Iterable[str]) -> None:
        super().__init__(
            f"there is nothing to snapshot of `{service}`: {why}",
            hint=f"these services can be snapshotted: {listed(others)}",
        )


class DatabaseUnsound(SnapshotError):
    """A database is damaged or empty, so a copy of it does not count."""

    code = "TAME826"

    def __init__(self, service: str, file: str, why: str) -> None:
        super().__init__(
            f"the database `{file}` of `{service}` is not sound: {why}; no snapshot was made of it",
            hint=f"earlier snapshots are untouched: `tame restore {service}` brings back the "
            f"newest one, `tame backup --list {service}` shows them",
        )


class CopyFailed(SnapshotError):
    """Files of a service could not be read or written."""

    code = "TAME827"

    def __init__(self, service: str, path: str, why: str) -> None:
        super().__init__(
            f"cannot copy the state of `{service}`: `{path}`: {why}",
            hint="files of several users are read and written: run it as root",
        )


class SpaceMissing(SnapshotError):
    """A copy would fill the disk."""

    code = "TAME828"

    def __init__(self, place: str, needed_mib: int, free_mib: int) -> None:
        super().__init__(
            f"the copy needs {needed_mib} MiB at `{place}`, and {free_mib} MiB are free; "
            "nothing was stopped",
            hint="free some space; old quarantine directories below `.snapshots` may go",
        )


class SnapshotUnknown(SnapshotError):
    """No snapshot of a service has this id, or there is none at all."""

    code = "TAME829"

    def __init__(self, service: str, asked: str | None, known: Sequence[str]) -> None:
        what = f"no snapshot `{asked}` of `{service}`" if asked else f"no snapshot of `{service}`"
        super().__init__(
            f"{what}; the repository has {listed(known)}",
            hint=f"`tame backup --list {service}` shows them; `tame backup` makes one",
        )


class VersionDiffers(SnapshotError):
    """The snapshot was made by another version of the application."""

    code = "TAME830"

    def __init__(self, service: str, then: str, now: str) -> None:
        super().__init__(
            f"the snapshot of `{service}` was made by `{then}`, and `{now}` is deployed; "
            "nothing was stopped",
            hint="a newer database breaks an older program: deploy the snapshot's version first, "
            "or say `--force` if you know that this one can read it",
        )


class RestoreUndone(SnapshotError):
    """A restore failed after the service was stopped; what was there before is back."""

    code = "TAME831"

    def __init__(self, service: str, why: str) -> None:
        super().__init__(
            f"the restore of `{service}` was undone: {why}; the state from before is back",
            hint=f"`tame doctor` says how the service is; try another snapshot: "
            f"`tame backup --list {service}`",
        )


class SnapshotsBusy(SnapshotError):
    """Another backup or restore of the stack is running."""

    code = "TAME832"

    def __init__(self, stack: str, holder: str) -> None:
        super().__init__(
            f"a backup or restore of `{stack}` is running: {holder}",
            hint="wait for it; two at once would stop what the other one starts",
        )


class ServiceNotBack(SnapshotError):
    """A service that was stopped could not be started again."""

    code = "TAME833"

    def __init__(self, services: Mapping[str, str]) -> None:
        lines = "".join(f"\n  {name}: {why}" for name, why in sorted(services.items()))
        super().__init__(
            f"stopped, and could not be started again:{lines}",
            hint="mend what the lines name, then `tame backup --recover` starts them",
        )


class SnapshotIncomplete(SnapshotError):
    """What came out of the repository is not what was put in."""

    code = "TAME834"

    def __init__(self, service: str, snapshot: str, differences: Sequence[str]) -> None:
        lines = "".join(f"\n  {difference}" for difference in differences)
        super().__init__(
            f"the snapshot `{snapshot}` of `{service}` is not what was saved; "
            f"nothing was stopped:{lines}",
            hint="choose an older one, and look after the repository: `tame backup --check`",
        )


class RestoreUnconfirmed(SnapshotError):
    """Nobody said yes to a restore."""

    code = "TAME835"

    def __init__(self, service: str) -> None:
        super().__init__(
            f"the restore of `{service}` was not confirmed; nothing was stopped",
            hint="read the plan, then say yes, or `--yes` where nobody can answer",
        )


class PasswordMissing(SnapshotError):
    """The root secret, which the repository's password is derived from, cannot be read."""

    code = "TAME836"

    def __init__(self, key: str, why: str) -> None:
        super().__init__(
            f"cannot read `{key}`, which the repository's password comes from: {why}",
            hint="`pulumi stack ls` must list the stack, the passphrase must be set, and "
            "`tame config` says whether the secret is there",
        )


class JournalUnreadable(SnapshotError):
    """The note of what an interrupted run had stopped is damaged."""

    code = "TAME837"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(
            f"cannot read the journal `{path}` of an interrupted backup: {why}",
            hint="start the stack's stopped services by hand, then remove the file",
        )


class SnapshotsFailed(SnapshotError):
    """Some services were not snapshotted; the others were."""

    code = "TAME838"

    def __init__(self, failures: Mapping[str, str], made: Iterable[str]) -> None:
        lines = "".join(f"\n  {name}: {why}" for name, why in sorted(failures.items()))
        super().__init__(
            f"{len(failures)} not snapshotted:{lines}\nsnapshotted: {listed(made)}",
            hint="every service that ran runs again; mend what the lines name and repeat",
        )
