"""Updates as pull requests: one for each application, of every stack that runs it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tame_components.catalog import catalog
from tame_components.domain.lock import lock_file
from tame_components.ops.pins.moving import Move, lock_after
from tame_components.ops.pins.proposal_text import Told, body
from tame_components.rules.compatibility import known_facts


_BRANCHES = "pins/"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A newer release of one application, or of two that only go together."""

    name: str
    """The application's, in the catalog."""
    tag: str
    moves: tuple[Move, ...]

    @property
    def branch(self) -> str:
        """The same each night: by it a proposal is found again."""
        return f"{_BRANCHES}{self.name}-{self.tag}"

    @property
    def title(self) -> str:
        """Of the pull request and of the commit."""
        titles = dict.fromkeys(catalog()[move.pin.app].title for move in self.moves)
        return f"{' and '.join(titles)} {self.tag}"


def proposals(moving: Iterable[Move]) -> tuple[Proposal, ...]:
    """*moving*, put together by application and release."""

    def key(move: Move) -> tuple[str, str]:
        return _leader(move.pin.app), move.target.tag or ""

    grouped = groupby(sorted(moving, key=key), key)  # sorting keeps the order of the stacks
    return tuple(Proposal(name, tag, tuple(group)) for (name, tag), group in grouped)


def older(proposal: Proposal, branches: Mapping[str, str]) -> Iterator[str]:
    """Those of *branches* (and what each is called) that *proposal* makes superfluous."""
    grammar = catalog()[proposal.name].tags
    wanted = grammar.order(proposal.tag) if grammar else None
    if grammar is None or wanted is None:
        return
    start = f"{_BRANCHES}{proposal.name}-"
    for branch, called in sorted(branches.items()):
        order = grammar.order(branch.removeprefix(start)) if branch.startswith(start) else None
        if order is not None and order < wanted:
            yield called


def put(proposal: Proposal, told: Told, directory: Path, project: Path) -> Path:
    """What a pull request of *proposal* needs, in a folder of its own below *directory*.

    `branch`, `title`, `body.md`, and in `files` the lock of each stack that moves.
    """
    place = directory / f"{proposal.name}-{proposal.tag}"
    (place / "files").mkdir(parents=True, exist_ok=True)
    (place / "branch").write_text(f"{proposal.branch}\n", "utf-8")
    (place / "title").write_text(f"{proposal.title}\n", "utf-8")
    (place / "body.md").write_text(body(proposal.title, proposal.moves, told), "utf-8")
    for stack in dict.fromkeys(move.stack for move in proposal.moves):
        text = lock_after(project, stack, proposal.moves).text()
        lock_file(place / "files", stack).write_text(text, "utf-8")
    return place


def _leader(app: str) -> str:
    """Who *app* moves with: a Tdarr node takes no server of another version."""
    for fact in known_facts():
        if fact.same and fact.second and fact.second.app == app:
            return fact.first.app
    return app
