"""A clone and where it pushes to, and scripts of `ci/` in it while the hosted service is played."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from testbed.act import hosted


GH = hosted.find_gh(os.environ["PATH"])
MISSING = GH is None or shutil.which("git") is None
"""Whether a program is missing, so that nothing of this can run."""
NOBODY = {
    **{f"GIT_{who}_NAME": "nobody" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "nobody@example.org" for who in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}
"""Git without the settings of the person who runs the tests."""
TOKEN = "hidden"  # noqa: S105 - of a service that is played
_OWN = {"GH_TOKEN": TOKEN, "GITHUB_REPOSITORY": "home/media"}


class Run(Protocol):
    """A script in the clone."""

    def __call__(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it with *words*; *environment* is added to its own."""


class Checkout:
    """A clone on the branch `trunk`, which origin calls its default."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.origin, self.here = home / "origin.git", home / "here"
        git(home, "init", "--quiet", "--bare", "--initial-branch", "trunk", str(self.origin))
        git(home, "clone", "--quiet", str(self.origin), str(self.here))
        self.git("switch", "--quiet", "--create", "trunk")
        self.commit("first")
        self.git("push", "--quiet", "origin", "trunk")

    def git(self, *words: str) -> str:
        """What Git says in the clone."""
        return git(self.here, *words)

    def commit(self, message: str) -> None:
        """Everything that is there, and be it nothing new."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def pushed(self, branch: str) -> bool:
        """Whether origin has *branch*."""
        return bool(git(self.origin, "branch", "--list", branch))

    @property
    def kept(self) -> Path:
        """Where the hosted service keeps pull requests."""
        return self.home / "pulls.json"

    @property
    def pulls(self) -> list[dict[str, Any]]:
        """Every pull request."""
        found: list[dict[str, Any]] = []
        if self.kept.exists():
            found = json.loads(self.kept.read_text())
        return found

    @contextmanager
    def running(self, script: Path, **hosting: Any) -> Iterator[Run]:
        """*script*, with GitHub's command line; *hosting* as `hosted.comments` takes it."""
        own = self.home / "bin"
        with hosted.comments(
            self.home / "comments.json", repository=self.origin, **hosting
        ) as address:
            assert GH is not None
            hosted.write_wrapper(own, GH, address)
            plain = {"PATH": f"{own}:{os.environ['PATH']}", "HOME": str(self.home), **NOBODY}

            def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
                return subprocess.run(
                    [script, *words],
                    cwd=self.here,
                    env={**plain, **_OWN, **environment},
                    capture_output=True,
                    text=True,
                    check=False,
                )

            yield run


def git(directory: Path, *words: str) -> str:
    """What Git says in *directory*."""
    done = subprocess.run(
        ["git", *words],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": str(directory), **NOBODY},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
