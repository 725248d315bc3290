"""Git's answers about a directory, and taking commits back without touching the checkout."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tame_components.ops.errors import GitRefused


_ASKED, _DONE = 10.0, 60.0
"""Seconds for an answer, and for work."""
_ALONE = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false")
"""What a person has set up for their own commits is not asked of a program's."""
_NOBODY = ("-c", "user.name=tame", "-c", "user.email=tame@users.noreply.github.com")
_MERGE = 2


def ask(directory: Path, *arguments: str) -> str | None:
    """What Git prints; None where it refuses, is not installed, or takes longer than 10 s."""
    try:
        done = _run(directory, arguments, _ASKED)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def do(directory: Path, *arguments: str) -> str:
    """What Git prints.

    Raises:
        GitRefused: it failed, is not installed, or takes longer than a minute.
    """
    try:
        done = _run(directory, arguments, _DONE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitRefused(arguments, str(error)) from error
    if done.returncode != 0:
        raise GitRefused(arguments, done.stderr or done.stdout)
    return done.stdout.strip()


@contextlib.contextmanager
def aside(directory: Path) -> Iterator[Path]:
    """A second work tree of the repository of *directory*, at its commit; gone at the end.

    Yields:
        The directory in it that is *directory* here.

    Raises:
        GitRefused: *directory* is in no repository.
    """
    inner = do(directory, "rev-parse", "--show-prefix")
    do(directory, "worktree", "prune")  # of runs that were killed
    with tempfile.TemporaryDirectory(prefix="tame-revert-") as place:
        tree = Path(place) / "tree"
        do(directory, "worktree", "add", "--quiet", "--detach", str(tree), "HEAD")
        try:
            yield tree / inner
        finally:
            ask(directory, "worktree", "remove", "--force", str(tree))


def take_back(tree: Path, commits: Sequence[str], message: str) -> bool:
    """Commit the reverse of *commits* in the work tree *tree*; False: nothing is left of them.

    Args:
        tree: nobody else's; what is not committed in it may be lost.
        commits: the newest first. Of a merge, what it brought to the branch is taken back.
        message: of the one commit that is made.

    Raises:
        GitRefused: a later commit changed the same lines.
    """
    for one in commits:
        parents = do(tree, "rev-list", "--parents", "--max-count=1", one).split()[1:]
        main = ("--mainline", "1") if len(parents) >= _MERGE else ()
        do(tree, "revert", "--no-commit", *main, one)
    if ask(tree, "diff", "--cached", "--quiet") is not None:
        return False
    who = () if ask(tree, "config", "user.email") else _NOBODY
    do(tree, *_ALONE, *who, "commit", "--quiet", "--message", message)
    return True


def _run(
    directory: Path, arguments: Sequence[str], patience: float
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["git", "-C", str(directory), *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=patience,
        check=False,
    )
