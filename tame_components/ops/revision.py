"""Which revision of the programs lies in a directory."""

from pathlib import Path

from tame_components.ops.git import ask


DIRTY = "-dirty"


def revision_of(project: Path) -> str | None:
    """The Git commit of *project*, `-dirty` behind it where files differ; None without Git."""
    commit = ask(project, "rev-parse", "HEAD")
    if not commit:
        return None
    return commit + DIRTY if ask(project, "status", "--porcelain", "--", ".") else commit
