"""Which revision of the programs lies in a directory."""

import subprocess
from pathlib import Path


_PATIENCE = 10.0


def revision_of(project: Path) -> str | None:
    """The Git commit of *project*, `-dirty` behind it where files differ; None without Git."""
    commit = _git(project, "rev-parse", "HEAD")
    if not commit:
        return None
    return f"{commit}-dirty" if _git(project, "status", "--porcelain", "--", ".") else commit


def _git(project: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(project), *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
