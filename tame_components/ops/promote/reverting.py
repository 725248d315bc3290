"""Taking back in Git what was rolled back on the host: which commits, on which branch, and why."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from tame_components.domain.base import Frozen
from tame_components.domain.evidence import Evidence
from tame_components.domain.release import Release
from tame_components.ops import git
from tame_components.ops.project import StackFile, find_project
from tame_components.ops.promote.errors import NothingToRevert
from tame_components.ops.promote.history import changes
from tame_components.ops.promote.places import Held, Incident, Places, Record, release_id
from tame_components.ops.revision import DIRTY


_TITLE = 120
_File = TypeVar("_File", bound=Frozen)
_SHAPES = (".", ":(exclude,glob)**/*.md", ":(exclude)docs", ":(exclude)tests", ":(exclude).github")
"""What a deployment can depend on: below the project, and no text, test or workflow."""


class Commit(Frozen):
    """One that is taken back."""

    id: str
    title: str


class Revert(Frozen):
    """What there is to take back. The JSON is stable: keys are added, never renamed."""

    version: int = 1
    stack: str
    held: Held
    previous: Record
    """What runs again."""
    asked: dict[str, str]
    """By service: the images of the held release."""
    changes: tuple[str, ...]
    """In words: what the held release runs otherwise than the previous one."""
    commits: tuple[Commit, ...]
    """The newest first."""
    incident: Incident | None
    """None: a person went back with `tame rollback`."""
    refuted: Evidence | None
    """The gate's run that speaks against the held release."""
    proved: Evidence | None
    """The gate's run that proves the previous one."""
    settles: bool = False
    """Whether the settings ask for the previous release once the branch is merged."""

    @property
    def branch(self) -> str:
        """Where the commits are taken back; one for each release and stack."""
        return f"revert/{self.stack}-{self.held.release}"

    @property
    def title(self) -> str:
        """Of the commit and of the pull request; GitHub takes 256 characters."""
        what = ", ".join(self.changes) or f"release {self.held.release}"
        if len(what) > _TITLE:
            what = f"{self.changes[0]} and {len(self.changes) - 1} more"
        return f"Take back {what}: {self.stack} was rolled back"


def look(stack: StackFile) -> Revert | None:
    """What there is to take back; None where nothing is held that the settings still ask for.

    Raises:
        NothingToRevert: a release is held, but no commit brought it, or it is not in this clone.
        GitRefused: Git does not answer.
    """
    topology, project = stack.topology, stack.path.parent
    places = Places.of(topology)
    held, previous = places.held(), places.current()
    if held is None or previous is None or held.release != release_id(topology):
        return None
    incident, wanted = _read(Incident, held.incident), Release.model_validate(topology.release)
    return Revert(
        stack=stack.stack,
        held=held,
        previous=previous,
        asked=wanted.images,
        changes=tuple(one for one in changes(previous.release, wanted) if one != "programs"),
        commits=_commits(project, stack.stack, held, previous.release.program),
        incident=incident,
        refuted=_read(Evidence, incident.refuted) if incident else None,
        proved=_read(Evidence, incident.evidence if incident else previous.evidence),
    )


def make(project: Path, revert: Revert, message: str) -> Revert:
    """Make the branch, unless it is there; the checkout is not touched.

    Args:
        project: the directory of `Pulumi.yaml`.
        revert: what to take back.
        message: of the commit.

    Returns:
        *revert*, with what the branch's settings ask for.

    Raises:
        NothingToRevert: later commits have taken it back already.
        GitRefused: later commits changed the same lines.
    """
    with git.aside(project) as tree:
        if git.ask(project, "rev-parse", "--verify", "--quiet", f"refs/heads/{revert.branch}"):
            git.do(tree, "reset", "--quiet", "--hard", revert.branch)
        elif git.take_back(tree, [one.id for one in revert.commits], message):
            git.do(tree, "branch", "--no-track", revert.branch, "HEAD")
        else:
            raise NothingToRevert(revert.stack, revert.held.release, "its commits change nothing")
        asked = release_id(find_project(tree).stack_file(revert.stack).topology)
    return revert.model_copy(update={"settles": asked == revert.previous.id})


def _commits(project: Path, stack: str, held: Held, good: str | None) -> tuple[Commit, ...]:
    """Those between the release that runs and the held one; the newest first."""
    bad = held.program or ""
    if not bad or bad.endswith(DIRTY):
        why = "it was deployed from files that are in no commit" if bad else "no commit is noted"
        raise NothingToRevert(stack, held.release, why)
    if git.ask(project, "merge-base", "--is-ancestor", bad, "HEAD") is None:
        raise NothingToRevert(stack, held.release, f"commit `{bad[:8]}` is not in this branch")
    if good == bad:
        raise NothingToRevert(stack, held.release, "the release before is of the same commit")
    log = ("log", "--first-parent", "--format=%H %s")
    one = git.do(project, *log, "--max-count=1", bad)
    # What was skipped on the way, e.g. because a newer push replaced a waiting job, counts too.
    known = good and git.ask(project, "merge-base", "--is-ancestor", good, bad) is not None
    found = git.do(project, *log, f"{good}..{bad}", "--", *_SHAPES) if known else one
    lines = (found or one).splitlines()
    return tuple(Commit(id=line[:40], title=line[41:]) for line in lines)


def _read(kind: type[_File], place: str) -> _File | None:
    try:
        return kind.model_validate_json(Path(place).read_text("utf-8"))
    except (OSError, ValidationError):  # an empty name is a directory
        return None
