"""A small process beside a backup: when the backup dies, it starts what was stopped.

It holds the reading end of a pipe whose writing end only the backup has. The kernel closes that
end however the backup ends, SIGKILL included; then the journal says what is owed. Until that
moment nothing but the standard library is loaded. A guardian that dies too leaves the debt to the
next `tame backup` or `tame restore`.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


_PATIENCE = 1.0
"""Seconds to wait for the lock: who has it has recovered already."""


@contextlib.contextmanager
def guarded(root: Path, stack: str, engine: str) -> Iterator[None]:
    """Whatever happens to this process inside, what the journal owes is paid.

    Args:
        root: the workplace's.
        stack: its name.
        engine: where the containers are.
    """
    with (
        (root / "guardian.log").open("ab") as log,
        # A session of its own: neither Ctrl-C nor a closed terminal ends it.
        subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(root), stack, engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        ) as guardian,
    ):
        assert guardian.stdin is not None  # noqa: S101 - it was asked for
        try:
            yield
        finally:
            guardian.stdin.close()
            guardian.wait()  # after Ctrl-C, too: it may have something to start


def main(root: str, stack: str, engine: str) -> int:
    """Wait for the end of the other process, then pay what it owes."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    if not Path(root, "journal.json").exists():
        return 0
    return _pay(root, stack, engine)


def _pay(root: str, stack: str, host: str) -> int:
    # Imported here: most guardians never need it.
    from tame_components.domain.errors import TameError  # noqa: PLC0415 - see above
    from tame_components.ops.engine import connect  # noqa: PLC0415 - see above
    from tame_components.ops.snapshots.errors import SnapshotsBusy  # noqa: PLC0415 - see above
    from tame_components.ops.snapshots.places import Workplace  # noqa: PLC0415 - see above
    from tame_components.ops.snapshots.recovery import recover  # noqa: PLC0415 - see above

    place = Workplace(Path(root), stack)
    try:
        with place.held(_PATIENCE):
            recover(place, lambda: connect(host))
    except SnapshotsBusy:
        return 0
    except TameError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
