"""Where snapshots are kept: encrypted, deduplicated, interruptible at any point; restic's."""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tame_components.domain.backup import Retention
from tame_components.domain.base import Frozen
from tame_components.ops.snapshots.catalogue import FILE, STATE, WAY_BACK, Entry
from tame_components.ops.snapshots.errors import RepositoryRefused
from tame_components.ops.snapshots.restic import Restic


Progress = Callable[[float], None]
"""Is told the share that is done, 0 to 1."""

_WAY_BACK_DAYS = 90
"""Days that the snapshots before promotions and rollbacks stay."""
_NO_REPOSITORY = ("Is there a repository at the following location", "repository does not exist")


class Saved(Frozen):
    """What `save` did."""

    id: str
    """restic's short id."""
    added: int
    """Bytes that the repository did not have yet, before compression."""


class Repository:
    """One restic repository."""

    def __init__(
        self,
        place: str,
        password: str,
        *,
        host: str,
        inherit: Sequence[int] = (),
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Nothing is started yet.

        Args:
            place: a directory, or any of restic's remote places, e.g. `rclone:gdrive:tame`.
            password: of the repository.
            host: what snapshots are filed under: the stack.
            inherit: descriptors that every restic keeps open while it lives.
            say: is told of waiting.
        """
        self.place = place
        self._restic = Restic(place, password, tuple(inherit), say)
        self._host = host

    def ensure(self) -> None:
        """Make the repository where it is missing, and prove that the password opens it.

        Raises:
            ResticMissing, RepositoryRefused, RepositoryInUse: it cannot be used.
        """
        try:
            self._restic.run("cat", "config")
        except RepositoryRefused as error:
            if not _is_missing(error):
                raise
            self._make()

    def entries(self) -> tuple[Entry, ...]:
        """Every snapshot that TAME made of the stack, oldest first; none without a repository."""
        try:
            listed = json.loads(self._restic.run("snapshots", "--json", "--host", self._host))
        except RepositoryRefused as error:
            if _is_missing(error):
                return ()
            raise
        found = [entry for one in listed or () if (entry := Entry.read(one)) is not None]
        return tuple(sorted(found, key=lambda entry: entry.time))

    def save(self, folder: Path, tags: Sequence[str], progress: Progress) -> Saved:
        """Store what is in *folder*: the state and the record.

        A snapshot from which restic left something out does not stay.

        Raises:
            RepositoryRefused: not everything was stored.
        """
        arguments = [f"--tag={tag}" for tag in tags]
        summary: dict[str, Any] = {}

        def read(line: str) -> None:
            message = _message(line)
            if message.get("message_type") == "status":
                progress(float(message.get("percent_done", 0)))
            elif message.get("message_type") == "summary":
                summary.update(message)

        try:
            self._restic.run(
                *("backup", "--json", "--host", self._host, *arguments, STATE, FILE),
                cwd=folder,
                each_line=read,
            )
        except RepositoryRefused:
            if "snapshot_id" in summary:
                self.forget_one(str(summary["snapshot_id"]))
            raise
        if "snapshot_id" not in summary:
            raise RepositoryRefused(self.place, "backup", "it did not say what it stored")
        return Saved(id=str(summary["snapshot_id"])[:8], added=int(summary.get("data_added", 0)))

    def record(self, snapshot: str) -> bytes:
        """The record in *snapshot*."""
        return self._restic.run("dump", snapshot, f"/{FILE}").encode()

    def restore(self, snapshot: str, folder: Path) -> None:
        """Bring *snapshot* back into *folder*, with owners and modes, and read it once more."""
        self._restic.run("restore", snapshot, "--target", str(folder), "--verify")

    def check(self, subset: str | None = None) -> None:
        """Look whether the repository holds together.

        Args:
            subset: how much of its data is read too, e.g. `5%` or `100%`. Default: none.
        """
        more = (f"--read-data-subset={subset}",) if subset else ()
        self._restic.run("check", *more)

    def thin_out(self, keep: Retention) -> None:
        """Forget what *keep* does not ask for, and free its space.

        The newest of each service stays, and all of the last two days: an update of yesterday
        can be taken back to the very snapshot before it. What a rollback may need stays longer, or
        the backup of the next night would take its place. (Each service has a path of its own.)
        """
        grouped = ("--host", self._host, "--group-by", "host,paths", "--keep-last=1")
        self._restic.run(
            "forget", *grouped, f"--tag={WAY_BACK}", f"--keep-within={_WAY_BACK_DAYS}d"
        )
        self._restic.run(
            *("forget", "--prune", *grouped, f"--keep-tag={WAY_BACK}", "--keep-within=2d"),
            *(f"--keep-daily={keep.daily}", f"--keep-weekly={keep.weekly}"),
            f"--keep-monthly={keep.monthly}",
        )

    def forget_one(self, snapshot: str) -> None:
        """Forget *snapshot*; its data go with the next thinning out."""
        self._restic.run("forget", snapshot)

    def unlock(self) -> None:
        """Take away locks of processes of this machine that are dead, and of others by age."""
        self._restic.run("unlock")

    def _make(self) -> None:
        if self._restic.is_remote:
            self._restic.run("init")
            return
        try:
            self._make_folder(Path(self.place))
        except OSError as error:
            raise RepositoryRefused(self.place, "init", error.strerror or str(error)) from error

    def _make_folder(self, place: Path) -> None:
        """It appears whole: what an interrupted `init` leaves never opens."""
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir() and any(place.iterdir()):
            raise RepositoryRefused(self.place, "init", "the directory holds something else")
        prefix = f".new-{place.name}-"
        for left in place.parent.glob(f"{prefix}*"):  # by one that was killed: nobody else is here
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=place.parent) as beside:
            made = Path(beside, "repository")
            Restic(str(made), self._restic.password).run("init")
            made.rename(place)


def _is_missing(error: RepositoryRefused) -> bool:
    return any(sign in error.why for sign in _NO_REPOSITORY)


def _message(line: str) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
